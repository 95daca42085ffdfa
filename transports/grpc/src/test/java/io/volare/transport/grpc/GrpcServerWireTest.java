package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.StringValue;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.volare.motore.Failure;
import io.volare.motore.Services;
import io.volare.rpc.Address;
import io.volare.rpc.RpcContext;
import io.volare.transport.netty.Execution;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a server says on the wire, frame by frame. */
@Timeout(30)
class GrpcServerWireTest {
  private final LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final CountDownLatch release = new CountDownLatch(1);
  private final CountDownLatch allSent = new CountDownLatch(1);
  private GrpcServer server;
  private RawPeer peer;

  @BeforeEach
  void start() throws IOException {
    start(GrpcServerConfig.DEFAULT, Execution.virtualThreads());
  }

  private void start(GrpcServerConfig config, Execution execution) throws IOException {
    if (server != null) {
      stop();
    }
    server =
        GrpcServer.builder(Address.tcp("127.0.0.1", 0))
            .service(EchoService.binding(this::answer))
            .config(config)
            .execution(execution)
            .build();
    server.start();
    peer = RawPeer.connect(server.endpoint());
  }

  @AfterEach
  void stop() throws IOException {
    peer.close();
    server.stop();
  }

  private @Nullable Object answer(RpcContext context, Object request) throws InterruptedException {
    if (GrpcMetadata.request(context).text("x-leaves") != null) {
      return leaveAReader(request);
    }
    String told = request instanceof StringValue value ? value.getValue() : "";
    try {
      switch (told) {
        case "wait" -> {
          events.add("started");
          release.await();
        }
        case "metadata" -> {
          GrpcMetadata sent = GrpcMetadata.request(context);
          GrpcMetadata.headers(context).addAll(sent);
          GrpcMetadata.trailers(context).addAll(sent);
        }
        case "gzip" -> GrpcCompression.compressResponses(context, true);
        case "was it compressed" ->
            events.add(Boolean.toString(GrpcCompression.wasCompressed(context)));
        case "large trailers" ->
            GrpcMetadata.trailers(context)
                .add("x-a", "a".repeat(20_000))
                .add("x-b", "b".repeat(20_000));
        case "not found" -> throw GrpcStatusException.of(GrpcCode.NOT_FOUND, "no ä 100%");
        case "defect" -> throw new IllegalStateException("a secret");
        default -> {}
      }
      Object answer = EchoService.answer(context, request);
      if (context.method() == EchoService.DOWN) {
        allSent.countDown();
      }
      return answer;
    } catch (InterruptedException | RuntimeException stopped) {
      events.add(Failure.kindOf(stopped).name());
      throw stopped;
    }
  }

  /** Answers while a thread of its own still waits for what the client sends. */
  private Object leaveAReader(Object request) throws InterruptedException {
    CountDownLatch reads = new CountDownLatch(1);
    Thread.startVirtualThread(() -> {
      reads.countDown();
      try {
        events.add("received " + EchoService.streams(request).source().receive());
      } catch (InterruptedException | RuntimeException over) {
        events.add(Failure.kindOf(over).name());
      }
    });
    reads.await();
    return StringValue.of("done");
  }

  private String nextEvent() throws InterruptedException {
    return java.util.Objects.requireNonNull(events.poll(10, TimeUnit.SECONDS), "no event");
  }

  private Http2Headers unary(String text, String... headers) throws IOException {
    peer.headers(1, false, RawPeer.call("Unary", headers)).message(1, true, text).flush();
    return peer.trailers(1);
  }

  private Http2Headers answerTo(ByteBuf head) throws IOException {
    peer.headers(1, false, head).message(1, true, "x").flush();
    return java.util.Objects.requireNonNull(peer.await(RawPeer.HEADERS).headers());
  }

  @Test
  void aUnaryCallIsAnsweredByHeadMessageAndTrailers() throws Exception {
    peer.unary(1, "hello").flush();

    RawPeer.Frame head = peer.await(RawPeer.HEADERS);
    RawPeer.Frame data = peer.read();
    RawPeer.Frame end = peer.read();

    assertThat(head.headers().status()).hasToString("200");
    assertThat(head.headers().get("content-type")).hasToString("application/grpc");
    assertThat(data.payload()).isEqualTo(ByteBufUtil.getBytes(RawPeer.framed("hello")));
    assertThat(end.headers().get("grpc-status")).hasToString("0");
    assertThat(end.ends()).isTrue();
  }

  @Test
  void aFailureIsTrailersOnlyAndPercentEncoded() throws Exception {
    peer.unary(1, "not found").flush();

    RawPeer.Frame only = peer.await(RawPeer.HEADERS);

    assertThat(only.ends()).isTrue();
    assertThat(only.headers().status()).hasToString("200");
    assertThat(only.headers().get("content-type")).hasToString("application/grpc");
    assertThat(only.headers().get("grpc-status")).hasToString("5");
    assertThat(only.headers().get("grpc-message")).hasToString("no %C3%A4 100%25");
  }

  @Test
  void aThreadThatStillReceivesWhenItsHandlerHasAnsweredHearsOfIt() throws Exception {
    peer.headers(1, false, RawPeer.call("Up", "x-leaves", "a reader")).flush();

    assertThat(peer.trailers(1).get("grpc-status")).hasToString("0");
    assertThat(nextEvent()).isEqualTo("CANCELLED");
  }

  @Test
  void aDefectTellsNothingOfItsInside() throws Exception {
    Http2Headers trailers = unary("defect");

    assertThat(trailers.get("grpc-status")).hasToString("13");
    assertThat(trailers.get("grpc-message")).hasToString("test.Echo/Unary: the handler failed");
  }

  @Test
  void metadataGoesBothWaysTextAndBytes() throws Exception {
    peer.headers(1, false, RawPeer.call("Unary", "x-a", "1", "x-a", "2", "x-b-bin", "AAEC"))
        .message(1, true, "metadata")
        .flush();

    Http2Headers head = peer.await(RawPeer.HEADERS).headers();
    Http2Headers trailers = peer.trailers(1);

    assertThat(head.getAll("x-a").toString()).isEqualTo("[1, 2]");
    assertThat(head.get("x-b-bin")).hasToString("AAEC");
    assertThat(trailers.get("x-b-bin")).hasToString("AAEC");
  }

  @Test
  void trailersThatAreLargerThanAFrameAreContinued() throws Exception {
    peer.unary(1, "large trailers").flush();
    peer.await(RawPeer.DATA);

    ByteBuf block = Unpooled.buffer();
    RawPeer.Frame frame = peer.readRaw();
    block.writeBytes(frame.payload());
    assertThat(frame.flags()).isEqualTo(RawPeer.END_STREAM);
    while ((frame.flags() & RawPeer.END_HEADERS) == 0) {
      frame = peer.readRaw();
      assertThat(frame.type()).isEqualTo(RawPeer.CONTINUATION);
      assertThat(frame.payload().length).isLessThanOrEqualTo(16_384);
      block.writeBytes(frame.payload());
    }

    assertThat(block.toString(java.nio.charset.StandardCharsets.US_ASCII))
        .endsWith("b".repeat(20_000));
    peer.stillServes(3);
  }

  @Test
  void unknownMethodsAndServicesAreUnimplementedAndDidNotRun() throws Exception {
    Http2Headers method = answerTo(RawPeer.call("Nope"));

    assertThat(method.get("grpc-status")).hasToString("12");
    assertThat(method.get("grpc-message")).hasToString("method Nope of service test.Echo");
    assertThat(method.get("volare-executed")).hasToString("0");
  }

  @Test
  void whatIsNoGrpcIsAnsweredAsHttpHasIt() throws Exception {
    ByteBuf plain =
        RawPeer.block(
            ":method",
            "POST",
            ":scheme",
            "http",
            ":path",
            "/test.Echo/Unary",
            "content-type",
            "application/json");
    assertThat(answerTo(plain).status()).hasToString("415");

    peer.headers(3, true, RawPeer.block(":method", "GET", ":scheme", "http", ":path", "/")).flush();

    assertThat(peer.await(RawPeer.HEADERS).headers().status()).hasToString("405");
    peer.stillServes(5);
  }

  @Test
  void contentTypesWithACodecAreGrpc() throws Exception {
    ByteBuf head =
        RawPeer.block(
            ":method",
            "POST",
            ":scheme",
            "http",
            ":path",
            "/test.Echo/Unary",
            "content-type",
            "application/grpc+proto");

    assertThat(answerTo(head).status()).hasToString("200");
  }

  @Test
  void anEncodingThatIsNotKnownIsToldWhichAre() throws Exception {
    Http2Headers trailers = unary("x", "grpc-encoding", "br");

    assertThat(trailers.get("grpc-status")).hasToString("12");
    assertThat(trailers.get("grpc-accept-encoding")).hasToString("identity,gzip,zstd");
  }

  @Test
  void aCompressedMessageWithoutAnEncodingIsAnError() throws Exception {
    ByteBuf message = RawPeer.framed("x").setByte(0, 1);
    peer.headers(1, false, RawPeer.call("Unary"))
        .frame(RawPeer.DATA, RawPeer.END_STREAM, 1, message)
        .flush();

    assertThat(peer.trailers(1).get("grpc-status")).hasToString("13");
  }

  @Test
  void aHandlerKnowsWhetherItsRequestWasCompressed() throws Exception {
    unary("was it compressed", "grpc-encoding", "gzip");
    ByteBuf plain = RawPeer.framed("was it compressed").skipBytes(5);
    ByteBuf small = Compression.GZIP.compress(plain, ByteBufAllocator.DEFAULT);
    ByteBuf framed =
        Unpooled.buffer().writeByte(1).writeInt(small.readableBytes()).writeBytes(small);
    small.release();
    peer.headers(3, false, RawPeer.call("Unary", "grpc-encoding", "gzip"))
        .frame(RawPeer.DATA, RawPeer.END_STREAM, 3, framed)
        .flush();

    assertThat(peer.trailers(3).get("grpc-status")).hasToString("0");
    assertThat(nextEvent()).isEqualTo("false");
    assertThat(nextEvent()).isEqualTo("true");
  }

  @Test
  void responsesAreCompressedWhereTheHandlerSaysSoAndThePeerAccepts() throws Exception {
    peer.headers(1, false, RawPeer.call("Unary", "grpc-accept-encoding", "identity,gzip"))
        .message(1, true, "gzip")
        .flush();
    assertThat(peer.await(RawPeer.HEADERS).headers().get("grpc-encoding")).hasToString("gzip");
    byte[] data = peer.await(RawPeer.DATA).payload();
    assertThat(data[0]).isEqualTo((byte) 1);

    peer.headers(3, false, RawPeer.call("Unary")).message(3, true, "gzip").flush();
    assertThat(peer.await(RawPeer.DATA).payload()[0]).isEqualTo((byte) 0);
  }

  @Test
  void aPeerThatSpeaksZstdIsUnderstoodAndAnsweredInIt() throws Exception {
    ByteBuf plain = RawPeer.framed("gzip").skipBytes(5);
    ByteBuf small = Compression.ZSTD.compress(plain, ByteBufAllocator.DEFAULT);
    ByteBuf framed =
        Unpooled.buffer().writeByte(1).writeInt(small.readableBytes()).writeBytes(small);
    small.release();
    String[] headers = {"grpc-encoding", "zstd", "grpc-accept-encoding", "identity,gzip,zstd"};
    peer.headers(1, false, RawPeer.call("Unary", headers))
        .frame(RawPeer.DATA, RawPeer.END_STREAM, 1, framed)
        .flush();

    assertThat(peer.await(RawPeer.HEADERS).headers().get("grpc-encoding")).hasToString("zstd");
    ByteBuf answer = Unpooled.wrappedBuffer(peer.await(RawPeer.DATA).payload());
    assertThat(answer.readByte()).isEqualTo((byte) 1);
    ByteBuf message =
        Compression.ZSTD.decompress(answer.skipBytes(4), 100, ByteBufAllocator.DEFAULT);
    assertThat(message).isEqualTo(RawPeer.framed("gzip").skipBytes(5));
    message.release();
  }

  @Test
  void aCallEndsAtItsDeadlineAndSoDoesItsHandler() throws Exception {
    Http2Headers trailers = unary("wait", "grpc-timeout", "2S");

    assertThat(trailers.get("grpc-status")).hasToString("4");
    assertThat(nextEvent()).isEqualTo("started");
    assertThat(nextEvent()).isEqualTo("CANCELLED");
    peer.stillServes(3);
  }

  @Test
  void aCallWhoseRequestDoesNotArriveInTimeEndsAndIsReset() throws Exception {
    peer.headers(1, false, RawPeer.call("Unary", "grpc-timeout", "100m")).flush();

    assertThat(peer.trailers(1).get("grpc-status")).hasToString("4");
    RawPeer.Frame reset = peer.await(RawPeer.RST);
    assertThat(reset.error()).isEqualTo(Http2Error.NO_ERROR.code());
    peer.stillServes(3);
  }

  @Test
  void aCallWhoseTimeIsOverRunsNoHandler() throws Exception {
    assertThat(unary("wait", "grpc-timeout", "0m").get("grpc-status")).hasToString("4");
    peer.headers(3, false, RawPeer.call("Unary", "grpc-timeout", "1n"))
        .message(3, true, "wait")
        .flush();
    assertThat(peer.trailers(3).get("grpc-status")).hasToString("4");

    assertThat(events).isEmpty();
  }

  @Test
  void aTimeoutThatIsNoneIsAnError() throws Exception {
    assertThat(unary("x", "grpc-timeout", "1x").get("grpc-status")).hasToString("13");
    peer.headers(3, false, RawPeer.call("Unary", "grpc-timeout", "123456789m"))
        .message(3, true, "x")
        .flush();
    assertThat(peer.trailers(3).get("grpc-status")).hasToString("13");
  }

  @Test
  void aResetInterruptsTheHandler() throws Exception {
    peer.unary(1, "wait").flush();
    assertThat(nextEvent()).isEqualTo("started");

    peer.reset(1).flush();

    assertThat(nextEvent()).isEqualTo("CANCELLED");
    peer.stillServes(3);
  }

  @Test
  void aConnectionThatIsLostInterruptsTheHandlers() throws Exception {
    peer.unary(1, "wait").headers(3, false, RawPeer.call("Both")).message(3, false, "a").flush();
    assertThat(nextEvent()).isEqualTo("started");
    peer.await(RawPeer.DATA);

    peer.close();

    assertThat(nextEvent()).isEqualTo("CANCELLED");
    assertThat(nextEvent()).isEqualTo("CANCELLED");
  }

  @Test
  void streamsGoBothWays() throws Exception {
    peer.headers(1, false, RawPeer.call("Both")).message(1, false, "a").flush();
    peer.await(RawPeer.HEADERS);
    assertThat(peer.await(RawPeer.DATA).payload())
        .isEqualTo(ByteBufUtil.getBytes(RawPeer.framed("re: a")));
    peer.message(1, false, "b").frame(RawPeer.DATA, RawPeer.END_STREAM, 1).flush();
    assertThat(peer.await(RawPeer.DATA).payload())
        .isEqualTo(ByteBufUtil.getBytes(RawPeer.framed("re: b")));
    assertThat(peer.trailers(1).get("grpc-status")).hasToString("0");
  }

  @Test
  void aStreamWithoutAMessageHasAHead() throws Exception {
    peer.headers(1, true, RawPeer.call("Both")).flush();

    RawPeer.Frame head = peer.await(RawPeer.HEADERS);

    assertThat(head.ends()).isFalse();
    assertThat(peer.trailers(1).get("grpc-status")).hasToString("0");
  }

  @Test
  void aSenderWaitsForTheWindowOfItsPeer() throws Exception {
    try (RawPeer slow = RawPeer.connect(server.endpoint(), 4, 100)) {
      slow.headers(1, false, RawPeer.call("Down")).message(1, true, "1000").flush();
      int received = 0;
      for (RawPeer.Frame frame = slow.read(); !frame.ends(); frame = slow.read()) {
        if (frame.type() == RawPeer.DATA) {
          received += frame.payload().length;
          assertThat(frame.payload().length).isLessThanOrEqualTo(100);
          slow.windowUpdate(1, frame.payload().length).flush();
        }
      }
      int expected = 0;
      for (int i = 1; i <= 1000; i++) {
        expected += RawPeer.framed(Integer.toString(i)).readableBytes();
      }
      assertThat(received).isEqualTo(expected);
    }
  }

  @Test
  void smallMessagesThatWaitTogetherShareAFrame() throws Exception {
    try (RawPeer slow = RawPeer.connect(server.endpoint(), 4, 0)) {
      slow.headers(1, false, RawPeer.call("Down")).message(1, true, "1000").flush();
      assertThat(allSent.await(10, TimeUnit.SECONDS)).isTrue();
      slow.windowUpdate(1, 64 * 1024).flush();

      ByteBuf received = Unpooled.buffer();
      int frames = 0;
      for (RawPeer.Frame frame = slow.read(); !frame.ends(); frame = slow.read()) {
        if (frame.type() == RawPeer.DATA) {
          received.writeBytes(frame.payload());
          frames++;
        }
      }

      ByteBuf expected = Unpooled.buffer();
      for (int i = 1; i <= 1000; i++) {
        expected.writeBytes(RawPeer.framed(Integer.toString(i)));
      }
      assertThat(received).isEqualTo(expected);
      assertThat(frames).isBetween(1, 3); // what was handed over last may come by itself
    }
  }

  @Test
  void aRequestWithoutAMessageOrWithTwoIsAnError() throws Exception {
    peer.headers(1, true, RawPeer.call("Unary")).flush();
    assertThat(peer.trailers(1).get("grpc-status")).hasToString("13");

    peer.headers(3, false, RawPeer.call("Unary"))
        .message(3, false, "a")
        .message(3, true, "b")
        .flush();
    assertThat(peer.trailers(3).get("grpc-status")).hasToString("13");

    peer.headers(5, false, RawPeer.call("Unary"))
        .frame(RawPeer.DATA, RawPeer.END_STREAM, 5, RawPeer.framed("cut").readSlice(6))
        .flush();
    assertThat(peer.trailers(5).get("grpc-status")).hasToString("13");
    peer.stillServes(7);
  }

  @Test
  void headersOnAStreamThatHasEndedAreItsError() throws Exception {
    ByteBuf get = RawPeer.block(":method", "GET", ":scheme", "http", ":path", "/");
    peer.headers(1, true, get.copy()).headers(1, true, get).flush();

    assertThat(peer.await(RawPeer.RST).error()).isEqualTo(Http2Error.STREAM_CLOSED.code());
    peer.stillServes(3);
  }

  @Test
  void drainingWarnsThenSaysWhichCallWasTheLastAndFailsNone() throws Exception {
    peer.unary(1, "wait").flush();
    assertThat(nextEvent()).isEqualTo("started");
    var draining =
        Services.callAsync(() -> {
          server.drain(Duration.ofSeconds(10));
          return null;
        });

    RawPeer.Frame warning = peer.await(RawPeer.GOAWAY);
    assertThat(Unpooled.wrappedBuffer(warning.payload()).getInt(0)).isEqualTo(Integer.MAX_VALUE);
    RawPeer.Frame ping = peer.await(RawPeer.PING);
    peer.unary(3, "on its way");
    peer.frame(RawPeer.PING, RawPeer.ACK, 0, Unpooled.wrappedBuffer(ping.payload())).flush();
    RawPeer.Frame last = null;
    RawPeer.Frame answer = null;
    while (last == null || answer == null) {
      RawPeer.Frame frame = peer.read();
      last = frame.type() == RawPeer.GOAWAY ? frame : last;
      answer = frame.stream() == 3 && frame.ends() ? frame : answer;
    }
    assertThat(answer.headers().get("grpc-status")).hasToString("0");
    assertThat(Unpooled.wrappedBuffer(last.payload()).getInt(0)).isEqualTo(3);
    assertThat(last.error()).isZero();

    release.countDown();
    assertThat(peer.trailers(1).get("grpc-status")).hasToString("0");
    assertThat(peer.read()).isNull();
    draining.join();
    assertThat(server.connections()).isZero();
  }

  @Test
  void aConnectionWithoutCallsIsDrainedWhenItIsIdle() throws Exception {
    start(
        GrpcServerConfig.DEFAULT.withIdle(Duration.ofSeconds(1)).withStalled(Duration.ofSeconds(2)),
        Execution.virtualThreads());
    peer.stillServes(1);

    assertThat(peer.await(RawPeer.GOAWAY).error()).isZero();
    peer.await(RawPeer.GOAWAY);
    assertThat(peer.read()).isNull();
  }

  @Test
  void aConnectionThatHasLivedLongEnoughIsDrainedAndItsCallsComeToTheirEnd() throws Exception {
    start(
        GrpcServerConfig.DEFAULT
            .withMaxAge(Duration.ofSeconds(1))
            .withStalled(Duration.ofSeconds(2)),
        Execution.virtualThreads());
    peer.unary(1, "wait").flush();
    assertThat(nextEvent()).isEqualTo("started");

    peer.await(RawPeer.GOAWAY);
    release.countDown();

    assertThat(peer.trailers(1).get("grpc-status")).hasToString("0");
  }

  @Test
  void aSilentPeerWithCallsIsAskedAndClosedIfItDoesNotAnswer() throws Exception {
    start(
        GrpcServerConfig.DEFAULT
            .withKeepAlive(Duration.ofMillis(200))
            .withStalled(Duration.ofSeconds(2)),
        Execution.virtualThreads());
    peer.unary(1, "wait").flush();

    RawPeer.Frame first = peer.await(RawPeer.PING);
    peer.frame(RawPeer.PING, RawPeer.ACK, 0, Unpooled.wrappedBuffer(first.payload())).flush();
    peer.await(RawPeer.PING);

    assertThat(peer.end()).isNull();
    assertThat(nextEvent()).isEqualTo("started");
    assertThat(nextEvent()).isEqualTo("CANCELLED");
  }

  @Test
  void anExecutorWithoutRoomIsExhaustedAndTheCallDidNotRun() throws Exception {
    start(
        GrpcServerConfig.DEFAULT,
        Execution.on(task -> {
          throw new RejectedExecutionException("full");
        }));

    Http2Headers trailers = unary("x");

    assertThat(trailers.get("grpc-status")).hasToString("8");
    assertThat(trailers.get("volare-executed")).hasToString("0");
  }

  @Test
  void callsMayRunOnTheLoop() throws Exception {
    start(GrpcServerConfig.DEFAULT, Execution.inline());
    for (int i = 0; i < 100; i++) {
      peer.unary(2 * i + 1, "x");
    }
    peer.flush();
    for (int i = 0; i < 100; i++) {
      assertThat(peer.trailers(2 * i + 1).get("grpc-status")).hasToString("0");
    }
  }

  @Test
  void streamsOfAnInlineServerWaitElsewhere() throws Exception {
    start(GrpcServerConfig.DEFAULT, Execution.inline());

    peer.headers(1, false, RawPeer.call("Up")).message(1, false, "a").flush();
    assertThat(unaryOn(3).get("grpc-status")).hasToString("0");
    peer.message(1, true, "b").flush();

    assertThat(peer.trailers(1).get("grpc-status")).hasToString("0");
  }

  private Http2Headers unaryOn(int stream) throws IOException {
    peer.unary(stream, "x").flush();
    return peer.trailers(stream);
  }

  @Test
  void aStreamThatIsToBeAnsweredInlineIsRefused() {
    assertThatThrownBy(() ->
            GrpcServer.builder(Address.tcp("127.0.0.1", 0))
                .service(EchoService.binding(this::answer))
                .execution("test.Echo/Up", Execution.inline())
                .build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("test.Echo/Up is inline, but it is a stream");
  }
}
