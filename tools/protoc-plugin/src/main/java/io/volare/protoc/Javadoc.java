package io.volare.protoc;

import java.util.ArrayList;
import java.util.List;

/** A comment of an IDL, which is plain text, as Javadoc, which is not. */
final class Javadoc {
  private Javadoc() {}

  /** {@return the comment's lines; blank ones between them begin paragraphs} */
  static String of(String comment) {
    List<String> lines = new ArrayList<>();
    boolean gap = false;
    for (String line : comment.strip().split("\n")) {
      String text = line.strip();
      if (text.startsWith("* ") || text.equals("*")) {
        text = text.substring(1).strip();
      }
      if (text.isEmpty()) {
        gap = !lines.isEmpty();
        continue;
      }
      if (gap) {
        lines.add("");
      }
      lines.add((gap ? "<p>" : "") + escaped(text));
      gap = false;
    }
    return String.join("\n", lines);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("\\", "&#92;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("@", "&#64;")
        .replace("*/", "*&#47;")
        .replace("{", "&#123;");
  }
}
