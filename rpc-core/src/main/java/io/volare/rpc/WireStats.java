package io.volare.rpc;

/**
 * What one attempt cost on the wire. Written by the transport, read by layers after the call; owned
 * by the thread of the attempt.
 */
public final class WireStats {
  private int requestBytes;
  private int responseBytes;
  private long sentNanos;

  WireStats() {}

  /** {@return bytes of the encoded request with its headers; 0 if none was encoded} */
  public int requestBytes() {
    return requestBytes;
  }

  /** {@return bytes of the response with its headers; 0 if none arrived} */
  public int responseBytes() {
    return responseBytes;
  }

  /**
   * {@return when the request was handed to the connection, on the monotonic clock; 0 if it was
   * not}
   */
  public long sentNanos() {
    return sentNanos;
  }

  /** Notes that a request of {@code bytes} was handed to the connection. */
  public void sent(int bytes, long nanos) {
    requestBytes = bytes;
    sentNanos = nanos;
  }

  /** Notes that a response of {@code bytes} has arrived. */
  public void received(int bytes) {
    responseBytes = bytes;
  }
}
