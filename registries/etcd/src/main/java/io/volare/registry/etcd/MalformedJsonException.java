package io.volare.registry.etcd;

/** Thrown for a text that is not JSON. */
final class MalformedJsonException extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedJsonException(int at, int length, String expected) {
    super("malformed JSON at character " + at + " of " + length + " (expected: " + expected + ")");
  }
}
