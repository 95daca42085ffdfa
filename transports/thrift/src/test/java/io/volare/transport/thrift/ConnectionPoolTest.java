package io.volare.transport.thrift;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.channel.EventLoop;
import io.volare.motore.AsyncCall;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Services;
import io.volare.rpc.CallOptions;
import io.volare.rpc.Endpoint;
import io.volare.rpc.EndpointHealth;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcException;
import io.volare.transport.netty.Execution;
import io.volare.transport.netty.Loops;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How many connections there are, how long they live, and who waits for them. */
@Timeout(30)
class ConnectionPoolTest {
  private final BlockingQueue<Integer> used = new LinkedBlockingQueue<>();
  private final Queue<Object> echoed = new ConcurrentLinkedQueue<>();
  private final CountDownLatch answer = new CountDownLatch(1);
  private ScriptedPeer peer;
  private ThriftClient transport;

  private RpcClient client(ThriftClientConfig config) throws IOException {
    peer =
        new ScriptedPeer(line -> {
          while (true) {
            ScriptedPeer.Call call = line.read();
            used.add(line.number);
            if (call.text().equals("hold")) {
              answer.await();
            }
            line.send(call.answer());
          }
        });
    transport = ThriftClient.to(peer.endpoint(), config).with(EndpointHealth.create());
    return RpcClient.builder("echo").transport(transport);
  }

  @AfterEach
  void stop() throws IOException {
    answer.countDown();
    if (transport != null) {
      transport.stop();
      peer.close();
    }
  }

  private static Object echo(RpcClient client, String text) throws Exception {
    return client.call(EchoService.ECHO, text);
  }

  private List<AsyncCall<Object>> holding(RpcClient client, int calls) throws Exception {
    List<AsyncCall<Object>> held = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      held.add(Services.callAsync(() -> echo(client, "hold")));
      assertThat(used.poll(5, TimeUnit.SECONDS)).isNotNull();
    }
    return held;
  }

  private void awaitConnections(int expected) {
    while (transport.connections() != expected) {
      Thread.onSpinWait();
    }
  }

  @Test
  void neverMakesMoreConnectionsThanItMayAndLetsTheOthersWait() throws Exception {
    RpcClient client = client(ThriftClientConfig.DEFAULT.withPool(3));
    List<AsyncCall<Object>> held = holding(client, 3);
    AsyncCall<Object> fourth = Services.callAsync(() -> echo(client, "fourth"));
    Thread.sleep(50);
    assertThat(fourth.isDone()).isFalse();

    answer.countDown();

    assertThat(fourth.join()).isEqualTo("fourth");
    for (AsyncCall<Object> call : held) {
      assertThat(call.join()).isEqualTo("hold");
    }
    assertThat(peer.accepted()).isEqualTo(3);
  }

  @Test
  void callsThatWaitToBeWrittenShareAConnectionUpToABatch() throws Exception {
    try (Loops loop = Loops.create(1)) {
      client(ThriftClientConfig.DEFAULT.withMultiplexed(4));
      ThriftClient onOneLoop = transport.with(loop);
      RpcClient client = RpcClient.builder("echo").transport(onOneLoop);
      for (int opened = 0; opened < 4; opened++) {
        echo(client, "open");
      }
      used.clear();
      CountDownLatch busy = new CountDownLatch(1);
      loop.group().next().submit(() -> busy.await(20, TimeUnit.SECONDS));
      List<Thread> callers = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        Thread caller = Thread.ofVirtual().start(() -> echoed.add(silently(client)));
        while (caller.getState() != Thread.State.WAITING) {
          Thread.yield();
        }
        callers.add(caller);
      }

      busy.countDown();

      for (Thread caller : callers) {
        caller.join();
      }
      assertThat(echoed).hasSize(40).containsOnly("x");
      assertThat(used.stream().collect(groupingBy(line -> line, counting())).values())
          .containsExactlyInAnyOrder(32L, 8L);
      onOneLoop.stop();
    }
  }

  @Test
  void whoALoopCarriesCallsThroughConnectionsOfThatLoop() throws Exception {
    try (Loops loops = Loops.create(2)) {
      client(ThriftClientConfig.DEFAULT.withMultiplexed(4));
      ThriftClient onTwoLoops = transport.with(loops);
      RpcClient client = RpcClient.builder("echo").transport(onTwoLoops);
      for (int opened = 0; opened < 4; opened++) {
        echo(client, "open");
      }

      Set<Integer> ofOne = linesCalledFrom(loops.group().next(), client);
      Set<Integer> ofOther = linesCalledFrom(loops.group().next(), client);

      assertThat(ofOne).hasSize(2);
      assertThat(ofOther).hasSize(2).doesNotContainAnyElementsOf(ofOne);
      onTwoLoops.stop();
    }
  }

  private Set<Integer> linesCalledFrom(EventLoop loop, RpcClient client) throws Exception {
    used.clear();
    FutureTask<Void> calls =
        new FutureTask<>(() -> {
          for (int i = 0; i < 20; i++) {
            echo(client, "x");
          }
          return null;
        });
    loop.execute(() -> Execution.loopAffine().run(calls));
    calls.get();
    return new TreeSet<>(used);
  }

  private static Object silently(RpcClient client) {
    try {
      return echo(client, "x");
    } catch (Exception failed) {
      return failed;
    }
  }

  @Test
  void waitingForAConnectionEndsAtTheDeadlineAndSentNothing() throws Exception {
    RpcClient client = client(ThriftClientConfig.DEFAULT.withPool(1));
    holding(client, 1);

    RpcException failure =
        (RpcException)
            catchThrowable(() ->
                echo(client.with(CallOptions.DEFAULT.withTimeout(Duration.ofMillis(80))), "x"));

    assertThat(failure.kind()).isEqualTo(Kind.DEADLINE_EXCEEDED);
    assertThat(failure.mayHaveExecuted()).isFalse();
    assertThat(failure)
        .hasMessageMatching(
            "Echo/echo at \\S+ no free connection after \\d+ ms \\(limit: 1 connections\\)");
  }

  @Test
  void waitingForAConnectionCanBeCancelled() throws Exception {
    RpcClient client = client(ThriftClientConfig.DEFAULT.withPool(1));
    holding(client, 1);
    List<Throwable> thrown = new ArrayList<>();
    Thread waiting =
        Thread.ofVirtual().start(() -> thrown.add(catchThrowable(() -> echo(client, "x"))));
    Thread.sleep(30);

    waiting.interrupt();
    waiting.join();
    answer.countDown();

    assertThat(thrown.getFirst()).isInstanceOf(InterruptedException.class);
    assertThat(echo(client, "next")).isEqualTo("next");
  }

  @Test
  void usesTheConnectionThatWasUsedLast() throws Exception {
    RpcClient client = client(ThriftClientConfig.DEFAULT.withPool(8));
    List<AsyncCall<Object>> held = holding(client, 4);
    answer.countDown();
    for (AsyncCall<Object> call : held) {
      call.join();
    }
    echo(client, "warm");
    int last = used.take();

    for (int i = 0; i < 20; i++) {
      echo(client, "again");
      assertThat(used.take()).isEqualTo(last);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void closesWhatIsIdleForTooLong(boolean multiplexed) throws Exception {
    ThriftClientConfig config = ThriftClientConfig.DEFAULT.withIdle(Duration.ofMillis(200));
    RpcClient client = client(multiplexed ? config.withMultiplexed(1) : config.withPool(4));
    echo(client, "1");
    assertThat(transport.connections()).isEqualTo(1);

    awaitConnections(0);

    assertThat(echo(client, "2")).isEqualTo("2");
    assertThat(peer.accepted()).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void usesNoConnectionBeyondItsAge(boolean multiplexed) throws Exception {
    ThriftClientConfig config = ThriftClientConfig.DEFAULT.withMaxAge(Duration.ofMillis(300));
    RpcClient client = client(multiplexed ? config.withMultiplexed(1) : config.withPool(1));
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);

    while (System.nanoTime() < end) {
      assertThat(echo(client, "x")).isEqualTo("x");
      Thread.sleep(5);
    }

    assertThat(peer.accepted()).isBetween(2, 8);
  }

  @Test
  void multiplexedCallersShareOneAttemptToConnect() throws Exception {
    RpcClient client = client(ThriftClientConfig.DEFAULT.withMultiplexed(1));
    List<AsyncCall<Object>> calls = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      calls.add(Services.callAsync(() -> echo(client, "x")));
    }
    for (AsyncCall<Object> call : calls) {
      assertThat(call.join()).isEqualTo("x");
    }
    assertThat(peer.accepted()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRefusedConnectionIsReportedAndTheNextCallTriesAgain(boolean multiplexed) throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    EndpointHealth health = EndpointHealth.create();
    BlockingQueue<EndpointHealth.Signal> signals = new LinkedBlockingQueue<>();
    health.subscribe((endpoint, signal) -> signals.add(signal));
    ThriftClientConfig config = ThriftClientConfig.DEFAULT;
    try (ThriftClient refused =
        ThriftClient.to(
                Endpoint.tcp("127.0.0.1", port), multiplexed ? config.withMultiplexed(1) : config)
            .with(health)) {
      RpcClient client = RpcClient.builder("echo").transport(refused);
      for (int i = 0; i < 3; i++) {
        RpcException failure = (RpcException) catchThrowable(() -> echo(client, "x"));

        assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(failure.mayHaveExecuted()).isFalse();
        assertThat(signals.poll(5, TimeUnit.SECONDS)).isEqualTo(EndpointHealth.Signal.REFUSED);
      }
    }
  }
}
