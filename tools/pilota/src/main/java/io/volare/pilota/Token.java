package io.volare.pilota;

/** A piece of an IDL; {@code doc} is the comment right before it, or empty. */
record Token(Kind kind, String text, String doc, Position position) {
  enum Kind {
    NAME,
    INTEGER,
    DOUBLE,
    STRING,
    SYMBOL,
    END
  }

  boolean is(String wanted) {
    return kind != Kind.STRING && text.equals(wanted);
  }

  String described() {
    return switch (kind) {
      case END -> "the end of the file";
      case STRING -> "the string \"" + text + "\"";
      default -> "'" + text + "'";
    };
  }
}
