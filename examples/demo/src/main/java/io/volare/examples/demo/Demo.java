package io.volare.examples.demo;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import io.volare.examples.demo.idl.Order;
import io.volare.examples.demo.idl.OrdersClient;
import io.volare.examples.demo.idl.UnknownItem;
import io.volare.layers.telemetry.TelemetryConfig;
import io.volare.layers.telemetry.TelemetryLayer;
import io.volare.layers.timeout.TimeoutConfig;
import io.volare.layers.timeout.TimeoutLayer;
import io.volare.metainfo.Carrying;
import io.volare.metainfo.MetaInfo;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.CallOptions;
import io.volare.rpc.Endpoint;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcException;
import io.volare.transport.thrift.ThriftClient;
import io.volare.transport.thrift.ThriftClientConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * The edge: starts {@code orders} and two instances of {@code inventory}, each in a JVM of its own,
 * calls them, and proves from what comes back what happened on the way.
 *
 * <p>Exits with 0 only if every line of its summary holds. With {@code --serve} the services stay
 * up.
 */
public final class Demo {
  private final Path spans;
  private final OpenTelemetry openTelemetry;
  private final Checks checks = new Checks();

  private Demo(Path spans) {
    this.spans = spans;
    this.openTelemetry = SpanFile.openTelemetry(spans, "edge");
  }

  /** Runs the demo. */
  public static void main(String[] arguments) throws Exception {
    System.exit(holds(Set.of(arguments).contains("--serve")) ? 0 : 1);
  }

  static boolean holds(boolean serve) throws Exception {
    return new Demo(Files.createTempDirectory("volare-demo")).run(serve);
  }

  private boolean run(boolean serve) throws Exception {
    say("Starting inventory-1, inventory-2 and orders, each in a JVM of its own");
    String folder = spans.toString();
    try (ServiceProcess first = inventory("inventory-1", folder);
        ServiceProcess second = inventory("inventory-2", folder)) {
      List<String> ports =
          List.of(folder, Integer.toString(first.port()), Integer.toString(second.port()));
      try (ServiceProcess orders = ServiceProcess.start("orders", OrdersService.class, ports)) {
        Endpoint endpoint = Endpoint.tcp("127.0.0.1", orders.port());
        if (serve) {
          return serve(endpoint);
        }
        try (ThriftClient transport = ThriftClient.to(endpoint, ThriftClientConfig.DEFAULT)) {
          scenes(transport, first);
        }
        say("Shutting down by SIGTERM");
        checks.check("orders drained and ended", orders.terminate(), "SIGTERM");
        checks.check("inventory-2 drained and ended", second.terminate(), "SIGTERM");
      }
    }
    checks.print();
    return !checks.failed();
  }

  private static ServiceProcess inventory(String name, String folder) throws IOException {
    return ServiceProcess.start(name, InventoryService.class, List.of(name, folder));
  }

  private static boolean serve(Endpoint orders) throws IOException, InterruptedException {
    say("orders answers at " + orders + " (Thrift: TTHeader, framed or bare). Enter ends it.");
    if (System.in.read() < 0) { // nobody is there to press it
      new CountDownLatch(1).await();
    }
    return true;
  }

  private static void say(String what) {
    System.out.println("\n" + what);
  }

  private OrdersClient client(ThriftClient transport, String caller) {
    RpcClient client =
        RpcClient.builder("orders")
            .caller(caller)
            .options(CallOptions.DEFAULT.withTimeout(Duration.ofSeconds(30)))
            .layer(TelemetryLayer.of(TelemetryConfig.of(openTelemetry)))
            .layer(
                TimeoutLayer.of(TimeoutConfig.perCall(Duration.ofSeconds(20)).withoutInterrupt()))
            .transport(transport);
    return OrdersClient.of(client);
  }

  private void scenes(ThriftClient transport, ServiceProcess first) throws Exception {
    OrdersClient orders = client(transport, "edge");
    oneTraceOverAllHopsAndThreads(orders);
    declaredExceptions(orders);
    failover(orders, first);
    rateLimit(client(transport, "greedy"));
    deadline(orders);
  }

  private void oneTraceOverAllHopsAndThreads(OrdersClient orders) throws Exception {
    say("1. Metainfo and one trace, over three hops and two threads");
    MetaInfo mine = MetaInfo.create();
    mine.setPersistent("tenant", "blue");
    mine.setTransient("hop", "from-edge");
    List<Order> placed = new ArrayList<>();
    String trace =
        traced(
            "visit",
            () ->
                MetaInfo.call(
                    mine,
                    () -> {
                      placed.add(orders.place("apple", 1));
                      return placed.addAll(twoInOtherThreads(orders));
                    }));
    List<String> seen = placed.getFirst().seen();
    checks.check(
        "a persistent value reaches every hop",
        seen.stream().allMatch(line -> line.contains("tenant=blue")),
        "tenant=blue at orders and inventory");
    checks.check(
        "a transient value reaches the next hop only",
        seen.get(0).contains("hop=from-edge") && seen.get(1).contains("hop=null"),
        "hop=from-edge at orders, none at inventory");
    checks.check(
        "a backward value comes home",
        placed.getFirst().countedBy().equals(mine.downstream("counted-by")),
        "counted-by=" + mine.downstream("counted-by"));
    TraceTree tree = tree(trace);
    checks.check(
        "one trace, one tree, over all processes and forks",
        tree.faults().isEmpty()
            && tree.spans().size() == 1 + 4 * placed.size()
            && tree.processes().containsAll(Set.of("edge", "orders")),
        trace + ", " + tree);
  }

  /** {@return the id of the trace that {@code visit} ran in} */
  private String traced(String name, Callable<?> visit) throws Exception {
    Span root = openTelemetry.getTracer("demo").spanBuilder(name).startSpan();
    try (Scope current = root.makeCurrent()) {
      visit.call();
    } finally {
      root.end();
    }
    return root.getSpanContext().getTraceId();
  }

  private TraceTree tree(String trace) throws IOException {
    return TraceTree.of(trace, SpanFile.read(spans));
  }

  private static List<Order> twoInOtherThreads(OrdersClient orders) throws Exception {
    List<Order> placed = new ArrayList<>();
    try (ExecutorService threads =
        Carrying.executor(
            io.opentelemetry.context.Context.taskWrapping(Executors.newFixedThreadPool(2)))) {
      List<Future<Order>> running = new ArrayList<>();
      for (String item : List.of("pear", "plum")) {
        running.add(threads.submit(() -> orders.place(item, 1)));
      }
      for (Future<Order> order : running) {
        placed.add(order.get());
      }
    }
    return placed;
  }

  private void declaredExceptions(OrdersClient orders) throws Exception {
    say("2. A declared exception, thrown two hops away");
    String caught = "nothing";
    try {
      orders.place("unicorn", 1);
    } catch (UnknownItem unknown) {
      caught = "UnknownItem " + unknown.item();
    }
    checks.check(
        "a declared exception arrives as itself over two hops",
        caught.equals("UnknownItem unicorn"),
        caught);
  }

  private void failover(OrdersClient orders, ServiceProcess first) throws Exception {
    say("3. inventory-1 is killed in the middle of a call");
    List<Order> placed = new ArrayList<>();
    String trace = "";
    while (first.isAlive() && placed.size() < 2) { // the first may have gone to inventory-2
      trace = traced("failover", () -> placed.add(orders.place("banana-skin", 1)));
    }
    checks.check(
        "a call whose instance was killed is retried at the other one",
        !first.isAlive() && placed.getLast().countedBy().equals("inventory-2"),
        "inventory-1 dead, counted by " + placed.getLast().countedBy());
    int answered = 0;
    for (int i = 0; i < 10; i++) {
      answered += quietly(orders).countedBy().equals("inventory-2") ? 1 : 0;
    }
    checks.check(
        "the calls after that go to the one that lives", answered == 10, answered + " of 10");
    TraceTree tree = tree(trace);
    long failed = tree.spans().stream().filter(SpanFile.Line::failed).count();
    checks.check(
        "both tries of that call are spans under one parent, in one tree",
        tree.faults().isEmpty()
            && tree.count("orders", "CLIENT") == 2
            && tree.count("inventory", "SERVER") == 1
            && failed == 1,
        tree + ", failed: " + failed);
  }

  private static Order quietly(OrdersClient orders) throws Exception {
    MetaInfo quiet = MetaInfo.create();
    quiet.setPersistent(Seen.QUIET, "1");
    return MetaInfo.call(quiet, () -> orders.place("apple", 1));
  }

  private void rateLimit(OrdersClient greedy) throws Exception {
    say("4. A caller asks too often");
    int served = 0;
    int refused = 0;
    String message = "";
    for (int i = 0; i < 60; i++) {
      try {
        quietly(greedy);
        served++;
      } catch (RpcException limited) {
        boolean typed = limited.kind() == Kind.RESOURCE_EXHAUSTED && !limited.mayHaveExecuted();
        refused += typed ? 1 : 0;
        message = String.valueOf(limited.getMessage());
      }
    }
    System.out.println("  edge: " + message);
    checks.check(
        "a rate limit refuses, typed, without running anything",
        served >= 20 && refused > 0 && served + refused == 60,
        served + " served, " + refused + " refused");
  }

  private void deadline(OrdersClient orders) throws Exception {
    say("5. A slow call with a deadline of 300 ms");
    OrdersClient impatient = orders.with(CallOptions.DEFAULT.withTimeout(Duration.ofMillis(300)));
    Kind[] kind = new Kind[1];
    long started = System.nanoTime();
    String trace = traced("impatient", () -> kind[0] = failureOf(impatient));
    long millis = (System.nanoTime() - started) / 1_000_000;
    checks.check(
        "a deadline ends a slow call",
        kind[0] == Kind.DEADLINE_EXCEEDED && millis < 600,
        millis + " ms");
    List<SpanFile.Line> cut = cutSpans(trace);
    for (int i = 0; i < 100 && cut.size() < 2; i++) {
      Thread.sleep(20);
      cut = cutSpans(trace);
    }
    checks.check(
        "it stops the work at every hop",
        cut.size() == 2 && cut.stream().allMatch(span -> span.millis() < 1_500),
        cut.stream().map(span -> span.process() + " " + span.millis() + " ms").toList());
  }

  private static Kind failureOf(OrdersClient impatient) throws Exception {
    try {
      impatient.place("snail", 1);
      return Kind.INTERNAL;
    } catch (RpcException late) {
      System.out.println("  edge: " + late.getMessage());
      return late.kind();
    }
  }

  private List<SpanFile.Line> cutSpans(String trace) throws IOException {
    return tree(trace).spans().stream()
        .filter(span -> span.kind().equals("SERVER") && span.failed())
        .toList();
  }
}
