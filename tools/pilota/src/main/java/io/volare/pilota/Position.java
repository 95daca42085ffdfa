package io.volare.pilota;

/** A place in an IDL file, with the text of its line for messages. */
record Position(String file, int line, int column, String text) {
  @Override
  public String toString() {
    return line == 0 ? file : file + ":" + line + ":" + column;
  }

  String excerpt() {
    return line == 0 ? "" : "\n  " + text + "\n  " + " ".repeat(Math.max(0, column - 1)) + "^";
  }
}
