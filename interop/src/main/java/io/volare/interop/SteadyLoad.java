package io.volare.interop;

import io.volare.layers.discovery.DiscoveryConfig;
import io.volare.layers.discovery.DiscoveryLayer;
import io.volare.layers.discovery.DiscoveryListener;
import io.volare.layers.discovery.StaticDiscovery;
import io.volare.rpc.Endpoint;
import io.volare.rpc.EndpointHealth;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcException;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Phaser;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * Calls at a steady rate over one kind of connection, whatever becomes of those before: an open
 * loop. Most calls take some milliseconds, one of fifty takes 200.
 */
final class SteadyLoad {
  private final String kind;
  private final RestartOptions options;
  private final Traffic traffic;
  private final LongAdder sent = new LongAdder();
  private final LongAdder answered = new LongAdder();
  private final LongAdder moved = new LongAdder();
  private final Map<String, LongAdder> failures = new ConcurrentSkipListMap<>();
  private final Map<String, String> examples = new ConcurrentSkipListMap<>();
  private final Thread pacing;
  private volatile boolean mayEnd;

  SteadyLoad(String kind, int[] ports, RestartOptions options) {
    this.kind = kind;
    this.options = options;
    traffic = kind.startsWith("grpc") ? new GrpcTraffic(kind) : new ThriftTraffic(kind);
    EndpointHealth health = EndpointHealth.create();
    StaticDiscovery discovery =
        StaticDiscovery.of(
            "cases", Endpoint.tcp("127.0.0.1", ports[0]), Endpoint.tcp("127.0.0.1", ports[1]));
    traffic.start(
        health,
        RpcClient.builder("cases")
            .caller("restarts")
            .layer(
                DiscoveryLayer.of(
                    DiscoveryConfig.of(discovery)
                        .withHealth(health)
                        .withListener(new CountingMoves()))));
    pacing = Thread.ofPlatform().name("load-" + kind).start(this::send);
  }

  /** The restarts are done: what was promised may be sent to its end. */
  void mayEnd() {
    mayEnd = true;
  }

  void join() throws InterruptedException {
    pacing.join();
  }

  private void send() {
    SplittableRandom random = new SplittableRandom(kind.hashCode());
    Phaser running = new Phaser(1);
    long start = System.nanoTime();
    for (long i = 0; i < options.calls() || !mayEnd; i++) {
      long due = start + i * 1_000_000_000L / options.rate();
      for (long now = System.nanoTime(); now < due; now = System.nanoTime()) {
        LockSupport.parkNanos(due - now);
      }
      long number = i;
      int millis = random.nextInt(50) == 0 ? 200 : random.nextInt(6);
      sent.increment();
      running.register();
      Thread.startVirtualThread(() -> {
        call(number, millis);
        running.arriveAndDeregister();
      });
    }
    running.arriveAndAwaitAdvance();
    traffic.close();
  }

  private void call(long number, int millis) {
    try {
      if (traffic.call(number, millis)) {
        answered.increment();
      } else {
        failed("untyped: the answer of another call", number);
      }
    } catch (RpcException failure) {
      String mayHave = failure.mayHaveExecuted() ? "may have executed" : "not executed";
      failed(failure.kind() + ", " + mayHave, failure);
    } catch (Exception failure) {
      failed("untyped: " + failure.getClass().getName(), failure);
    }
  }

  private void failed(String what, Object example) {
    failures.computeIfAbsent(what, unused -> new LongAdder()).increment();
    examples.putIfAbsent(what, example.toString());
  }

  private final class CountingMoves implements DiscoveryListener {
    @Override
    public void moved(Endpoint from, Exception failure) {
      moved.increment();
    }
  }

  long sent() {
    return sent.sum();
  }

  long answered() {
    return answered.sum();
  }

  /** {@return whether nothing failed that must not} */
  boolean holds() {
    boolean typed = failures.keySet().stream().noneMatch(what -> what.startsWith("untyped"));
    return typed && (!traffic.losesNone() || failures.isEmpty());
  }

  /** {@return a line of what became of all calls, and one of each way in which some failed} */
  String summary() {
    StringBuilder text =
        new StringBuilder(
            "%-20s %7d calls, %7d answered, %5d moved unsent, %d failed%s"
                .formatted(
                    kind,
                    sent(),
                    answered(),
                    moved.sum(),
                    sent() - answered(),
                    holds() ? "" : "  FAIL"));
    failures.forEach((what, count) ->
        text.append(
            "\n%28d %s, for instance: %s".formatted(count.sum(), what, examples.get(what))));
    return text.toString();
  }
}
