package io.volare.transport.grpc;

import io.volare.rpc.EndpointHealth;
import io.volare.transport.netty.Connector;
import io.volare.transport.netty.Loops;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** What all connections of one client share. Thread-safe. */
final class ClientCore {
  private final GrpcClientConfig config;
  private final EndpointHealth health;
  private final Connector connector;
  private final Set<ClientConnection> open = ConcurrentHashMap.newKeySet();
  private volatile boolean stopped;

  ClientCore(GrpcClientConfig config, EndpointHealth health, Loops loops) {
    this.config = config;
    this.health = health;
    this.connector = Connector.of(loops, config.connectTimeout());
  }

  GrpcClientConfig config() {
    return config;
  }

  EndpointHealth health() {
    return health;
  }

  Connector connector() {
    return connector;
  }

  /** Called on its loop; a connection that opens after the end is closed again. */
  void opened(ClientConnection connection) {
    open.add(connection);
    if (stopped) {
      connection.closeNow("the client was stopped");
    }
  }

  void closed(ClientConnection connection) {
    open.remove(connection);
  }

  int open() {
    return open.size();
  }

  int streams() {
    int streams = 0;
    for (ClientConnection connection : open) {
      streams += connection.used();
    }
    return streams;
  }

  void stop() {
    stopped = true;
    open.forEach(connection -> connection.closeNow("the client was stopped"));
  }
}
