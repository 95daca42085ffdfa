package io.volare.pilota;

/** A Java source that is being written, line by line; braces indent. */
final class Source {
  private final StringBuilder text = new StringBuilder();
  private int indent;

  Source line(String line) {
    if (line.startsWith("}")) {
      indent--;
    }
    if (line.isEmpty()) {
      text.append('\n');
    } else {
      text.append("  ".repeat(indent)).append(line).append('\n');
    }
    if (line.endsWith("{")) {
      indent++;
    }
    return this;
  }

  Source line(String format, Object... arguments) {
    return line(String.format(format, arguments));
  }

  Source blank() {
    return line("");
  }

  /** Writes the lines of another source, indented as this one is. */
  Source nested(Source other) {
    for (String each : other.text.toString().split("\n")) {
      text.append(each.isEmpty() ? "" : "  ".repeat(indent)).append(each).append('\n');
    }
    return this;
  }

  /** Writes a Javadoc comment, if there is something to say. */
  Source doc(String comment, String otherwise) {
    String said = comment.isBlank() ? otherwise : comment;
    String[] lines = escaped(said).split("\n");
    if (lines.length == 1) {
      return line("/** " + lines[0].strip() + " */");
    }
    line("/**");
    for (String each : lines) {
      line(each.isBlank() ? " *" : " * " + each.strip());
    }
    return line(" */");
  }

  private static String escaped(String comment) {
    return comment
        .replace("&", "&amp;")
        .replace("\\", "&#92;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("@", "&#64;")
        .replace("*/", "*&#47;")
        .replace("{", "&#123;");
  }

  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> quoted.append('\\').append(c);
        case '\n' -> quoted.append("\\n");
        case '\r' -> quoted.append("\\r");
        case '\t' -> quoted.append("\\t");
        default -> quoted.append(c < 0x20 || c > 0x7e ? String.format("\\u%04x", (int) c) : c);
      }
    }
    return quoted.append('"').toString();
  }

  /** {@return the whole file} */
  String file(String origin, String javaPackage, JavaTypes types) {
    StringBuilder file = new StringBuilder();
    file.append("// Generated from ").append(origin).append(" by Volare. Changes here are lost.\n");
    file.append("package ").append(javaPackage).append(";\n\n");
    int before = file.length();
    for (String name : types.imports()) {
      if (!name.startsWith("java.lang.")) {
        file.append("import ").append(name).append(";\n");
      }
    }
    if (file.length() > before) {
      file.append('\n');
    }
    return file.append(text).toString();
  }
}
