package io.volare.protoc;

/**
 * An IDL that cannot become Java, or a protoc that cannot be run. The message says which and why.
 */
public final class ProtocException extends Exception {
  private static final long serialVersionUID = 1;

  ProtocException(String message) {
    super(message);
  }

  ProtocException(String message, Throwable cause) {
    super(message, cause);
  }
}
