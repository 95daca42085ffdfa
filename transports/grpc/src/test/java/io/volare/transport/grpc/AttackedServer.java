package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import io.volare.rpc.Address;
import io.volare.rpc.RpcContext;
import io.volare.transport.netty.Loops;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A server on one event loop of its own, the peers that attack it, and what that costs it. */
abstract class AttackedServer {
  static final int ENHANCE_YOUR_CALM = (int) Http2Error.ENHANCE_YOUR_CALM.code();

  private static final StringValue LARGE = StringValue.of("x".repeat(2_000_000));

  private static final Loops LOOP = Loops.create(1);

  private static final com.sun.management.ThreadMXBean THREADS =
      (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

  final AtomicInteger started = new AtomicInteger();
  final CountDownLatch release = new CountDownLatch(1);
  private final List<RawPeer> peers = new ArrayList<>();
  private @Nullable GrpcServer server;

  @BeforeEach
  void start() {
    start(GrpcServerConfig.DEFAULT);
  }

  final void start(GrpcServerConfig config) {
    if (server != null) {
      server.stop();
    }
    server =
        GrpcServer.builder(Address.tcp("127.0.0.1", 0))
            .service(EchoService.binding(this::answer))
            .loops(LOOP)
            .config(config)
            .build();
    server.start();
  }

  /** "wait" waits and is stopped by an interrupt, "stubborn" is not; "large" waits to say much. */
  private @Nullable Object answer(RpcContext context, Object request) throws InterruptedException {
    started.incrementAndGet();
    String said = request instanceof StringValue text ? text.getValue() : "";
    if (said.equals("wait")) {
      release.await();
    }
    if (said.equals("large")) {
      release.await();
      return LARGE;
    }
    while (said.equals("stubborn") && release.getCount() > 0) {
      try {
        release.await();
      } catch (InterruptedException ignored) {
        // as bad handlers do
      }
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

  final GrpcServer server() {
    return Objects.requireNonNull(server);
  }

  final RawPeer connect(int... settings) throws IOException {
    RawPeer peer = RawPeer.connect(server().endpoint(), settings);
    peers.add(peer);
    return peer;
  }

  final RawPeer silent() throws IOException {
    RawPeer peer = RawPeer.silent(server().endpoint());
    peers.add(peer);
    return peer;
  }

  /** {@return processor time that the event loop has used} */
  static long loopCpuNanos() throws Exception {
    return LOOP.group().next().submit(THREADS::getCurrentThreadCpuTime).get();
  }

  /** {@return bytes of heap that the event loop has allocated} */
  static long loopAllocatedBytes() throws Exception {
    return LOOP.group().next().submit(THREADS::getCurrentThreadAllocatedBytes).get();
  }

  /**
   * Sends {@code batch} frames at a time and waits until the server has read them, until it ends
   * the connection or {@code most} were sent.
   */
  static Ending attack(RawPeer peer, int most, int batch, Attack attack) throws IOException {
    long start = System.nanoTime();
    int resets = 0;
    for (int sent = 0; sent < most; ) {
      for (int i = 0; i < batch; i++) {
        attack.send(sent++);
      }
      peer.frame(RawPeer.PING, 0, 0, Unpooled.copyLong(sent));
      try {
        peer.flush();
      } catch (IOException closed) {
        return new Ending(sent, System.nanoTime() - start, resets, null);
      }
      for (RawPeer.Frame frame = peer.read(); !isMark(frame, sent); frame = peer.read()) {
        if (frame == null || frame.type() == RawPeer.GOAWAY) {
          return new Ending(sent, System.nanoTime() - start, resets, frame);
        }
        resets += frame.type() == RawPeer.RST ? 1 : 0;
      }
    }
    return new Ending(most, System.nanoTime() - start, resets, null);
  }

  private static boolean isMark(RawPeer.@Nullable Frame frame, long mark) {
    return frame != null
        && frame.type() == RawPeer.PING
        && frame.flags() == RawPeer.ACK
        && Unpooled.wrappedBuffer(frame.payload()).getLong(0) == mark;
  }

  /** What is sent again and again. */
  interface Attack {
    void send(int i) throws IOException;
  }

  /**
   * How an attack ended.
   *
   * @param sent frames, or groups of them
   * @param resets that the server sent
   * @param goAway null if there was none
   */
  record Ending(int sent, long nanos, int resets, RawPeer.@Nullable Frame goAway) {
    /** Checks that the server ended it, saying why, by {@code most} and what time has allowed. */
    void assertCalmed(String why, int most, int perSecond) {
      assertThat(goAway).as("GOAWAY after %d", sent).isNotNull();
      assertThat(goAway.error()).isEqualTo(ENHANCE_YOUR_CALM);
      assertThat(goAway.debug()).contains(why);
      assertThat((long) sent).isLessThanOrEqualTo(most + 1 + perSecond * nanos / 1_000_000_000);
    }
  }
}
