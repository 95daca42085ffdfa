package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.volare.motore.AsyncCall;
import io.volare.motore.Services;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Headers, messages and connections that are meant to hurt a server. */
@Timeout(60)
class GrpcServerAttackTest extends AttackedServer {
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
        .writeBytes("y".repeat(3_000).getBytes(StandardCharsets.US_ASCII));
    for (int i = 0; i < 5_000; i++) {
      block.writeByte(0xbe);
    }
    long direct = usedDirect();
    peer.headers(1, true, block).flush();

    assertThat(peer.trailers(1).status()).hasToString("431");
    assertThat(started).hasValue(0);
    assertThat(usedDirect() - direct).isLessThan(1 << 20);
    peer.stillServes(3);
  }

  private static long usedDirect() {
    return ((io.netty.buffer.ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT)
        .metric()
        .usedDirectMemory();
  }

  @Test
  void aTableOfHeadersBeyondFourKibibytesEndsTheConnection() throws Exception {
    RawPeer peer = connect();
    ByteBuf block = Unpooled.buffer();
    block.writeByte(0x3f).writeByte(0xe2).writeByte(0x1f); // a table of 4,097 bytes
    peer.headers(1, true, block.writeBytes(RawPeer.call("Unary")));

    assertThat(Objects.requireNonNull(peer.end()).error())
        .isEqualTo(Http2Error.COMPRESSION_ERROR.code());
    connect().stillServes(1);
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

  @ParameterizedTest
  @CsvSource({"Unary, 2048", "Up, 8192"})
  void aStreamThatDoesNothingHoldsLittle(String method, int mostBytes) throws Exception {
    int connections = 40;
    int streams = 250;
    List<RawPeer> all = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      all.add(connect());
    }
    all.getFirst().stillServes(1);
    long before = heapBytes();

    for (RawPeer peer : all) {
      for (int i = 1; i <= streams; i++) {
        peer.headers(2 * i + 1, false, RawPeer.call(method));
      }
      peer.frame(RawPeer.PING, 0, 0, Unpooled.copyLong(0)).flush();
      peer.await(RawPeer.PING);
    }
    while (method.equals("Up") && started.get() < connections * streams) {
      Thread.onSpinWait();
    }

    assertThat((heapBytes() - before) / (connections * streams)).isLessThanOrEqualTo(mostBytes);
  }

  private static long heapBytes() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  @Test
  void aFrameBeyondTheLargestEndsTheConnection() throws Exception {
    RawPeer peer = connect();
    ByteBuf header = Unpooled.buffer().writeMedium(0xffffff).writeByte(0).writeByte(0).writeInt(1);
    peer.headers(1, false, RawPeer.call("Up")).bytes(io.netty.buffer.ByteBufUtil.getBytes(header));

    RawPeer.Frame goAway = Objects.requireNonNull(peer.end());

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
    assertThat(usedDirect() - before).isLessThan(16 << 20);
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

  @Test
  void handlersThatAnswerAtTheSameTimeMakeNoMoreThanMayWait() throws Exception {
    start(GrpcServerConfig.DEFAULT.withStalled(Duration.ofSeconds(2)));
    RawPeer peer = connect(4, 0); // no window at all
    int calls = 40;
    for (int i = 0; i < calls; i++) {
      peer.headers(2 * i + 1, false, RawPeer.call("Unary"))
          .frame(RawPeer.DATA, RawPeer.END_STREAM, 2 * i + 1, RawPeer.framed("large"));
    }
    peer.flush();
    while (started.get() < calls) {
      Thread.onSpinWait();
    }
    long before = directMemory();
    AtomicBoolean reset = new AtomicBoolean();
    AsyncCall<Long> watching = Services.callAsync(() -> mostDirectMemory(reset));

    release.countDown();
    assertThat(peer.await(RawPeer.RST).error()).isEqualTo(Http2Error.CANCEL.code());
    reset.set(true);

    assertThat(watching.join() - before).isBetween(2L << 20, 12L << 20); // 80 MB else
  }

  private static long mostDirectMemory(AtomicBoolean over) throws InterruptedException {
    long most = 0;
    while (!over.get()) {
      most = Math.max(most, directMemory());
      Thread.sleep(1);
    }
    return most;
  }

  private static long directMemory() {
    return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric().usedDirectMemory();
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
    half.bytes("PRI * HTT".getBytes(StandardCharsets.US_ASCII)).flush();
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
  void fiveHundredConnectionsThatDoNotMoveAreClosedAndDisturbNobody() throws Exception {
    start(GrpcServerConfig.DEFAULT.withStalled(Duration.ofSeconds(2)));
    List<RawPeer> stuck = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      RawPeer peer = silent();
      stuck.add(peer);
      if (i % 3 > 0) {
        peer.bytes("PRI * HTTP/2.0\r\n".getBytes(StandardCharsets.US_ASCII));
      }
      if (i % 3 > 1) {
        peer.bytes("\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        peer.bytes((byte) 0, (byte) 0, (byte) 100, (byte) 4);
      }
      peer.flush();
    }
    RawPeer live = connect();
    live.windowUpdate(0, 1 << 30); // for as many answers as there will be
    int stream = 1;
    while (server().connections() > 1) {
      live.stillServes(stream);
      stream += 2;
    }

    for (RawPeer peer : stuck) {
      peer.end(); // or its read times out
    }
    live.stillServes(stream);
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
        RawPeer.Frame frame = Objects.requireNonNull(peer.read());
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
