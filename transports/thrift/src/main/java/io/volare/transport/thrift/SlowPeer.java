package io.volare.transport.thrift;

/**
 * What waits for a peer that does not take its replies as they come. Belongs to the connection's
 * event loop, but for {@link #bytes}.
 */
final class SlowPeer {
  private final ServerConnection connection;
  private final Unsent unsent;

  /** When it last took something of what waits; 0 while nothing does. */
  private long takenNanos;

  /** Read by other loops, which look for the connection that holds most. */
  private volatile long bytes;

  SlowPeer(ServerConnection connection, Unsent unsent) {
    this.connection = connection;
    this.unsent = unsent;
  }

  /** Counts what waits now in the server's total, and notes whether any was taken. */
  void waits(long now, long waits) {
    if (waits == 0) {
      takenNanos = 0;
    } else if (takenNanos == 0 || waits < bytes) {
      takenNanos = now;
    }
    unsent.move(connection, bytes, waits);
    bytes = waits;
  }

  /** {@return whether something waits of which nothing was taken for so long} */
  boolean isStalled(long now, long stalledNanos) {
    return takenNanos != 0 && now - takenNanos > stalledNanos;
  }

  /** {@return bytes that wait for it, as far as its loop has told} */
  long bytes() {
    return bytes;
  }
}
