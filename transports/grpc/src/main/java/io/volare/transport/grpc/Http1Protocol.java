package io.volare.transport.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.volare.transport.netty.Protocol;
import io.volare.transport.netty.ServerPort;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** HTTP/1.1, as browsers speak it where they do not speak HTTP/2. Thread-safe. */
final class Http1Protocol implements Protocol {
  private static final List<byte[]> METHODS =
      List.of(
          bytes("POST "),
          bytes("OPTIONS "),
          bytes("GET "),
          bytes("HEAD "),
          bytes("PUT "),
          bytes("PATCH "),
          bytes("DELETE "));

  private final GrpcProtocol grpc;

  Http1Protocol(GrpcProtocol grpc) {
    this.grpc = grpc;
  }

  private static byte[] bytes(String method) {
    return method.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public String name() {
    return "gRPC-Web";
  }

  @Override
  public Set<String> alpn() {
    return Set.of("http/1.1");
  }

  /** Whoever names nothing speaks HTTP/1.1, if HTTP at all. */
  @Override
  public boolean withoutAlpn() {
    return true;
  }

  @Override
  public Match match(ByteBuf first) {
    Match best = Match.NO;
    for (byte[] method : METHODS) {
      Match match = Match.startsWith(first, method);
      if (match == Match.YES) {
        return match;
      }
      best = match == Match.MORE ? match : best;
    }
    return best;
  }

  @Override
  public Connection open(Channel channel, ServerPort port) {
    ServerConnection connection = grpc.connection(channel, port);
    Http1Bridge bridge = new Http1Bridge(grpc.config(), connection.peer(), grpc.log());
    channel
        .pipeline()
        .addLast(
            new Http1Requests(bridge, grpc.config().headerListBytes()),
            new HttpResponseEncoder(),
            bridge,
            connection);
    return connection;
  }

  @Override
  public String toString() {
    return "gRPC-Web " + grpc;
  }
}
