package io.volare.pilota;

/** An IDL that cannot be compiled. The message names the file, the line and the column. */
public final class IdlException extends Exception {
  private static final long serialVersionUID = 1;

  /** Where. */
  private final transient Position position;

  IdlException(Position position, String what) {
    super(position + ": " + what + position.excerpt());
    this.position = position;
  }

  /** {@return the file as it was named} */
  public String file() {
    return position.file();
  }

  /** {@return the line, from 1; 0 if the whole file is meant} */
  public int line() {
    return position.line();
  }

  /** {@return the column, from 1} */
  public int column() {
    return position.column();
  }
}
