package io.volare.transport.thrift;

import static io.volare.transport.thrift.RawPeer.argument;
import static io.volare.transport.thrift.RawPeer.bare;
import static io.volare.transport.thrift.RawPeer.bytes;
import static io.volare.transport.thrift.RawPeer.echo;
import static io.volare.transport.thrift.RawPeer.framed;
import static io.volare.transport.thrift.RawPeer.headed;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.util.ResourceLeakDetector;
import io.volare.codec.thrift.TType;
import io.volare.codec.thrift.ThriftMessage;
import io.volare.codec.thrift.ThriftWriter;
import io.volare.metainfo.MetaInfo;
import io.volare.rpc.Address;
import io.volare.rpc.BusinessException;
import io.volare.rpc.RpcContext;
import io.volare.transport.netty.Execution;
import io.volare.transport.netty.Loops;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a server holds, for how long, and in what order it answers: byte by byte. */
@Timeout(30)
class ThriftServerLimitsTest {
  private static final ThriftServerConfig CONFIG =
      ThriftServerConfig.DEFAULT.withStalled(Duration.ofMillis(200));

  private final AtomicInteger started = new AtomicInteger();
  private final AtomicInteger interrupted = new AtomicInteger();
  private final Semaphore released = new Semaphore(0);
  private ThriftServer server;

  private void serve(ThriftServerConfig config) {
    serve(config, Execution.virtualThreads());
  }

  private void serve(ThriftServerConfig config, Execution execution) {
    server =
        ThriftServer.builder(Address.tcp("127.0.0.1", 0))
            .service(EchoService.binding(this::answer))
            .config(config)
            .execution(execution)
            .build();
    server.start();
  }

  private Object answer(RpcContext context, Object request) throws Exception {
    String text = (String) request;
    started.incrementAndGet();
    switch (text) {
      case "wait" -> {
        try {
          released.acquire();
        } catch (InterruptedException stopped) {
          interrupted.incrementAndGet();
          throw stopped;
        }
      }
      case "large" -> {
        return "v".repeat(20_000);
      }
      case "too large" -> {
        return "v".repeat(1_000_000);
      }
      case "much metainfo" -> {
        for (int i = 0; i < 128; i++) {
          MetaInfo.current().setBackward("k" + i, "v".repeat(250));
        }
      }
      case "much business" -> throw new BusinessException(7, "m".repeat(70_000), Map.of());
      default -> {}
    }
    return text;
  }

  private RawPeer peer() throws Exception {
    return new RawPeer(server.endpoint());
  }

  @AfterEach
  void stop() {
    released.release(100_000);
    server.stop();
  }

  private static byte[] repeated(int times, java.util.function.IntFunction<byte[]> message) {
    return bytes(out -> {
      for (int i = 0; i < times; i++) {
        out.writeBytes(message.apply(i));
      }
    });
  }

  private static void eventually(java.util.function.BooleanSupplier what) throws Exception {
    for (int i = 0; i < 2_000 && !what.getAsBoolean(); i++) {
      Thread.sleep(5);
    }
    assertThat(what.getAsBoolean()).isTrue();
  }

  @Test
  void aMillionEmptyStructsInAnUnknownFieldAreSkipped() throws Exception {
    serve(ThriftServerConfig.DEFAULT);
    byte[] message =
        bare(
            1,
            out -> {
              out.writeFieldBegin(TType.LIST, 9);
              out.buffer().writeByte(TType.STRUCT).writeInt(1_000_000).writeZero(1_000_000);
              argument(out, "skipped");
            });
    // the paranoid detector keeps a stack trace for bytes that are looked at
    ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    try (RawPeer peer = peer()) {
      long began = System.nanoTime();
      for (byte[] form : List.of(framed(message), headed(0, message), headed(0, framed(message)))) {
        peer.send(form);
        assertThat(peer.receive().text()).isEqualTo("skipped");
      }
      peer.send(message);
      assertThat(bareReply(peer)).isEqualTo("skipped");
      assertThat((System.nanoTime() - began) / 4_000_000).as("ns for an element").isLessThan(500);

      peer.send(framed(echo(2, "after bare")));
      assertThat(peer.receive().text()).isEqualTo("after bare");
    } finally {
      ResourceLeakDetector.setLevel(level);
    }
  }

  private static String bareReply(RawPeer peer) throws Exception {
    byte[] reply = peer.read(12 + 4 + 3 + 4 + "skipped".length() + 1);
    return RawPeer.Answered.of(reply).text();
  }

  @Test
  void theLastOfTwoFieldsWithOneIdWins() throws Exception {
    serve(CONFIG);
    try (RawPeer peer = peer()) {
      peer.send(
          framed(
              bare(
                  1,
                  out -> {
                    out.writeFieldBegin(TType.STRING, 1);
                    out.writeString("first");
                    argument(out, "last");
                  })));

      assertThat(peer.receive().text()).isEqualTo("last");
    }
  }

  @Test
  void aReplySentAsARequestIsRefusedAndNotRun() throws Exception {
    serve(CONFIG);
    byte[] reply =
        bytes(out -> {
          ThriftWriter writer = new ThriftWriter(out);
          ThriftMessage.write(writer, ThriftMessage.REPLY, "echo", 1);
          argument(writer, "x");
        });
    try (RawPeer peer = peer()) {
      peer.send(framed(reply));

      assertThat(peer.receive().error().type()).isEqualTo(2);
      assertThat(started).hasValue(0);
    }
  }

  @Test
  void eachMessageIsAnsweredInItsOwnFormHoweverItWasSplit() throws Exception {
    serve(CONFIG);
    List<byte[]> requests =
        List.of(
            framed(echo(1, "one")),
            headed(0, echo(2, "two")),
            headed(0, framed(echo(3, "three"))),
            echo(4, "four4"));
    byte[] all = repeated(requests.size(), requests::get);
    for (int split : new int[] {1, 2, 3, 5, 7, 13, all.length}) {
      try (RawPeer peer = peer()) {
        for (int from = 0; from < all.length; from += split) {
          peer.send(java.util.Arrays.copyOfRange(all, from, Math.min(all.length, from + split)));
        }
        assertThat(peer.receive().frame().form()).isEqualTo(WireForm.FRAMED);
        assertThat(peer.receive().frame().form()).isEqualTo(WireForm.TTHEADER);
        assertThat(peer.receive().frame().form()).isEqualTo(WireForm.TTHEADER_FRAMED);
        assertThat(peer.read(12 + 4 + 3 + 4 + 5 + 1)).startsWith(0x80, 0x01, 0, 2);
      }
    }
  }

  @Test
  void repliesKeepTheOrderOfTheirRequestsUnlessTheySayThatAnyWillDo() throws Exception {
    serve(CONFIG);
    try (RawPeer peer = peer()) {
      peer.send(headed(0, echo(1, "wait")));
      peer.send(headed(0, echo(2, "quick")));
      peer.send(headed(TtHeader.OUT_OF_ORDER, echo(3, "any order")));

      assertThat(peer.receive().envelope().sequence()).isEqualTo(3);
      released.release();
      assertThat(peer.receive().envelope().sequence()).isEqualTo(1);
      assertThat(peer.receive().envelope().sequence()).isEqualTo(2);
    }
  }

  @Test
  void noMoreCallsRunThanMayBeInFlightAndTheRestWaitsUnread() throws Exception {
    serve(CONFIG.withInFlight(4));
    try (RawPeer peer = peer()) {
      peer.send(repeated(500, i -> anyOrder(i, "wait")));
      eventually(() -> started.get() == 4);
      Thread.sleep(500);

      assertThat(started).hasValue(4);
      assertThat(server.connections()).as("waiting is not stalling").isEqualTo(1);
      released.release(500);
      for (int i = 0; i < 500; i++) {
        assertThat(peer.receive().text()).isEqualTo("wait");
      }
    }
  }

  @Test
  void repliesThatWaitForAnEarlierOneCountAsInFlight() throws Exception {
    serve(CONFIG.withInFlight(4));
    try (RawPeer peer = peer()) {
      peer.send(framed(echo(0, "wait")));
      peer.send(repeated(500, i -> framed(echo(i + 1, "quick"))));
      eventually(() -> started.get() == 4);
      Thread.sleep(300);

      assertThat(started).hasValue(4);
      released.release();
      for (int i = 0; i <= 500; i++) {
        assertThat(peer.receive().envelope().sequence()).isEqualTo(i);
      }
    }
  }

  @Test
  void unansweredRequestsHoldNoMoreThanOneLargestMessage() throws Exception {
    String large = "wait" + "x".repeat(20_000);
    serve(
        CONFIG.withMessageBytes(64 * 1024),
        Execution.on(task ->
            Thread.startVirtualThread(() -> {
              started.incrementAndGet();
              released.acquireUninterruptibly();
              task.run();
            })));
    try (RawPeer peer = peer()) {
      peer.send(repeated(50, i -> anyOrder(i, large)));
      eventually(() -> started.get() == 4);
      Thread.sleep(300);

      assertThat(started).hasValue(4);
      released.release(10_000);
      for (int i = 0; i < 50; i++) {
        assertThat(peer.receive().text()).isEqualTo(large);
      }
    }
  }

  @Test
  void aReplyThatCannotBeSentIsAFailureAndNotSilence() throws Exception {
    serve(CONFIG.withMessageBytes(500_000));
    try (RawPeer peer = peer()) {
      for (String text : List.of("too large", "much metainfo", "much business")) {
        peer.send(headed(h -> h.value(IntKey.FROM_METHOD, ""), echo(1, text)));
        RawPeer.Answered answer = peer.receive();

        assertThat(answer.envelope().type()).isEqualTo(ThriftMessage.EXCEPTION);
        assertThat(answer.error().type()).isEqualTo(6);
        assertThat(answer.error().message()).contains("large").doesNotContain("java");
      }
      peer.send(headed(0, echo(2, "next")));
      assertThat(peer.receive().text()).isEqualTo("next");
    }
  }

  @Test
  void anExpiredRequestRunsNoHandlerAndALateOneIsInterruptedOnce() throws Exception {
    serve(CONFIG);
    try (RawPeer peer = peer()) {
      long sent = System.nanoTime();
      peer.send(headed(h -> h.value(IntKey.RPC_TIMEOUT, "150"), echo(1, "wait")));
      RawPeer.Answered answer = peer.receive();
      long tookMillis = (System.nanoTime() - sent) / 1_000_000;

      assertThat(answer.error().message()).isEqualTo("echo: the deadline passed");
      assertThat(interrupted).hasValue(1);
      assertThat(tookMillis).isBetween(149L, 10_000L);
    }
  }

  @Test
  void anExpiredCallThatWaitsForAThreadIsNotRun() throws Exception {
    List<Runnable> waiting = new ArrayList<>();
    serve(CONFIG, Execution.on(waiting::add));
    try (RawPeer peer = peer()) {
      peer.send(headed(h -> h.value(IntKey.RPC_TIMEOUT, "30"), echo(1, "x")));
      eventually(() -> !waiting.isEmpty());
      Thread.sleep(40);
      waiting.forEach(Runnable::run);

      assertThat(peer.receive().error().message()).contains("the deadline had passed");
      assertThat(started).hasValue(0);
    }
  }

  @Test
  void oddDeadlinesMeanNone() throws Exception {
    serve(CONFIG);
    try (RawPeer peer = peer()) {
      for (String odd :
          List.of("", "0", "-1", "soon", "9223372036854775807", "99999999999999999999")) {
        peer.send(headed(h -> h.value(IntKey.RPC_TIMEOUT, odd), echo(1, "x")));

        assertThat(peer.receive().text()).isEqualTo("x");
      }
    }
  }

  @Test
  void moreConnectionsThanAllowedAreClosedAsTheyCome() throws Exception {
    serve(CONFIG.withConnections(2).withStalled(Duration.ofSeconds(10)));
    try (RawPeer one = peer();
        RawPeer two = peer()) {
      one.send(framed(echo(1, "x")));
      two.send(framed(echo(1, "x")));
      one.receive();
      two.receive();
      try (RawPeer three = peer()) {
        assertThat(three.receiveAll()).isEmpty();
      }
      one.send(framed(echo(2, "still served")));
      assertThat(one.receive().text()).isEqualTo("still served");
    }
  }

  @Test
  void fiveHundredSilentConnectionsAreClosedWhileOthersAreServed() throws Exception {
    serve(CONFIG);
    List<RawPeer> silent = new ArrayList<>();
    try (RawPeer good = peer()) {
      good.send(framed(echo(0, "x")));
      good.receive();
      for (int i = 0; i < 500; i++) {
        RawPeer one = peer();
        one.send(i % 2 == 0 ? new byte[0] : new byte[] {0, 0, 1});
        silent.add(one);
      }
      for (int i = 0; i < 100; i++) {
        good.send(framed(echo(i, "x")));
        assertThat(good.receive().text()).isEqualTo("x");
        Thread.sleep(4);
      }
      for (RawPeer one : silent) {
        assertThat(one.receiveAll()).isEmpty();
        one.close();
      }
    }
  }

  @Test
  void aMessageThatTricklesInIsWaitedForNoLongerThanOneThatStops() throws Exception {
    serve(CONFIG);
    byte[] call = headed(0, echo(1, "x".repeat(1_500)));
    try (RawPeer peer = peer()) {
      Thread trickling =
          Thread.startVirtualThread(() -> {
            try {
              for (byte each : call) { // 15 s in all, and no pause of any length
                peer.send(new byte[] {each});
                Thread.sleep(10);
              }
            } catch (IOException | InterruptedException closed) {
              // the test is over
            }
          });

      assertThat(peer.receiveAll()).isEmpty();

      assertThat(trickling.isAlive()).isTrue();
      trickling.interrupt();
      trickling.join();
    }
    assertThat(started).hasValue(0);
  }

  @Test
  void aConnectionIdlesForItsTimeAfterItsLastReply() throws Exception {
    serve(CONFIG.withIdle(Duration.ofMillis(600)));
    try (RawPeer peer = peer()) {
      peer.send(framed(echo(1, "wait")));
      Thread.sleep(1_000);
      released.release();
      peer.receive();
      Thread.sleep(200);
      peer.send(framed(echo(2, "in time")));
      assertThat(peer.receive().text()).isEqualTo("in time");

      assertThat(peer.receiveAll()).isEmpty();
    }
  }

  @Test
  void slowReadersHoldABoundedShareAndOthersAreServed() throws Exception {
    serve(CONFIG.withUnsentBytes(4 << 20).withStalled(Duration.ofSeconds(10)));
    long before = direct();
    List<RawPeer> slow = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      RawPeer one = new RawPeer(server.endpoint(), 4096);
      one.sendAside(repeated(300, n -> headed(TtHeader.OUT_OF_ORDER, echo(n, "large"))));
      slow.add(one);
    }
    long most = 0;
    try (RawPeer good = peer()) {
      for (int i = 0; i < 200; i++) {
        good.send(framed(echo(i, "x")));
        assertThat(good.receive().text()).isEqualTo("x");
        most = Math.max(most, direct() - before);
        Thread.sleep(2);
      }
    }
    eventually(() -> server.connections() < 51);

    // 50 x 300 x 20 kB would be 300 MB
    assertThat(most).isLessThan(96L << 20);
    for (RawPeer one : slow) {
      one.close();
    }
  }

  private static long direct() {
    return ((io.netty.buffer.ByteBufAllocatorMetricProvider)
            io.netty.buffer.ByteBufAllocator.DEFAULT)
        .metric()
        .usedDirectMemory();
  }

  @Test
  void aPeerThatTakesNothingIsClosedAndOneThatIsSlowIsNot() throws Exception {
    serve(CONFIG.withStalled(Duration.ofMillis(400)));
    try (RawPeer stuck = new RawPeer(server.endpoint(), 4096);
        RawPeer slow = new RawPeer(server.endpoint(), 4096)) {
      byte[] requests = repeated(400, n -> framed(echo(n, "large")));
      stuck.sendAside(requests);
      slow.sendAside(requests);
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(1_600);
      int taken = 0;
      while (System.nanoTime() < end) {
        slow.read(40_000);
        taken++;
        Thread.sleep(10);
      }

      assertThat(taken).isGreaterThan(10);
      eventually(() -> server.connections() <= 1);
    }
  }

  @Test
  void aLostConnectionInterruptsItsCalls() throws Exception {
    serve(CONFIG);
    CountDownLatch sent = new CountDownLatch(1);
    try (RawPeer peer = peer()) {
      peer.send(framed(echo(1, "wait")));
      eventually(() -> started.get() == 1);
      sent.countDown();
    }

    eventually(() -> interrupted.get() == 1);
  }

  @Test
  void aSequenceIdOfACallInFlightIsRefusedAndFreeAfterIt() throws Exception {
    serve(CONFIG);
    byte[] answered = anyOrder(7, "hi");
    byte[] waiting = anyOrder(7, "wait");
    try (RawPeer peer = peer()) {
      for (int i = 0; i < 3; i++) {
        peer.send(answered);
        assertThat(peer.receive().text()).isEqualTo("hi");
      }
      peer.send(waiting);
      eventually(() -> started.get() == 4);

      peer.send(waiting);

      assertThat(peer.receiveAll()).isEmpty();
      eventually(() -> interrupted.get() == 1);
    }
    assertThat(started).hasValue(4);
  }

  private static byte[] anyOrder(int sequence, String text) {
    return headed(
        header -> {
          header.flags(TtHeader.OUT_OF_ORDER);
          header.sequence(sequence);
        },
        echo(sequence, text));
  }

  @Test
  void aDrainingServerSaysSoInEachFormAndFailsNoCall() throws Exception {
    serve(CONFIG);
    try (RawPeer header = peer();
        RawPeer mux = peer();
        RawPeer apache = peer()) {
      header.send(headed(0, echo(1, "wait")));
      mux.send(headed(TtHeader.OUT_OF_ORDER, echo(1, "wait")));
      apache.send(framed(echo(1, "wait")));
      eventually(() -> started.get() == 3);
      Thread draining = draining();
      RawPeer.Answered control = mux.receive();
      released.release(3);

      assertThat(control.envelope()).isEqualTo(new ThriftMessage(ThriftMessage.REPLY, "none", 0));
      assertThat(control.header("crrst")).isEqualTo("1");
      RawPeer.Answered answer = header.receive();
      assertThat(answer.text()).isEqualTo("wait");
      assertThat(answer.header("crrst")).isEqualTo("1");
      assertThat(mux.receive().text()).isEqualTo("wait");
      mux.close();
      assertThat(apache.receive().text()).isEqualTo("wait");
      assertThat(apache.receiveAll()).isEmpty();
      assertThat(header.receiveAll()).isEmpty();
      draining.join();
      assertThat(server.connections()).isZero();
    }
  }

  @Test
  void aDrainingServerAnswersTheFirstCallOfAConnectionThatWasJustMade() throws Exception {
    serve(CONFIG);
    try (RawPeer fresh = peer()) {
      eventually(() -> server.connections() == 1);
      Thread draining = draining();
      eventually(() -> !server.isReady());
      Thread.sleep(100); // several rounds in which the server looks for what it may close

      fresh.send(headed(0, echo(1, "first")));

      RawPeer.Answered answer = fresh.receive();
      assertThat(answer.text()).isEqualTo("first");
      assertThat(answer.header("crrst")).isEqualTo("1");
      fresh.close();
      draining.join();
    }
  }

  private Thread draining() {
    return Thread.startVirtualThread(() -> {
      try {
        server.drain(Duration.ofSeconds(5));
      } catch (InterruptedException never) {
        Thread.currentThread().interrupt();
      }
    });
  }

  @Test
  void epollAndInlineBehaveTheSame() throws Exception {
    try (Loops loops = Loops.create(1)) {
      server =
          ThriftServer.builder(Address.tcp("127.0.0.1", 0))
              .service(EchoService.binding(this::answer))
              .execution(Execution.inline())
              .loops(loops)
              .build();
      server.start();
      Consumer<ByteBuf> pipelined =
          out -> {
            for (int i = 0; i < 3_000; i++) {
              out.writeBytes(framed(echo(i, "call " + i)));
            }
          };
      try (RawPeer peer = peer()) {
        peer.sendAside(bytes(pipelined));
        for (int i = 0; i < 3_000; i++) {
          assertThat(peer.receive().text()).isEqualTo("call " + i);
        }
      }
      server.stop();
    }
  }
}
