package io.volare.benchmarks;

import io.netty.buffer.ByteBuf;

/**
 * How calls look on one connection: all that {@link FrameLoad} must know of a protocol. A call has
 * a number, which counts up on each connection from 0. Belongs to the event loop of its connection.
 */
interface Wire {
  /** Writes what comes before all calls. */
  default void begin(Link link) {}

  /** {@return whether calls may be sent already} */
  default boolean isOpen() {
    return true;
  }

  /**
   * Writes a call.
   *
   * @throws IllegalStateException if the connection has no numbers left
   */
  void call(Link link, int number);

  /**
   * Takes the whole frames of what arrived, and leaves the rest.
   *
   * @throws IllegalStateException if the peer says what it should not
   */
  void read(Link link, ByteBuf in);

  /** What a protocol sees of its connection. */
  interface Link {
    /**
     * {@return where the next {@code bytes} are to be written; they are sent with the next flush}
     */
    ByteBuf room(int bytes);

    /**
     * The answer to a call came, and it is as it should be.
     *
     * @throws IllegalStateException if the call is not in flight
     */
    void answered(int number);

    /**
     * {@return where to keep something for a call, its own while it is in flight; or -1 if it is
     * not}
     */
    int place(int number);
  }
}
