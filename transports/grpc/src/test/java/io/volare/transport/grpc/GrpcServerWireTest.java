package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.volare.rpc.Address;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a server says on the wire, frame by frame. */
@Timeout(30)
class GrpcServerWireTest {
  private GrpcServer server;
  private RawPeer peer;

  @BeforeEach
  void start() throws IOException {
    server =
        GrpcServer.builder(Address.tcp("127.0.0.1", 0))
            .service(EchoService.binding(EchoService::answer))
            .build();
    server.start();
    peer = RawPeer.connect(server.endpoint());
  }

  @AfterEach
  void stop() throws IOException {
    peer.close();
    server.stop();
  }

  private Http2Headers only(ByteBuf head) throws IOException {
    peer.headers(1, false, head).message(1, true, "x").flush();
    return peer.trailers(1);
  }

  @Test
  void aUnaryCallIsAnsweredByHeadMessageAndTrailers() throws Exception {
    peer.unary(1, "hello").flush();

    RawPeer.Frame head = peer.await(RawPeer.HEADERS);
    RawPeer.Frame data = peer.read();
    RawPeer.Frame end = peer.read();

    assertThat(head.headers().status()).hasToString("200");
    assertThat(head.headers().get("content-type")).hasToString("application/grpc");
    assertThat(data.payload())
        .isEqualTo(io.netty.buffer.ByteBufUtil.getBytes(RawPeer.framed("hello")));
    assertThat(end.headers().get("grpc-status")).hasToString("0");
    assertThat(end.ends()).isTrue();
  }

  @Test
  void headersOnAStreamThatHasEndedAreItsError() throws Exception {
    ByteBuf get = RawPeer.block(":method", "GET", ":scheme", "http", ":path", "/");
    peer.headers(1, true, get.copy()).headers(1, true, get).flush();

    assertThat(peer.await(RawPeer.RST).error()).isEqualTo(Http2Error.STREAM_CLOSED.code());
    peer.stillServes(3);
  }
}
