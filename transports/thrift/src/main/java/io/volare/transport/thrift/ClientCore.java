package io.volare.transport.thrift;

import io.volare.rpc.EndpointHealth;
import io.volare.transport.netty.Connector;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What all connections of one client share. Thread-safe. */
final class ClientCore {
  private final ThriftClientConfig config;
  private final EndpointHealth health;
  private final Connector connector;
  private final Set<ClientConnection> open = ConcurrentHashMap.newKeySet();
  private final LongAdder dropped = new LongAdder();
  private volatile boolean stopped;

  ClientCore(ThriftClientConfig config, EndpointHealth health, Connector connector) {
    this.config = config;
    this.health = health;
    this.connector = connector;
  }

  ThriftClientConfig config() {
    return config;
  }

  EndpointHealth health() {
    return health;
  }

  Connector connector() {
    return connector;
  }

  void countDropped() {
    dropped.increment();
  }

  long dropped() {
    return dropped.sum();
  }

  /** Called on its loop; a connection that opens after the end is closed again. */
  void opened(ClientConnection connection) {
    open.add(connection);
    if (stopped) {
      connection.close();
    }
  }

  void closed(ClientConnection connection) {
    open.remove(connection);
  }

  int open() {
    return open.size();
  }

  int pending() {
    int pending = 0;
    for (ClientConnection connection : open) {
      pending += connection.pending().size();
    }
    return pending;
  }

  void stop() {
    stopped = true;
    open.forEach(ClientConnection::close);
  }
}
