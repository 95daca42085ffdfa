package io.volare.transport.grpc;

import io.netty.util.AsciiString;
import io.volare.rpc.EndpointHealth;
import io.volare.transport.netty.Connector;
import io.volare.transport.netty.Loops;
import io.volare.transport.netty.TlsClientConfig;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What all connections of one client share. Thread-safe. */
final class ClientCore {
  private final GrpcClientConfig config;
  private final EndpointHealth health;
  private final Connector connector;
  private final AsciiString scheme;
  private final Set<ClientConnection> open = ConcurrentHashMap.newKeySet();
  private volatile boolean stopped;

  ClientCore(
      GrpcClientConfig config, EndpointHealth health, Loops loops, @Nullable TlsClientConfig tls) {
    this.config = config;
    this.health = health;
    Connector plain = Connector.of(loops, config.connectTimeout());
    this.connector = tls == null ? plain : plain.withTls(tls, Set.of("h2"));
    this.scheme = tls == null ? GrpcHeaders.HTTP : GrpcHeaders.HTTPS;
  }

  GrpcClientConfig config() {
    return config;
  }

  EndpointHealth health() {
    return health;
  }

  AsciiString scheme() {
    return scheme;
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

  /** {@return connections that take calls} */
  int taking() {
    return (int) open.stream().filter(ClientConnection::isTaking).count();
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
