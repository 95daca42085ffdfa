package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Frames that cost their sender little and their receiver much, again and again. */
@Timeout(60)
class GrpcServerFloodTest extends AttackedServer {
  private static final int RESETS = 200;
  private static final int RESETS_A_SECOND = 7;
  private static final int FRAMES = 1_000;
  private static final int FRAMES_A_SECOND = 10;

  /** What a flood that nobody waits for may cost; the leak detector takes most of what it does. */
  private static final long MOST_CPU_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

  /** Sends without waiting, until the server ends the connection. */
  private static void flood(RawPeer peer, int times, Attack attack) throws IOException {
    peer.socket().setSendBufferSize(16 * 1024);
    for (int i = 0; i < times; i++) {
      try {
        attack.send(i);
        if (i % 50 == 49) {
          peer.flush();
        }
      } catch (IOException ended) {
        return;
      }
    }
  }

  // ---- resets

  @Test
  void rapidResetsEndTheConnectionAndStartNoHandler() throws Exception {
    RawPeer peer = connect();

    Ending end =
        attack(
            peer,
            20_000,
            20,
            i -> peer.headers(2 * i + 1, false, RawPeer.call("Unary")).reset(2 * i + 1));

    end.assertCalmed("too many resets", RESETS + 20, RESETS_A_SECOND);
    assertThat(started).hasValue(0);
    connect().stillServes(1);
  }

  @Test
  void rapidResetsOfWholeCallsStartNoMoreHandlersThanThereMayBeResets() throws Exception {
    RawPeer peer = connect();

    Ending end = attack(peer, 20_000, 20, i -> peer.unary(2 * i + 1, "wait").reset(2 * i + 1));

    end.assertCalmed("too many resets", RESETS + 20, RESETS_A_SECOND);
    assertThat(started.get()).isLessThanOrEqualTo(end.sent());
    connect().stillServes(1);
  }

  @Test
  void aFloodOfResetsCostsLittle() throws Exception {
    RawPeer peer = connect();
    long cpu = loopCpuNanos();

    flood(
        peer, 20_000, i -> peer.headers(2 * i + 1, false, RawPeer.call("Unary")).reset(2 * i + 1));

    peer.end(); // or its read times out
    assertThat(loopCpuNanos() - cpu).isLessThan(MOST_CPU_NANOS);
    assertThat(started).hasValue(0);
    connect().stillServes(1);
  }

  @Test
  void handlersThatDoNotEndWithTheirCallsAreBounded() throws Exception {
    start(GrpcServerConfig.DEFAULT.withStreams(10).withResets(100_000));
    RawPeer peer = connect();

    for (int i = 0; i < 20; i++) {
      peer.unary(2 * i + 1, "stubborn").flush();
      while (started.get() == i) {
        Thread.onSpinWait();
      }
      peer.reset(2 * i + 1).flush();
    }

    peer.unary(41, "refused").flush();
    assertThat(peer.trailers(41).get("grpc-status")).hasToString("8");
    assertThat(started).hasValue(20);

    release.countDown();
    while (server().handlers() > 0) {
      Thread.onSpinWait();
    }
    peer.stillServes(43);
  }

  @Test
  void twoHundredResetsAreNotTooMany() throws Exception {
    RawPeer peer = connect();
    for (int i = 0; i < RESETS; i++) {
      peer.headers(2 * i + 1, false, RawPeer.call("Unary")).reset(2 * i + 1);
    }
    peer.flush();

    peer.stillServes(501);
  }

  @Test
  void whoseCallsEndWellMayResetOneInTen() throws Exception {
    start(GrpcServerConfig.DEFAULT.withResets(20));
    RawPeer peer = connect();
    int stream = 1;
    for (int i = 0; i < 800; i++, stream += 2) {
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
  void aWindowOfZeroCountsAsAReset() throws Exception {
    RawPeer peer = connect();

    assertProvoked(
        attack(
            peer,
            20_000,
            20,
            i -> peer.headers(2 * i + 1, false, RawPeer.call("Up")).windowUpdate(2 * i + 1, 0)));
  }

  @Test
  void aWindowThatOverflowsCountsAsAReset() throws Exception {
    RawPeer peer = connect();

    assertProvoked(
        attack(
            peer,
            20_000,
            20,
            i ->
                peer.headers(2 * i + 1, false, RawPeer.call("Up"))
                    .windowUpdate(2 * i + 1, Integer.MAX_VALUE)));
  }

  @Test
  void aStreamThatDependsOnItselfCountsAsAReset() throws Exception {
    RawPeer peer = connect();

    assertProvoked(
        attack(
            peer,
            20_000,
            20,
            i -> {
              ByteBuf priority = Unpooled.buffer().writeInt(2 * i + 1).writeByte(1);
              peer.headers(2 * i + 1, false, RawPeer.call("Up"))
                  .frame(RawPeer.PRIORITY, 0, 2 * i + 1, priority);
            }));
  }

  @Test
  void dataAfterTheEndCountsAsAReset() throws Exception {
    RawPeer peer = connect();

    Ending end =
        attack(
            peer,
            20_000,
            20,
            i -> peer.headers(2 * i + 1, true, RawPeer.call("Up")).message(2 * i + 1, false, "x"));

    assertProvoked(end);
  }

  @Test
  void aStreamThatIsBrokenOnceItsHandlerRunsCountsAsAReset() throws Exception {
    RawPeer peer = connect();
    ByteBuf noFlag = Unpooled.buffer().writeByte(2).writeInt(0);

    Ending end =
        attack(
            peer,
            20_000,
            20,
            i ->
                peer.headers(2 * i + 1, false, RawPeer.call("Up"))
                    .frame(RawPeer.DATA, 0, 2 * i + 1, noFlag.copy()));

    assertProvoked(end);
  }

  private void assertProvoked(Ending end) throws IOException {
    end.assertCalmed("too many resets", RESETS + 20, RESETS_A_SECOND);
    assertThat(end.resets()).isLessThanOrEqualTo(end.sent());
    connect().stillServes(1);
  }

  // ---- frames without progress

  @Test
  void pingsWhoseAnswersAreReadAreTooManyAtAThousand() throws Exception {
    RawPeer peer = connect();
    ByteBuf data = Unpooled.copyLong(-1);

    Ending end = attack(peer, 200_000, 50, i -> peer.frame(RawPeer.PING, 0, 0, data.copy()));

    end.assertCalmed("too_many_pings", FRAMES, FRAMES_A_SECOND);
    connect().stillServes(1);
  }

  @Test
  void pingsWhoseAnswersAreNotReadFillNothing() throws Exception {
    RawPeer peer = connect();
    ByteBuf data = Unpooled.copyLong(7);
    long start = System.nanoTime();
    long cpu = loopCpuNanos();

    flood(peer, 400_000, i -> peer.frame(RawPeer.PING, 0, 0, data.copy()));

    int answers = 0;
    for (RawPeer.Frame frame = peer.read(); frame != null; frame = peer.read()) {
      answers += frame.type() == RawPeer.PING ? 1 : 0;
    }
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start) + 1;
    assertThat((long) answers).isLessThanOrEqualTo(FRAMES + seconds * FRAMES_A_SECOND);
    assertThat(loopCpuNanos() - cpu).isLessThan(MOST_CPU_NANOS);
    connect().stillServes(1);
  }

  @Test
  void settingsAreTooManyAtAThousand() throws Exception {
    RawPeer peer = connect();
    ByteBuf setting = Unpooled.buffer().writeShort(3).writeInt(100);

    Ending end = attack(peer, 200_000, 50, i -> peer.frame(RawPeer.SETTINGS, 0, 0, setting.copy()));

    end.assertCalmed("SETTINGS", FRAMES, FRAMES_A_SECOND);
    connect().stillServes(1);
  }

  @Test
  void prioritiesAreTooManyAtAThousand() throws Exception {
    RawPeer peer = connect();
    ByteBuf priority = Unpooled.buffer().writeInt(0).writeByte(1);

    Ending end =
        attack(peer, 200_000, 50, i -> peer.frame(RawPeer.PRIORITY, 0, 3, priority.copy()));

    end.assertCalmed("PRIORITY", FRAMES, FRAMES_A_SECOND);
    connect().stillServes(1);
  }

  @Test
  void framesOfUnknownTypesAreTooManyAtAThousand() throws Exception {
    RawPeer peer = connect();

    Ending end = attack(peer, 200_000, 50, i -> peer.frame(0x42, 0, 0, Unpooled.copyInt(1)));

    end.assertCalmed("unknown", FRAMES, FRAMES_A_SECOND);
    connect().stillServes(1);
  }

  @Test
  void windowUpdatesThatNobodyNeedsAreTooManyAtAThousand() throws Exception {
    RawPeer peer = connect();

    Ending end = attack(peer, 200_000, 50, i -> peer.windowUpdate(0, 1));

    end.assertCalmed("WINDOW_UPDATE", FRAMES, FRAMES_A_SECOND);
    connect().stillServes(1);
  }

  @Test
  void whoReceivesMuchMaySendManyWindowUpdates() throws Exception {
    RawPeer peer = connect();
    peer.headers(1, false, RawPeer.call("Down")).message(1, true, "20000").flush();
    int updates = 0;
    ByteBuf unread = Unpooled.buffer();
    while (true) {
      RawPeer.Frame frame = Objects.requireNonNull(peer.read());
      assertThat(frame.type()).as(frame::toString).isNotEqualTo(RawPeer.GOAWAY);
      if (frame.type() == RawPeer.DATA) {
        unread.writeBytes(frame.payload());
        for (int bytes = messageBytes(unread); bytes > 0; bytes = messageBytes(unread)) {
          peer.windowUpdate(0, bytes).windowUpdate(1, bytes);
          unread.skipBytes(bytes);
          updates += 2;
        }
        unread.discardReadBytes();
        peer.flush();
      } else if (frame.ends()) {
        break;
      }
    }

    assertThat(updates).isEqualTo(40_000);
    peer.stillServes(3);
  }

  /** {@return the size of the next message with its prefix, 0 if it is not there as a whole} */
  private static int messageBytes(ByteBuf data) {
    boolean whole =
        data.readableBytes() >= 5
            && data.readableBytes() >= 5 + data.getInt(data.readerIndex() + 1);
    return whole ? 5 + data.getInt(data.readerIndex() + 1) : 0;
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
    Ending end = attack(peer, 200_000, 1, i -> peer.frame(RawPeer.DATA, 0, 3));

    end.assertCalmed("empty DATA", 11, 0);
    connect().stillServes(1);
  }

  // ---- blocks of headers that do not end

  @Test
  void sixteenEmptyContinuationsEndTheConnection() throws Exception {
    RawPeer patient = connect();
    patient.frame(RawPeer.HEADERS, RawPeer.END_STREAM, 1, RawPeer.call("Up"));
    for (int i = 0; i < 14; i++) {
      patient.frame(RawPeer.CONTINUATION, 0, 1);
    }
    patient.frame(RawPeer.CONTINUATION, RawPeer.END_HEADERS, 1).flush();
    assertThat(patient.trailers(1).get("grpc-status")).hasToString("0");

    RawPeer peer = connect();
    peer.frame(RawPeer.HEADERS, 0, 1, RawPeer.call("Unary"));
    for (int i = 0; i < 16; i++) {
      peer.frame(RawPeer.CONTINUATION, 0, 1);
    }

    RawPeer.Frame goAway = Objects.requireNonNull(peer.end());
    assertThat(goAway.error()).isEqualTo(ENHANCE_YOUR_CALM);
    connect().stillServes(1);
  }

  @Test
  void continuationsOfRealHeadersEndTheConnectionAtTenKibibytes() throws Exception {
    RawPeer peer = connect();
    peer.frame(RawPeer.HEADERS, 0, 1, RawPeer.call("Unary"));
    ByteBuf more = RawPeer.block("x-filler", "y".repeat(1_000));
    int sent = RawPeer.call("Unary").readableBytes();
    for (; sent <= 10_240; sent += more.readableBytes()) {
      peer.frame(RawPeer.CONTINUATION, 0, 1, more.copy());
    }

    RawPeer.Frame goAway = Objects.requireNonNull(peer.end());
    assertThat(goAway.error()).isEqualTo(Http2Error.PROTOCOL_ERROR.code());
    assertThat(started).hasValue(0);
    connect().stillServes(1);
  }

  @Test
  void fourMebibytesOfHeadersCostLittle() throws Exception {
    RawPeer peer = connect();
    peer.frame(RawPeer.HEADERS, 0, 1, RawPeer.call("Unary"));
    ByteBuf more = RawPeer.block("x-filler", "y".repeat(15_000));
    long cpu = loopCpuNanos();
    long allocated = loopAllocatedBytes();

    flood(peer, 280, i -> peer.frame(RawPeer.CONTINUATION, 0, 1, more.copy()));

    peer.end(); // or its read times out
    assertThat(loopCpuNanos() - cpu).isLessThan(MOST_CPU_NANOS);
    assertThat(loopAllocatedBytes() - allocated).isLessThan(1 << 20);
    connect().stillServes(1);
  }
}
