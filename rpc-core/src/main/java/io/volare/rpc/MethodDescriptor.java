package io.volare.rpc;

/**
 * What is known about a method before any call: its names, its shape, and whether it may be run
 * twice. Each codec extends it by the two codecs that the method's messages need. Immutable.
 */
public interface MethodDescriptor {
  /** {@return the service's name, as the IDL has it} */
  String service();

  /** {@return the method's name on the wire} */
  String name();

  /** {@return which sides stream} */
  Kind kind();

  /** {@return whether running it twice does what running it once does} */
  boolean idempotent();

  /** {@return {@code service/method}} */
  default String fullName() {
    return service() + "/" + name();
  }

  /** The shapes of a method. */
  enum Kind {
    /** One request, one response. */
    UNARY,
    /** One request, nothing comes back. */
    ONEWAY,
    /** Many requests, one response. */
    CLIENT_STREAM,
    /** One request, many responses. */
    SERVER_STREAM,
    /** Many of both, in any order. */
    BIDI_STREAM;

    /** {@return whether a side sends more than one message} */
    public boolean isStream() {
      return this != UNARY && this != ONEWAY;
    }
  }
}
