package io.volare.transport.thrift;

import java.util.Collection;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The replies that wait for slow peers, all connections of a server together. Thread-safe.
 *
 * <p>Only connections whose channel is not writable are counted, so a call of a peer that reads
 * pays nothing. Beyond the limit the connection that holds most is closed: one slow peer, or a
 * thousand of them, cannot take the memory of the others.
 */
final class Unsent {
  private final long mostBytes;
  private final Collection<ServerConnection> connections;
  private final AtomicLong bytes = new AtomicLong();

  Unsent(long mostBytes, Collection<ServerConnection> connections) {
    this.mostBytes = mostBytes;
    this.connections = connections;
  }

  /** One connection holds {@code now} bytes instead of {@code before}. */
  void move(ServerConnection connection, long before, long now) {
    if (before == now) {
      return;
    }
    long all = bytes.addAndGet(now - before);
    if (now > before && all > mostBytes) {
      connections.stream()
          .max(Comparator.comparingLong(ServerConnection::waitingBytes))
          .filter(most -> most.waitingBytes() >= now)
          .orElse(connection)
          .closeAs("%d B of replies wait for slow peers (limit: %d B)".formatted(all, mostBytes));
    }
  }
}
