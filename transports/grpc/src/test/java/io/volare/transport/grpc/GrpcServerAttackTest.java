package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.volare.motore.AsyncCall;
import io.volare.motore.Services;
import io.volare.rpc.Address;
import io.volare.rpc.RpcContext;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What peers may do to hurt a server, and what it costs them. */
@Timeout(60)
class GrpcServerAttackTest {
  private static final int ENHANCE_YOUR_CALM = (int) Http2Error.ENHANCE_YOUR_CALM.code();

  private final AtomicInteger started = new AtomicInteger();
  private final CountDownLatch release = new CountDownLatch(1);
  private final List<RawPeer> peers = new ArrayList<>();
  private @Nullable GrpcServer server;

  @BeforeEach
  void start() {
    start(GrpcServerConfig.DEFAULT);
  }

  private void start(GrpcServerConfig config) {
    if (server != null) {
      server.stop();
    }
    server =
        GrpcServer.builder(Address.tcp("127.0.0.1", 0))
            .service(EchoService.binding(this::answer))
            .config(config)
            .build();
    server.start();
  }

  private @Nullable Object answer(RpcContext context, Object request) throws InterruptedException {
    started.incrementAndGet();
    if (context.method().name().equals("Unary")
        && ((com.google.protobuf.StringValue) request).getValue().equals("wait")) {
      release.await();
    }
    return EchoService.answer(context, request);
  }

  @AfterEach
  void stop() throws IOException {
    release.countDown();
    for (RawPeer peer : peers) {
      peer.close();
    }
    server().stop();
  }

  private GrpcServer server() {
    return java.util.Objects.requireNonNull(server);
  }

  private RawPeer connect(int... settings) throws IOException {
    RawPeer peer = RawPeer.connect(server().endpoint(), settings);
    peers.add(peer);
    return peer;
  }

  private RawPeer silent() throws IOException {
    RawPeer peer = RawPeer.silent(server().endpoint());
    peers.add(peer);
    return peer;
  }

  /** Sends until the server ends the connection, at most {@code times} times. */
  private static int flood(RawPeer peer, int times, Attack attack) throws IOException {
    peer.socket().setSendBufferSize(16 * 1024);
    for (int i = 0; i < times; i++) {
      try {
        attack.send(i);
        if (i % 50 == 49) {
          peer.flush();
        }
      } catch (IOException ended) {
        return i;
      }
    }
    return times;
  }

  private interface Attack {
    void send(int i) throws IOException;
  }

  private void assertCalmed(RawPeer peer, String why) throws IOException {
    RawPeer.Frame goAway = peer.end();
    if (goAway != null) {
      assertThat(goAway.error()).isEqualTo(ENHANCE_YOUR_CALM);
      assertThat(goAway.debug()).contains(why);
    }
    connect().stillServes(1);
  }

  private static void assertEnded(int sent, int times) {
    assertThat(sent).as("frames until the end, of %d", times).isLessThan(times);
  }

  @Test
  void rapidResetsEndTheConnectionAndStartNoHandler() throws Exception {
    RawPeer peer = connect();

    int sent =
        flood(
            peer,
            20_000,
            i -> peer.headers(2 * i + 1, false, RawPeer.call("Unary")).reset(2 * i + 1));

    assertEnded(sent, 20_000);
    assertThat(started).hasValue(0);
    assertCalmed(peer, "too many resets");
  }

  @Test
  void twoHundredResetsAreNotTooMany() throws Exception {
    RawPeer peer = connect();
    for (int i = 0; i < 200; i++) {
      peer.headers(2 * i + 1, false, RawPeer.call("Unary")).reset(2 * i + 1);
    }
    peer.flush();

    peer.stillServes(501);
  }

  @Test
  void whoseCallsEndWellMayResetOneInTen() throws Exception {
    RawPeer peer = connect();
    int stream = 1;
    for (int i = 0; i < 3_000; i++, stream += 2) {
      if (i % 10 == 9) {
        peer.headers(stream, false, RawPeer.call("Unary")).reset(stream);
      } else {
        peer.unary(stream, "x").flush();
        peer.trailers(stream);
      }
    }
    peer.stillServes(stream);
  }

  @Test
  void resetsThatAPeerProvokesCountAsItsOwn() throws Exception {
    List<Attack> provoking = new ArrayList<>();
    RawPeer zero = connect();
    provoking.add(
        i -> zero.headers(2 * i + 1, false, RawPeer.call("Up")).windowUpdate(2 * i + 1, 0));
    RawPeer overflow = connect();
    provoking.add(i ->
        overflow
            .headers(2 * i + 1, false, RawPeer.call("Up"))
            .windowUpdate(2 * i + 1, Integer.MAX_VALUE));
    RawPeer self = connect();
    provoking.add(i -> {
      ByteBuf priority = Unpooled.buffer().writeInt(2 * i + 1).writeByte(1);
      self.headers(2 * i + 1, false, RawPeer.call("Up"))
          .frame(RawPeer.PRIORITY, 0, 2 * i + 1, priority);
    });
    RawPeer afterEnd = connect();
    provoking.add(i ->
        afterEnd
            .headers(2 * i + 1, true, RawPeer.call("Up"))
            .message(2 * i + 1, false, "after the end"));
    List<RawPeer> all = List.of(zero, overflow, self, afterEnd);

    for (int i = 0; i < all.size(); i++) {
      int sent = flood(all.get(i), 20_000, provoking.get(i));
      assertEnded(sent, 20_000);
      assertThat(sent).isLessThan(20_000);
      assertCalmed(all.get(i), "too many");
    }
  }

  @Test
  void manyEmptyContinuationsEndTheConnection() throws Exception {
    RawPeer peer = connect();
    peer.frame(RawPeer.HEADERS, 0, 1, RawPeer.call("Unary"));

    int sent = flood(peer, 200_000, i -> peer.frame(RawPeer.CONTINUATION, 0, 1));

    assertEnded(sent, 200_000);
    assertThat(started).hasValue(0);
    connect().stillServes(1);
  }

  @Test
  void continuationsOfRealHeadersEndTheConnectionAtTheLimitOfTheList() throws Exception {
    RawPeer peer = connect();
    peer.frame(RawPeer.HEADERS, 0, 1, RawPeer.call("Unary"));
    ByteBuf more = RawPeer.block("x-filler", "y".repeat(1_000));

    int sent = flood(peer, 100_000, i -> peer.frame(RawPeer.CONTINUATION, 0, 1, more.copy()));

    assertEnded(sent, 100_000);
    connect().stillServes(1);
  }

  @Test
  void aFloodOfPingsIsTooManyPings() throws Exception {
    RawPeer peer = connect();
    ByteBuf data = Unpooled.copyLong(7);

    int sent = flood(peer, 400_000, i -> peer.frame(RawPeer.PING, 0, 0, data.copy()));

    assertEnded(sent, 400_000);
    assertCalmed(peer, "too_many_pings");
  }

  @Test
  void floodsOfFramesWithoutProgressEndTheConnection() throws Exception {
    ByteBuf setting = Unpooled.buffer().writeShort(3).writeInt(100);
    RawPeer settings = connect();
    assertEnded(
        flood(settings, 400_000, i -> settings.frame(RawPeer.SETTINGS, 0, 0, setting.copy())),
        400_000);
    assertCalmed(settings, "SETTINGS");

    RawPeer priorities = connect();
    ByteBuf priority = Unpooled.buffer().writeInt(0).writeByte(1);
    assertEnded(
        flood(priorities, 400_000, i -> priorities.frame(RawPeer.PRIORITY, 0, 3, priority.copy())),
        400_000);
    assertCalmed(priorities, "PRIORITY");

    RawPeer unknown = connect();
    assertEnded(
        flood(unknown, 400_000, i -> unknown.frame(0x42, 0, 0, Unpooled.copyInt(1))), 400_000);
    assertCalmed(unknown, "unknown");

    RawPeer windows = connect();
    assertEnded(flood(windows, 400_000, i -> windows.windowUpdate(0, 1)), 400_000);
    assertCalmed(windows, "WINDOW_UPDATE");
  }

  @Test
  void whoReceivesMuchMaySendManyWindowUpdates() throws Exception {
    RawPeer peer = connect();
    peer.headers(1, false, RawPeer.call("Down")).message(1, true, "20000").flush();
    int updates = 0;
    while (true) {
      RawPeer.Frame frame = java.util.Objects.requireNonNull(peer.read());
      assertThat(frame.type()).as(frame::toString).isNotEqualTo(RawPeer.GOAWAY);
      if (frame.type() == RawPeer.DATA) {
        peer.windowUpdate(0, frame.payload().length).windowUpdate(1, frame.payload().length);
        updates += 2;
        if (updates % 20 == 0) {
          peer.flush();
        }
      } else if (frame.ends()) {
        break;
      }
    }

    assertThat(updates).isGreaterThan(10_000);
    peer.stillServes(3);
  }

  @Test
  void emptyDataEndsTheConnectionAfterTen() throws Exception {
    RawPeer peer = connect();
    peer.headers(1, false, RawPeer.call("Up"));
    for (int i = 0; i < 10; i++) {
      peer.frame(RawPeer.DATA, 0, 1);
    }
    peer.message(1, true, "x").flush();
    assertThat(peer.trailers(1).get("grpc-status")).hasToString("0");

    peer.headers(3, false, RawPeer.call("Up"));
    for (int i = 0; i < 11; i++) {
      peer.frame(RawPeer.DATA, 0, 3);
    }

    assertCalmed(peer, "empty DATA");
  }

  @Test
  void headersBeyondTheLimitAreRefusedOnTheirStreamAlone() throws Exception {
    RawPeer peer = connect();
    peer.headers(1, true, RawPeer.call("Unary", "x-filler", "y".repeat(9_000))).flush();

    Http2Headers answer = peer.trailers(1);

    assertThat(answer.status()).hasToString("431");
    peer.stillServes(3);
  }

  @Test
  void headersFarBeyondTheLimitEndTheConnection() throws Exception {
    RawPeer peer = connect();
    ByteBuf block = RawPeer.call("Unary", "x-filler", "y".repeat(15_000));
    peer.headers(1, true, block);

    assertThat(peer.end()).isNotNull();
    connect().stillServes(1);
  }

  @Test
  void aBombOfIndexedHeadersIsRefusedAndNotKept() throws Exception {
    RawPeer peer = connect();
    ByteBuf block = RawPeer.call("Unary");
    // one literal with indexing of 3 KiB, then references to it
    block.writeByte(0x40).writeByte(1).writeByte('x');
    block
        .writeByte(0x7f)
        .writeByte(0xb9)
        .writeByte(0x16)
        .writeBytes("y".repeat(3_000).getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    for (int i = 0; i < 5_000; i++) {
      block.writeByte(0xbe);
    }
    long before = usedDirect();

    peer.headers(1, true, block).flush();

    assertThat(peer.trailers(1).status()).hasToString("431");
    assertThat(started).hasValue(0);
    assertThat(usedDirect() - before).isLessThan(4 << 20);
    peer.stillServes(3);
  }

  private static long usedDirect() {
    return ((io.netty.buffer.ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT)
        .metric()
        .usedDirectMemory();
  }

  @Test
  void aPeerThatWantsNoHeadersIsServedAllTheSame() throws Exception {
    connect(6, 1).stillServes(1);
  }

  @Test
  void aPeerWithoutAHeaderTableIsToldThatNoneIsUsed() throws Exception {
    RawPeer peer = connect(1, 0);
    peer.unary(1, "x").flush();

    assertThat(peer.await(RawPeer.HEADERS).payload()[0]).isEqualTo(Hpack.NO_TABLE);
    peer.stillServes(3);
  }

  @Test
  void streamsBeyondTheLimitAreRefused() throws Exception {
    RawPeer peer = connect();
    for (int i = 0; i < 257; i++) {
      peer.headers(2 * i + 1, false, RawPeer.call("Up"));
    }
    peer.flush();

    RawPeer.Frame refused = peer.await(RawPeer.RST);
    assertThat(refused.stream()).isEqualTo(513);
    assertThat(refused.error()).isEqualTo(Http2Error.REFUSED_STREAM.code());
  }

  @Test
  void aFrameBeyondTheLargestEndsTheConnection() throws Exception {
    RawPeer peer = connect();
    ByteBuf header = Unpooled.buffer().writeMedium(0xffffff).writeByte(0).writeByte(0).writeInt(1);
    peer.headers(1, false, RawPeer.call("Up")).bytes(io.netty.buffer.ByteBufUtil.getBytes(header));

    RawPeer.Frame goAway = java.util.Objects.requireNonNull(peer.end());

    assertThat(goAway.error()).isEqualTo(Http2Error.FRAME_SIZE_ERROR.code());
  }

  @Test
  void aMessageBeyondTheLimitIsRefusedAtItsPrefix() throws Exception {
    for (int claimed : new int[] {-1, 5 << 20}) {
      RawPeer peer = connect();
      ByteBuf prefix = Unpooled.buffer().writeByte(0).writeInt(claimed).writeBytes(new byte[10]);
      peer.headers(1, false, RawPeer.call("Unary")).frame(RawPeer.DATA, 0, 1, prefix).flush();

      assertThat(peer.trailers(1).get("grpc-status")).hasToString("8");
      peer.stillServes(3);
    }
    assertThat(started).hasValue(2);
  }

  @Test
  void aGzipBombIsStoppedAtTheLimit() throws Exception {
    ByteBuf bomb =
        Compression.GZIP.compress(
            Unpooled.wrappedBuffer(new byte[256 << 20]), ByteBufAllocator.DEFAULT);
    RawPeer peer = connect();
    peer.headers(1, false, RawPeer.call("Unary", "grpc-encoding", "gzip"));
    peer.frame(RawPeer.DATA, 0, 1, Unpooled.buffer().writeByte(1).writeInt(bomb.readableBytes()));
    long before = usedDirect();
    while (bomb.isReadable()) {
      int part = Math.min(16_000, bomb.readableBytes());
      ByteBuf data = bomb.readSlice(part);
      peer.frame(RawPeer.DATA, bomb.isReadable() ? 0 : RawPeer.END_STREAM, 1, data).flush();
    }
    bomb.release();

    Http2Headers trailers = peer.trailers(1);

    assertThat(trailers.get("grpc-status")).hasToString("8");
    assertThat(usedDirect() - before).isLessThan(32 << 20);
    peer.stillServes(3);
  }

  @Test
  void headersThatHttpForbidsAreTheStreamsError() throws Exception {
    RawPeer peer = connect();
    List<ByteBuf> wrong =
        List.of(
            RawPeer.call("Unary", "x-a", "line\r\nbreak"),
            RawPeer.call("Unary", "x-a", "nul\0"),
            RawPeer.call("Unary", "X-Upper", "case"),
            RawPeer.call("Unary", "connection", "close"),
            RawPeer.call("Unary").writeBytes(RawPeer.block(":path", "/twice")),
            RawPeer.block(":method", "POST", ":scheme", "http"));
    int stream = 1;
    for (ByteBuf block : wrong) {
      peer.headers(stream, true, block).flush();
      RawPeer.Frame reset = peer.await(RawPeer.RST);
      assertThat(reset.stream()).isEqualTo(stream);
      assertThat(reset.error()).isEqualTo(Http2Error.PROTOCOL_ERROR.code());
      stream += 2;
    }
    peer.headers(stream, false, RawPeer.call("Up"))
        .headers(stream, true, RawPeer.block(":path", "/in-trailers"))
        .flush();
    assertThat(peer.await(RawPeer.RST).error()).isEqualTo(Http2Error.PROTOCOL_ERROR.code());
    peer.stillServes(stream + 2);
  }

  @Test
  void whoDoesNotReadHoldsNoMoreThanTheLimitAndIsResetInTheEnd() throws Exception {
    start(GrpcServerConfig.DEFAULT.withStalled(Duration.ofSeconds(2)));
    RawPeer peer = connect(4, 0); // no window at all
    String text = "x".repeat(100_000);
    int stream = 1;
    for (; stream < 400; stream += 2) {
      peer.headers(stream, false, RawPeer.call("Unary"));
      ByteBuf message = RawPeer.framed(text);
      while (message.isReadable()) {
        ByteBuf part = message.readSlice(Math.min(16_000, message.readableBytes()));
        peer.frame(RawPeer.DATA, message.isReadable() ? 0 : RawPeer.END_STREAM, stream, part);
      }
    }
    peer.flush();

    AtomicBoolean reset = new AtomicBoolean();
    AsyncCall<Long> watching = Services.callAsync(() -> mostHeld(reset));
    assertThat(peer.await(RawPeer.RST).error()).isEqualTo(Http2Error.CANCEL.code());
    reset.set(true);

    assertThat(watching.join()).isBetween(3L << 20, 4L << 20);
  }

  private long mostHeld(AtomicBoolean over) throws InterruptedException {
    long most = 0;
    while (!over.get()) {
      most = Math.max(most, server().heldBytes());
      Thread.sleep(1);
    }
    return most;
  }

  @Test
  void anAnswerThatFindsNoWindowHasItsTimeThoughNothingOfItWasWritten() throws Exception {
    start(GrpcServerConfig.DEFAULT.withStalled(Duration.ofSeconds(2)));
    RawPeer peer = connect(4, 0);
    long start = System.nanoTime();

    peer.headers(1, false, RawPeer.call("Unary"))
        .frame(RawPeer.DATA, RawPeer.END_STREAM, 1, RawPeer.framed("x"))
        .flush();

    assertThat(peer.await(RawPeer.RST).error()).isEqualTo(Http2Error.CANCEL.code());
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(TimeUnit.SECONDS.toNanos(2));
  }

  @Test
  void connectionsThatDoNotMoveAreClosed() throws Exception {
    start(GrpcServerConfig.DEFAULT.withStalled(Duration.ofSeconds(2)));
    RawPeer nothing = silent();
    RawPeer half = silent();
    half.bytes("PRI * HTT".getBytes(java.nio.charset.StandardCharsets.US_ASCII)).flush();
    RawPeer frame = connect();
    frame.bytes((byte) 0, (byte) 0, (byte) 100, (byte) 0).flush();
    RawPeer block = connect();
    block.frame(RawPeer.HEADERS, 0, 1, RawPeer.call("Unary")).flush();

    for (RawPeer peer : List.of(nothing, half, frame, block)) {
      peer.end(); // or its read times out
    }

    while (server().connections() > 0) {
      Thread.onSpinWait();
    }
  }

  @Test
  void aMessageThatDoesNotArriveEndsItsCall() throws Exception {
    start(GrpcServerConfig.DEFAULT.withStalled(Duration.ofSeconds(2)));
    RawPeer peer = connect();
    peer.headers(1, false, RawPeer.call("Unary"))
        .frame(RawPeer.DATA, 0, 1, Unpooled.buffer().writeByte(0).writeInt(100))
        .flush();

    assertThat(peer.await(RawPeer.RST).error()).isEqualTo(Http2Error.CANCEL.code());
    peer.stillServes(3);
  }

  @Test
  void connectionsBeyondTheLimitAreClosedAsTheyCome() throws Exception {
    start(GrpcServerConfig.DEFAULT.withConnections(2));
    RawPeer first = connect();
    connect();

    assertThat(silent().read()).isNull();

    first.stillServes(1);
  }

  @Test
  void manyPartsOfLargeMessagesAreBoundedAndAllArrive() throws Exception {
    RawPeer peer = connect();
    int streams = 20;
    ByteBuf message = RawPeer.framed("x".repeat(2 << 20));
    int bytes = message.readableBytes();
    int[] windows = new int[2 * streams + 1];
    int[] sent = new int[2 * streams + 1];
    for (int i = 1; i < windows.length; i += 2) {
      peer.headers(i, false, RawPeer.call("Unary"));
      windows[i] = 65_536;
    }
    peer.windowUpdate(0, 1 << 30);
    int ended = 0;
    long most = 0;
    while (ended < streams) {
      boolean wrote = false;
      for (int i = 1; i < windows.length; i += 2) {
        int part = Math.min(16_000, Math.min(windows[i], bytes - sent[i]));
        if (part > 0) {
          boolean last = sent[i] + part == bytes;
          peer.frame(RawPeer.DATA, last ? 1 : 0, i, message.slice(sent[i], part));
          sent[i] += part;
          windows[i] -= part;
          wrote = true;
          if (last) {
            peer.windowUpdate(i, 1 << 30);
          }
        }
      }
      peer.flush();
      most = Math.max(most, sum(sent, bytes));
      while (!wrote || peer.available()) {
        RawPeer.Frame frame = java.util.Objects.requireNonNull(peer.read());
        if (frame.type() == RawPeer.WINDOW_UPDATE && frame.stream() != 0) {
          windows[frame.stream()] += Unpooled.wrappedBuffer(frame.payload()).getInt(0);
          wrote = true;
        } else if (frame.type() == RawPeer.HEADERS && frame.ends()) {
          assertThat(frame.headers().get("grpc-status")).hasToString("0");
          ended++;
          wrote = true;
        }
      }
    }

    assertThat(most).as("bytes of incomplete messages at a time").isLessThan(24L << 20);
  }

  private static long sum(int[] sent, int whole) {
    long all = 0;
    for (int each : sent) {
      all += each == whole ? 0 : each;
    }
    return all;
  }
}
