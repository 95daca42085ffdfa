package io.volare.protoc;

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

  /** Writes a Javadoc comment: what the IDL says, or else {@code otherwise}. */
  Source doc(String comment, String otherwise) {
    String said = comment.isBlank() ? otherwise : Javadoc.of(comment);
    String[] lines = said.split("\n");
    if (lines.length == 1) {
      return line("/** " + lines[0] + " */");
    }
    line("/**");
    for (String each : lines) {
      line(each.isEmpty() ? " *" : " * " + each);
    }
    return line(" */");
  }

  /** {@return the whole file} */
  String file(String origin, String javaPackage, JavaTypes types) {
    StringBuilder file = new StringBuilder();
    file.append("// Generated from ").append(origin).append(" by Volare. Changes here are lost.\n");
    if (!javaPackage.isEmpty()) {
      file.append("package ").append(javaPackage).append(";\n");
    }
    file.append('\n');
    int before = file.length();
    types.imports().forEach(name -> file.append("import ").append(name).append(";\n"));
    if (file.length() > before) {
      file.append('\n');
    }
    return file.append(text).toString();
  }
}
