package io.volare.transport.grpc;

import java.util.Collection;
import java.util.Comparator;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The responses that wait for slow peers, all connections of a server together. Thread-safe.
 *
 * <p>Only what a connection holds beyond a free part counts, so a call of a peer that reads pays
 * nothing. Beyond the limit the connection that holds most is closed: one slow peer, or a thousand
 * of them, cannot take the memory of the others.
 */
final class UnsentTotal {
  private final long mostBytes;
  private final Collection<ServerConnection> connections;
  private final AtomicLong bytes = new AtomicLong();

  UnsentTotal(long mostBytes, Collection<ServerConnection> connections) {
    this.mostBytes = mostBytes;
    this.connections = connections;
  }

  void add(long more) {
    long all = bytes.addAndGet(more);
    if (more > 0 && all > mostBytes) {
      closeLargest(all);
    }
  }

  private void closeLargest(long all) {
    long closing =
        connections.stream()
            .filter(ServerConnection::isClosing)
            .mapToLong(connection -> connection.room().takenBytes())
            .sum();
    if (all - closing <= mostBytes) {
      return;
    }
    connections.stream()
        .filter(connection -> !connection.isClosing())
        .max(Comparator.comparingLong(connection -> connection.room().takenBytes()))
        .ifPresent(most ->
            most.closeSoon(
                "%d B of responses wait for slow peers (limit: %d B)".formatted(all, mostBytes)));
  }
}
