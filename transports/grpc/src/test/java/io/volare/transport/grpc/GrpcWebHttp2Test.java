package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Headers;
import io.volare.rpc.Address;
import io.volare.transport.netty.ServerPort;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** gRPC-Web over HTTP/2, frame by frame, on a connection that carries gRPC too. */
@Timeout(30)
class GrpcWebHttp2Test {
  private static final String PAGE = "https://app.example";

  private GrpcServer server;
  private RawPeer peer;

  @BeforeEach
  void start() throws Exception {
    server = server(true);
    peer = RawPeer.connect(server.endpoint());
  }

  private static GrpcServer server(boolean web) {
    GrpcServer.Builder builder =
        GrpcServer.builder(Address.tcp("127.0.0.1", 0))
            .service(EchoService.binding(EchoService::answer));
    GrpcServer made =
        (web ? builder.web(GrpcWebConfig.DEFAULT.withOrigins(PAGE).withCredentials(true)) : builder)
            .build();
    made.start();
    return made;
  }

  @AfterEach
  void stop() throws Exception {
    peer.close();
    server.stop();
  }

  private static ByteBuf head(String method, String type, String... more) {
    return RawPeer.block(
            ":method",
            "POST",
            ":scheme",
            "http",
            ":path",
            "/test.Echo/" + method,
            ":authority",
            "test",
            "content-type",
            type)
        .writeBytes(RawPeer.block(more));
  }

  /** {@return the whole body of a stream, up to its end} */
  private byte[] body(int stream) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (RawPeer.Frame frame = peer.await(RawPeer.DATA); ; frame = peer.await(RawPeer.DATA)) {
      assertThat(frame.stream()).isEqualTo(stream);
      body.writeBytes(frame.payload());
      if (frame.ends()) {
        return body.toByteArray();
      }
    }
  }

  private Http1Peer.Response response(int stream) throws IOException {
    Http2Headers head = Objects.requireNonNull(peer.await(RawPeer.HEADERS).headers());
    byte[] body = body(stream);
    boolean text = head.get("content-type").toString().contains("text");
    int status = Integer.parseInt(head.status().toString());
    return new Http1Peer.Response(status, Map.of(), text ? WebClient.decoded(body) : body);
  }

  @Test
  void answersBesideGrpcOnTheSameConnection() throws Exception {
    peer.unary(1, "native").flush();
    assertThat(peer.trailers(1).get("grpc-status")).hasToString("0");

    peer.headers(3, false, head("Unary", "application/grpc-web")).message(3, true, "web").flush();
    Http1Peer.Response binary = response(3);
    assertThat(binary.messages().getFirst()).endsWith("web".getBytes("US-ASCII"));
    assertThat(binary.trailers()).isEqualTo("grpc-status: 0\r\n");

    byte[] text = Http1Peer.base64(io.netty.buffer.ByteBufUtil.getBytes(RawPeer.framed("text")));
    peer.headers(5, false, head("Unary", "application/grpc-web-text"));
    for (int i = 0; i < text.length; i++) { // a character a frame
      ByteBuf one = Unpooled.wrappedBuffer(text, i, 1);
      peer.frame(RawPeer.DATA, i == text.length - 1 ? RawPeer.END_STREAM : 0, 5, one);
    }
    peer.flush();
    assertThat(response(5).messages().getFirst()).endsWith("text".getBytes("US-ASCII"));

    peer.stillServes(7);
  }

  @Test
  void streamsTakeTurnsAsTheyDoWithGrpc() throws Exception {
    peer.headers(1, false, head("Down", "application/grpc-web-text"));
    ByteBuf five = RawPeer.framed("5");
    byte[] text = Http1Peer.base64(io.netty.buffer.ByteBufUtil.getBytes(five));
    peer.frame(RawPeer.DATA, RawPeer.END_STREAM, 1, Unpooled.wrappedBuffer(text)).flush();

    assertThat(response(1).messages()).hasSize(6);
  }

  @Test
  void aBodyThatIsNoBase64EndsItsCallOnly() throws Exception {
    peer.headers(1, false, head("Unary", "application/grpc-web-text"))
        .message(1, true, "bytes")
        .flush();

    assertThat(response(1).trailers()).contains("grpc-status: 13\r\n");
    peer.stillServes(3);
  }

  @Test
  void aPreflightIsAnsweredAtOnce() throws Exception {
    peer.headers(
            1,
            true,
            RawPeer.block(
                ":method",
                "OPTIONS",
                ":scheme",
                "http",
                ":path",
                "/test.Echo/Unary",
                ":authority",
                "test",
                "origin",
                PAGE,
                "access-control-request-method",
                "POST"))
        .flush();

    RawPeer.Frame answer = peer.await(RawPeer.HEADERS);
    assertThat(answer.ends()).isTrue();
    Http2Headers head = Objects.requireNonNull(answer.headers());
    assertThat(head.status()).hasToString("204");
    assertThat(head.get("access-control-allow-credentials")).hasToString("true");
    peer.stillServes(3);
  }

  @Test
  void aServerThatWasNotAskedAnswersThatItIsNoGrpc() throws Exception {
    GrpcServer plain = server(false);
    try (RawPeer other = RawPeer.connect(plain.endpoint())) {
      other.headers(1, false, head("Unary", "application/grpc-web")).message(1, true, "x").flush();

      assertThat(Objects.requireNonNull(other.await(RawPeer.HEADERS).headers()).status())
          .hasToString("415");
    } finally {
      plain.stop();
    }
  }

  @Test
  void bothVersionsOfHttpShareAPort() throws Exception {
    GrpcProtocol grpc =
        GrpcProtocol.builder()
            .service(EchoService.binding(EchoService::answer))
            .web(GrpcWebConfig.DEFAULT)
            .build();
    ServerPort port =
        ServerPort.builder(Address.tcp("127.0.0.1", 0)).offer(grpc).offer(grpc.overHttp1()).build();
    port.start();
    try (RawPeer http2 = RawPeer.connect(port.endpoint());
        Http1Peer http1 = new Http1Peer(port.endpoint())) {
      http2.stillServes(1);
      http1.call("Unary", io.netty.buffer.ByteBufUtil.getBytes(RawPeer.framed("x")));
      assertThat(http1.read().trailers()).isEqualTo("grpc-status: 0\r\n");
    } finally {
      port.stop();
    }
  }
}
