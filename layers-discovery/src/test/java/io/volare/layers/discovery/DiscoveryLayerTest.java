package io.volare.layers.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.motore.CallContext;
import io.volare.motore.Deadline;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Service;
import io.volare.motore.testing.ManualTime;
import io.volare.rpc.Discovery;
import io.volare.rpc.Endpoint;
import io.volare.rpc.EndpointHealth;
import io.volare.rpc.EndpointHealth.Signal;
import io.volare.rpc.EndpointSet;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class DiscoveryLayerTest {
  private static final Endpoint A = Endpoint.tcp("10.0.0.1", 1);
  private static final Endpoint B = Endpoint.tcp("10.0.0.2", 2);

  private final ManualTime time = ManualTime.create();
  private final EndpointHealth health = EndpointHealth.create();
  private final List<String> events = new ArrayList<>();

  private DiscoveryConfig config(Endpoint... endpoints) {
    return DiscoveryConfig.of(StaticDiscovery.of("inventory", endpoints))
        .withTime(time)
        .withHealth(health)
        .withBalancer(LoadBalancer.roundRobin())
        .withListener(
            new DiscoveryListener() {
              @Override
              public void ejected(Endpoint endpoint) {
                events.add("ejected " + endpoint);
              }

              @Override
              public void moved(Endpoint from, Exception failure) {
                events.add("moved from " + from);
              }
            });
  }

  private static Service<RpcContext, String, String> through(
      DiscoveryConfig config, Service<RpcContext, String, String> transport) {
    return DiscoveryLayer.<String, String>of(config).wrap(transport);
  }

  private static String endpointOf(RpcContext context, String request) {
    return String.valueOf(context.endpoint());
  }

  @Test
  void sendsEachCallToAnInstanceInItsTurn() throws Exception {
    Service<RpcContext, String, String> client =
        through(config(A, B), DiscoveryLayerTest::endpointOf);

    assertThat(client.call(TestMethod.call(), "")).isEqualTo("10.0.0.1:1");
    assertThat(client.call(TestMethod.call(), "")).isEqualTo("10.0.0.2:2");
    assertThat(client.call(TestMethod.call(), "")).isEqualTo("10.0.0.1:1");
  }

  @Test
  void leavesACallAloneWhoseEndpointIsSet() throws Exception {
    RpcContext context = TestMethod.call();
    context.endpoint(B);

    assertThat(through(config(A), DiscoveryLayerTest::endpointOf).call(context, ""))
        .isEqualTo("10.0.0.2:2");
  }

  @Test
  void movesACallOfWhichNothingWasSent() throws Exception {
    Service<RpcContext, String, String> client =
        through(
            config(A, B),
            (context, request) -> {
              if (A.equals(context.endpoint())) {
                throw RpcException.notExecuted(Kind.UNAVAILABLE, "refused");
              }
              return endpointOf(context, request);
            });

    assertThat(client.call(TestMethod.call(), "")).isEqualTo("10.0.0.2:2");
    assertThat(events).containsExactly("moved from 10.0.0.1:1");
  }

  @Test
  void doesNotMoveWhatMayHaveRun() {
    RpcException lost = RpcException.of(Kind.UNAVAILABLE, "lost");
    Service<RpcContext, String, String> client =
        through(
            config(A, B),
            (context, request) -> {
              throw lost;
            });

    assertThatThrownBy(() -> client.call(TestMethod.call(), "")).isSameAs(lost);
    assertThat(events).isEmpty();
  }

  @Test
  void anAttemptGoesWhereTheEarlierOnesHaveNotBeen() throws Exception {
    Service<RpcContext, String, String> client =
        through(config(A, B).withBalancer(List::getFirst), DiscoveryLayerTest::endpointOf);
    RpcContext call = TestMethod.call();
    RpcContext first = CallContext.forkOf(call, 1);
    RpcContext second = CallContext.forkOf(call, 2);

    assertThat(client.call(first, "")).isEqualTo("10.0.0.1:1");
    assertThat(client.call(second, "")).isEqualTo("10.0.0.2:2");
  }

  @Test
  void avoidsAnInstanceThatIsDrainingWhileThereIsAnother() throws Exception {
    Service<RpcContext, String, String> client =
        through(config(A, B), DiscoveryLayerTest::endpointOf);
    client.call(TestMethod.call(), "");
    health.report(A, Signal.DRAINING);

    for (int i = 0; i < 4; i++) {
      assertThat(client.call(TestMethod.call(), "")).isEqualTo("10.0.0.2:2");
    }
    time.advance(Duration.ofSeconds(1));
    assertThat(List.of(client.call(TestMethod.call(), ""), client.call(TestMethod.call(), "")))
        .contains("10.0.0.1:1");
  }

  @Test
  void aConnectionThatWasMadeNeverthelessDoesNotBringCallsBackToAnInstanceThatIsDraining()
      throws Exception {
    Service<RpcContext, String, String> client =
        through(config(A, B), DiscoveryLayerTest::endpointOf);
    client.call(TestMethod.call(), "");
    health.report(A, Signal.DRAINING);
    health.report(A, Signal.CONNECTED);

    for (int i = 0; i < 4; i++) {
      assertThat(client.call(TestMethod.call(), "")).isEqualTo("10.0.0.2:2");
    }
  }

  @Test
  void anInstanceThatRefusesIsUsedAgainAsSoonAsSomebodyHasConnectedToIt() throws Exception {
    Service<RpcContext, String, String> client =
        through(config(A, B), DiscoveryLayerTest::endpointOf);
    client.call(TestMethod.call(), "");
    health.report(A, Signal.DRAINING);
    health.report(A, Signal.REFUSED);
    health.report(A, Signal.CONNECTED);

    assertThat(List.of(client.call(TestMethod.call(), ""), client.call(TestMethod.call(), "")))
        .contains("10.0.0.1:1");
  }

  @Test
  void saysOfACallWhetherItMayComeBackAndGoToAnother() throws Exception {
    Service<RpcContext, String, Boolean> alone =
        DiscoveryLayer.<String, Boolean>of(config(A))
            .wrap((context, request) -> context.isOneOfSeveral());
    Service<RpcContext, String, Boolean> ofTwo =
        DiscoveryLayer.<String, Boolean>of(config(A, B))
            .wrap((context, request) -> context.isOneOfSeveral());

    assertThat(alone.call(TestMethod.call(), "")).isFalse();
    assertThat(ofTwo.call(TestMethod.call(), "")).isTrue();
    health.report(A, Signal.DRAINING);
    assertThat(ofTwo.call(TestMethod.call(), "")).isTrue();
    health.report(B, Signal.DRAINING);
    assertThat(ofTwo.call(TestMethod.call(), "")).isFalse();
  }

  @Test
  void aCallComesBackFromAnInstanceThatBeganToDrainAndOnlyOnceAllDoIsItTakenThere()
      throws Exception {
    Service<RpcContext, String, String> client =
        through(
            config(A, B),
            (context, request) -> {
              health.report(context.endpoint(), Signal.DRAINING);
              if (context.isOneOfSeveral()) {
                throw RpcException.notExecuted(Kind.UNAVAILABLE, "shutting down");
              }
              return endpointOf(context, request);
            });

    assertThat(client.call(TestMethod.call(), "")).isIn("10.0.0.1:1", "10.0.0.2:2");
    assertThat(events).containsExactly("moved from 10.0.0.1:1", "moved from 10.0.0.2:2");
  }

  @Test
  void anInstanceIsNotEjectedForWhatItDoesNotTakeWhileItIsDraining() throws Exception {
    Service<RpcContext, String, String> client =
        through(
            config(A, B).withBalancer(List::getFirst),
            (context, request) -> {
              if (A.equals(context.endpoint())) {
                health.report(A, Signal.DRAINING);
                throw RpcException.notExecuted(Kind.UNAVAILABLE, "shutting down");
              }
              return "ok";
            });

    for (int i = 0; i < 20; i++) {
      assertThat(client.call(TestMethod.call(), "")).isEqualTo("ok");
      time.advance(Duration.ofSeconds(1));
    }

    assertThat(events).hasSize(20).containsOnly("moved from 10.0.0.1:1");
  }

  @Test
  void interruptionPassesUntouchedAndIsNobodysFault() {
    InterruptedException cancelled = new InterruptedException();
    Service<RpcContext, String, String> client =
        through(
            config(A, B),
            (context, request) -> {
              throw cancelled;
            });

    for (int i = 0; i < 20; i++) {
      assertThatThrownBy(() -> client.call(TestMethod.call(), "")).isSameAs(cancelled);
    }
    assertThat(events).isEmpty();
  }

  @Test
  @Timeout(20)
  void aCallWaitsForTheFirstSet() throws Exception {
    LateDiscovery late = new LateDiscovery();
    Service<RpcContext, String, String> client = waiting(late, Duration.ofMinutes(1));
    AtomicReference<String> answer = new AtomicReference<>();
    Thread caller =
        Thread.startVirtualThread(() -> answer.set(uninterrupted(client, TestMethod.call())));
    late.watched.await();
    while (time.openScopes() == 0) {
      Thread.onSpinWait();
    }

    late.tell(A);
    caller.join();

    assertThat(answer).hasValue("10.0.0.1:1");
  }

  @Test
  @Timeout(20)
  void aCallWaitsNoLongerThanItsPatience() throws Exception {
    LateDiscovery late = new LateDiscovery();
    Service<RpcContext, String, String> client = waiting(late, Duration.ofSeconds(3));
    Thread clock = Thread.startVirtualThread(() -> passWhenSomebodyWaits(Duration.ofSeconds(3)));

    assertThatThrownBy(() -> client.call(TestMethod.call(), ""))
        .hasMessageContaining("no instance of inventory is known");
    clock.join();
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  @Timeout(20)
  void aCallWaitsNoLongerThanItsDeadline() throws Exception {
    LateDiscovery late = new LateDiscovery();
    Service<RpcContext, String, String> client = waiting(late, Duration.ofHours(1));
    RpcContext call = TestMethod.call();
    call.deadline(Deadline.after(Duration.ofMillis(250), time));
    Thread clock = Thread.startVirtualThread(() -> passWhenSomebodyWaits(Duration.ofMillis(250)));

    assertThatThrownBy(() -> client.call(call, ""))
        .hasMessageContaining("no instance of inventory is known");
    clock.join();
  }

  @Test
  void interruptionEndsTheWait() {
    Service<RpcContext, String, String> client = waiting(new LateDiscovery(), Duration.ofHours(1));
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> client.call(TestMethod.call(), ""))
        .isInstanceOf(InterruptedException.class);
  }

  private Service<RpcContext, String, String> waiting(LateDiscovery late, Duration patience) {
    return through(
        DiscoveryConfig.of(late).withTime(time).withHealth(health).withPatience(patience),
        DiscoveryLayerTest::endpointOf);
  }

  private void passWhenSomebodyWaits(Duration duration) {
    while (time.openScopes() == 0) {
      Thread.onSpinWait();
    }
    time.advance(duration);
  }

  private static String uninterrupted(
      Service<RpcContext, String, String> client, RpcContext context) {
    try {
      return client.call(context, "");
    } catch (Exception failure) {
      return failure.toString();
    }
  }

  /** Says nothing until it is told to. */
  private static final class LateDiscovery implements Discovery {
    private final CountDownLatch watched = new CountDownLatch(1);
    private volatile Consumer<? super EndpointSet> listener = set -> {};

    @Override
    public Watch watch(String service, Consumer<? super EndpointSet> listener) {
      this.listener = listener;
      watched.countDown();
      return () -> {};
    }

    void tell(Endpoint... endpoints) {
      listener.accept(new EndpointSet("inventory", List.of(endpoints)));
    }
  }

  @Test
  void saysThatNobodyIsKnown() {
    assertThatThrownBy(
            () -> through(config(), DiscoveryLayerTest::endpointOf).call(TestMethod.call(), ""))
        .isInstanceOfSatisfying(
            RpcException.class, none -> assertThat(none.mayHaveExecuted()).isFalse())
        .hasMessage("Inventory/GetItem: no instance of inventory is known to static");
  }

  /** One of ten hosts fails half of its calls: callers should hardly notice after five seconds. */
  @Test
  void leavesAHalfBrokenHostOutWithinFiveSeconds() throws Exception {
    Endpoint[] hosts = new Endpoint[10];
    for (int i = 0; i < hosts.length; i++) {
      hosts[i] = Endpoint.tcp("10.0.0." + (i + 1), 9000);
    }
    SplittableRandom random = new SplittableRandom(42);
    Service<RpcContext, String, String> client =
        through(
            config(hosts).withBalancer(LoadBalancer.leastLoadedOfTwo(new SplittableRandom(1))),
            (context, request) -> {
              if (hosts[0].equals(context.endpoint()) && random.nextBoolean()) {
                throw RpcException.of(Kind.INTERNAL, "half broken");
              }
              return "ok";
            });

    int calls = 0;
    int failed = 0;
    for (int ms = 0; ms < 60_000; ms++) {
      time.advance(Duration.ofMillis(1));
      try {
        client.call(TestMethod.call(), "");
      } catch (RpcException broken) {
        failed += ms >= 5_000 ? 1 : 0;
      }
      calls += ms >= 5_000 ? 1 : 0;
    }

    assertThat(1.0 - (double) failed / calls).isGreaterThanOrEqualTo(0.999);
    assertThat(events).allMatch(event -> event.equals("ejected 10.0.0.1:9000"));
  }

  @Test
  void ejectsAtMostHalfOfTheHosts() {
    Endpoint[] hosts = new Endpoint[10];
    for (int i = 0; i < hosts.length; i++) {
      hosts[i] = Endpoint.tcp("10.0.0." + (i + 1), 9000);
    }
    Service<RpcContext, String, String> client =
        through(
            config(hosts),
            (context, request) -> {
              throw RpcException.of(Kind.INTERNAL, "down");
            });

    for (int i = 0; i < 1_000; i++) {
      assertThatThrownBy(() -> client.call(TestMethod.call(), "")).isNotNull();
    }

    assertThat(events).hasSize(5);
  }

  @Test
  void aHostThatRecoversComesBackByProbation() throws Exception {
    boolean[] broken = {true};
    Map<String, Integer> served = new HashMap<>();
    Service<RpcContext, String, String> client =
        through(
            config(A, B),
            (context, request) -> {
              if (A.equals(context.endpoint()) && broken[0]) {
                throw RpcException.of(Kind.INTERNAL, "broken");
              }
              served.merge(endpointOf(context, request), 1, Integer::sum);
              return "ok";
            });
    while (events.isEmpty()) {
      try {
        client.call(TestMethod.call(), "");
      } catch (RpcException failing) {
        assertThat(failing).hasMessage("broken");
      }
    }

    broken[0] = false;
    served.clear();
    client.call(TestMethod.call(), "");
    client.call(TestMethod.call(), "");
    assertThat(served).containsOnlyKeys("10.0.0.2:2");

    time.advance(Duration.ofSeconds(6));
    for (int i = 0; i < 20; i++) {
      client.call(TestMethod.call(), "");
    }
    assertThat(served).containsKeys("10.0.0.1:1", "10.0.0.2:2");
  }

  @Test
  void anInstanceThatFailsOnProbationIsLeftOutForTwiceAsLong() throws Exception {
    Service<RpcContext, String, String> client =
        through(
            config(A, B),
            (context, request) -> {
              if (A.equals(context.endpoint())) {
                throw RpcException.of(Kind.INTERNAL, "broken");
              }
              return "ok";
            });
    failuresOf(client, 100);
    assertThat(events).containsExactly("ejected 10.0.0.1:1");

    time.advance(Duration.ofSeconds(5));
    assertThat(failuresOf(client, 100)).as("on probation one failure is enough").isEqualTo(1);
    time.advance(Duration.ofMillis(9_999));
    assertThat(failuresOf(client, 100)).isZero();
    time.advance(Duration.ofMillis(1));
    assertThat(failuresOf(client, 100)).isEqualTo(1);

    assertThat(events).hasSize(3);
  }

  private static int failuresOf(Service<RpcContext, String, String> client, int calls)
      throws Exception {
    int failures = 0;
    for (int i = 0; i < calls; i++) {
      try {
        client.call(TestMethod.call(), "");
      } catch (RpcException broken) {
        failures++;
      }
    }
    return failures;
  }

  @Test
  void watchesAtMostAThousandServicesAndEndsTheWatchesOfTheOthers() throws Exception {
    Set<String> watched = new HashSet<>();
    AtomicInteger ended = new AtomicInteger();
    Discovery discovery =
        (service, listener) -> {
          watched.add(service);
          listener.accept(new EndpointSet(service, List.of(A)));
          return () -> {
            watched.remove(service);
            ended.incrementAndGet();
          };
        };
    try (DiscoveryLayer<String, String> layer =
        DiscoveryLayer.of(DiscoveryConfig.of(discovery).withTime(time))) {
      Service<RpcContext, String, String> client = layer.wrap(DiscoveryLayerTest::endpointOf);

      for (int i = 0; i < 1_500; i++) {
        client.call(TestMethod.callTo("service " + i), "");
      }

      assertThat(watched).hasSizeLessThanOrEqualTo(1_000);
      assertThat(ended.get()).isEqualTo(1_500 - watched.size());
    }
    assertThat(watched).isEmpty();
  }
}
