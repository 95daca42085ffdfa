package io.volare.transport.thrift;

import org.jspecify.annotations.Nullable;

/**
 * Who a request comes from, as far as its header shows: the implementations disagree on two forms
 * of a reply, and each gets the one it reads.
 *
 * <p>Kitex's clients send the numbers 1, 20 and 22; Volo's send 11 and 16 and none of those. In
 * doubt the peer is taken for Volo, whose multiplexing client loses every pending call over the
 * other form.
 */
enum Peer {
  /** Sends what either of the others sends, so that each server takes it for its own. */
  VOLARE,
  KITEX,
  VOLO,
  OTHER;

  static Peer of(Frame frame) {
    TtHeader header = frame.header();
    if (header == null) {
      return OTHER;
    }
    boolean volo = header.has(IntKey.DEST_ADDRESS) || header.has(IntKey.WITH_MESH_HEADER);
    if (header.has(IntKey.FROM_METHOD) || header.has(IntKey.MESSAGE_TYPE)) {
      return volo ? VOLARE : KITEX;
    }
    return volo ? VOLO : OTHER;
  }

  /**
   * {@return whether a client that multiplexes understands a control frame} Kitex's (0.16.3) runs
   * into a null pointer over one, and Volo's takes it for the reply of a method it does not know:
   * both then cut the connection with every call that is pending on it.
   */
  boolean readsControlFrames() {
    return this == VOLARE || this == OTHER;
  }

  boolean wantsVoloBusinessErrors() {
    return this == VOLO || this == OTHER;
  }

  /** {@return the name of a backward value without its prefix, or null if the peer needs none} */
  @Nullable String rawName(String key) {
    return this == KITEX || this == OTHER ? key : null;
  }
}
