package io.volare.examples.demo;

import static java.util.Objects.requireNonNull;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import io.volare.examples.demo.idl.NoSuchItem;
import io.volare.examples.demo.idl.OrderEvent;
import io.volare.examples.demo.idl.OrdersClient;
import io.volare.examples.demo.idl.Step;
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
import io.volare.rpc.Source;
import io.volare.transport.grpc.GrpcClient;
import io.volare.transport.grpc.GrpcClientConfig;
import io.volare.transport.grpc.GrpcCode;
import io.volare.transport.grpc.GrpcStatusException;
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
import java.util.function.Predicate;

/**
 * The edge: starts {@code orders} and two instances of {@code inventory}, each in a JVM of its own,
 * calls them, and proves from what comes back what happened on the way.
 *
 * <p>Exits with 0 only if every line of its summary holds. With {@code --serve} the services stay
 * up.
 */
public final class Demo {
  /** Shorter than what {@code orders} would wait by itself. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Nothing below takes this long, on a slow machine either, unless it is not cut. */
  private static final long CUT_MILLIS = InventoryService.SNAIL_MILLIS / 2;

  private final Path spans;
  private final OpenTelemetry openTelemetry;
  private final Checks checks = new Checks();

  private Demo(Path spans) {
    this.spans = spans;
    this.openTelemetry = SpanFile.openTelemetry(spans, "edge");
  }

  /** Runs the demo. */
  public static void main(String[] arguments) throws Exception {
    List<String> words = List.of(arguments);
    if (!words.isEmpty() && !words.equals(List.of("--serve"))) {
      System.err.println("demo: " + words + " (expected: nothing, or --serve)");
      System.exit(2);
    }
    ServiceProcess.endWithParent();
    System.exit(holds(words.contains("--serve")) ? 0 : 1);
  }

  static boolean holds(boolean serve) throws Exception {
    Path spans = Files.createTempDirectory("volare-demo");
    try {
      return new Demo(spans).run(serve);
    } finally {
      SpanFile.delete(spans);
    }
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
        try (GrpcClient transport = GrpcClient.to(endpoint, GrpcClientConfig.DEFAULT)) {
          scenes(transport, first, second);
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
    say(
        "orders answers gRPC at "
            + orders
            + ", and tells by reflection what it has. Enter ends it.");
    System.out.println(
        "  grpcurl -plaintext -d '{\"item\": \"apple\", \"pieces\": 1}' %s demo.orders.Orders/Place"
            .formatted(orders));
    if (System.in.read() < 0) { // nobody is there to press it
      new CountDownLatch(1).await();
    }
    return true;
  }

  private static void say(String what) {
    System.out.println("\n" + what);
  }

  private OrdersClient client(GrpcClient transport, String caller) {
    RpcClient client =
        RpcClient.builder("orders")
            .caller(caller)
            .options(CallOptions.DEFAULT.withTimeout(Duration.ofSeconds(30)))
            .layer(TelemetryLayer.of(TelemetryConfig.of(openTelemetry)))
            .layer(TimeoutLayer.of(TimeoutConfig.perCall(PATIENCE).withoutInterrupt()))
            .transport(transport);
    return OrdersClient.of(client);
  }

  private void scenes(GrpcClient transport, ServiceProcess first, ServiceProcess second)
      throws Exception {
    OrdersClient orders = client(transport, "edge");
    oneTraceOverAllHopsAndThreads(orders);
    failures(orders);
    failover(orders, first);
    rateLimit(client(transport, "greedy"));
    deadline(orders);
    cancellation(orders, second);
  }

  private void oneTraceOverAllHopsAndThreads(OrdersClient orders) throws Exception {
    say("1. Metainfo, deadline and trace, over a gRPC hop, a Thrift hop and two threads");
    MetaInfo mine = MetaInfo.create();
    mine.setPersistent("tenant", "blue");
    mine.setTransient("hop", "from-edge");
    List<Placed> placed = new ArrayList<>();
    String trace =
        traced(
            "visit",
            () ->
                MetaInfo.call(
                    mine,
                    () -> {
                      placed.add(Placed.by(orders, "apple", 1));
                      return placed.addAll(twoInOtherThreads(orders));
                    }));
    Placed apple = placed.getFirst();
    checks.check(
        "gRPC streams what becomes of an order",
        placed.stream()
            .allMatch(order ->
                order.steps().equals(List.of(Step.RECEIVED, Step.COUNTED, Step.CONFIRMED))),
        apple.steps());
    metaInfoCrossedBoth(apple, mine);
    deadlineCrossedBoth(apple);
    TraceTree tree = tree(trace, 1 + 4 * placed.size());
    checks.check(
        "one trace, one tree, over both protocols, all processes and forks",
        tree.faults().isEmpty()
            && tree.spans().size() == 1 + 4 * placed.size()
            && tree.processes().containsAll(Set.of("edge", "orders")),
        trace + ", " + tree);
  }

  private void metaInfoCrossedBoth(Placed placed, MetaInfo mine) {
    List<String> seen = placed.seen();
    checks.check(
        "a persistent value reaches every hop",
        seen.size() == 2 && seen.stream().allMatch(line -> line.contains("tenant=blue")),
        "tenant=blue at orders and inventory");
    checks.check(
        "a transient value reaches the next hop only",
        seen.get(0).contains("hop=from-edge") && seen.get(1).contains("hop=null"),
        "hop=from-edge at orders, none at inventory");
    checks.check(
        "a backward value comes home, with Thrift's reply and with the end of gRPC's stream",
        placed.countedBy().equals(mine.downstream("counted-by")),
        "counted-by=" + mine.downstream("counted-by"));
  }

  private void deadlineCrossedBoth(Placed placed) {
    long atOrders = Seen.deadlineMillis(placed.seen().get(0));
    long atInventory = Seen.deadlineMillis(placed.seen().get(1));
    checks.check(
        "the caller's deadline shrinks on its way over both hops",
        atInventory <= atOrders && atOrders <= PATIENCE.toMillis(),
        "%d ms, %d ms at orders, %d ms at inventory"
            .formatted(PATIENCE.toMillis(), atOrders, atInventory));
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

  /** The same, once it has so many spans: a server writes its own down when the reply is out. */
  private TraceTree tree(String trace, int expected) throws Exception {
    return eventually(() -> tree(trace), tree -> tree.spans().size() >= expected);
  }

  /** {@return the first value that is enough, or the last one after 10 s} */
  private static <T> T eventually(Callable<T> value, Predicate<T> isEnough) throws Exception {
    T found = value.call();
    for (int i = 0; i < 500 && !isEnough.test(found); i++) {
      Thread.sleep(20);
      found = value.call();
    }
    return found;
  }

  private static List<Placed> twoInOtherThreads(OrdersClient orders) throws Exception {
    List<Placed> placed = new ArrayList<>();
    try (ExecutorService threads =
        Carrying.executor(
            io.opentelemetry.context.Context.taskWrapping(Executors.newFixedThreadPool(2)))) {
      List<Future<Placed>> running = new ArrayList<>();
      for (String item : List.of("pear", "plum")) {
        running.add(threads.submit(() -> Placed.by(orders, item, 1)));
      }
      for (Future<Placed> order : running) {
        placed.add(order.get());
      }
    }
    return placed;
  }

  private void failures(OrdersClient orders) throws Exception {
    say("2. An exception that Thrift declares two hops away, and a refusal of the next hop");
    List<Step> before = new ArrayList<>();
    GrpcStatusException unknown = refusal(orders, "unicorn", 1, before);
    NoSuchItem detail = unknown.detail(NoSuchItem.class);
    checks.check(
        "an exception that Thrift declares arrives as a status with its typed detail",
        unknown.code() == GrpcCode.NOT_FOUND
            && detail != null
            && detail.getItem().equals("unicorn")
            && before.equals(List.of(Step.RECEIVED)),
        before
            + ", "
            + unknown.code()
            + ", NoSuchItem "
            + (detail == null ? "" : detail.getItem()));
    before.clear();
    GrpcStatusException soldOut = refusal(orders, "melon", 43, before);
    checks.check(
        "a refusal in the middle of a stream arrives behind the events before it",
        soldOut.code() == GrpcCode.FAILED_PRECONDITION
            && soldOut.description().equals("only 42 of melon")
            && before.equals(List.of(Step.RECEIVED, Step.COUNTED)),
        before + ", " + soldOut.code() + ", " + soldOut.description());
  }

  /** {@return how the stream ended, with the steps before that in {@code before}} */
  private static GrpcStatusException refusal(
      OrdersClient orders, String item, int pieces, List<Step> before) throws InterruptedException {
    try (Source<OrderEvent> events = orders.place(Placed.request(item, pieces))) {
      for (OrderEvent event : events) {
        Placed.tell(item, event);
        before.add(event.getStep());
      }
      return GrpcStatusException.of(GrpcCode.UNKNOWN, "no refusal");
    } catch (GrpcStatusException refused) {
      System.out.println("  edge: " + refused.getMessage());
      return refused;
    }
  }

  private void failover(OrdersClient orders, ServiceProcess first) throws Exception {
    say("3. inventory-1 is killed in the middle of a call");
    List<Placed> placed = new ArrayList<>();
    String trace = "";
    while (first.isAlive() && placed.size() < 2) { // the first may have gone to inventory-2
      trace = traced("failover", () -> placed.add(Placed.orNothing(orders, "banana-skin")));
    }
    checks.check(
        "a call whose instance was killed is retried at the other one",
        !first.isAlive() && placed.getLast().countedBy().equals("inventory-2"),
        "inventory-1 dead, counted by " + placed.getLast().countedBy());
    int answered = 0;
    for (int i = 0; i < 10; i++) {
      answered +=
          quietly(() -> Placed.orNothing(orders, "apple")).countedBy().equals("inventory-2")
              ? 1
              : 0;
    }
    checks.check(
        "the calls after that go to the one that lives", answered == 10, answered + " of 10");
    TraceTree tree = tree(trace, 6);
    long failed = tree.spans().stream().filter(SpanFile.Line::failed).count();
    checks.check(
        "both tries of that call are spans under one parent, in one tree",
        tree.faults().isEmpty()
            && tree.count("orders", "CLIENT") == 2
            && tree.count("inventory", "SERVER") == 1
            && failed == 1,
        tree + ", failed: " + failed);
  }

  private static Placed quietly(Callable<Placed> order) throws Exception {
    MetaInfo quiet = MetaInfo.create();
    quiet.setPersistent(Seen.QUIET, "1");
    return MetaInfo.call(quiet, order::call);
  }

  private void rateLimit(OrdersClient greedy) throws Exception {
    say("4. A caller asks too often");
    int served = 0;
    int refused = 0;
    String message = "";
    for (int i = 0; i < 60; i++) {
      try {
        quietly(() -> Placed.by(greedy, "apple", 1));
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
        served >= 30 && refused > 0 && served + refused == 60,
        served + " served, " + refused + " refused");
  }

  private void deadline(OrdersClient orders) throws Exception {
    say("5. A slow call with a deadline of 500 ms");
    OrdersClient impatient = orders.with(CallOptions.DEFAULT.withTimeout(Duration.ofMillis(500)));
    List<Object> heard = new ArrayList<>();
    long started = System.nanoTime();
    String trace = traced("impatient", () -> heard.addAll(untilItFails(impatient)));
    long millis = (System.nanoTime() - started) / 1_000_000;
    checks.check(
        "a deadline ends a stream, behind the event that came in time",
        heard.equals(List.of(Step.RECEIVED, Kind.DEADLINE_EXCEEDED)) && millis < CUT_MILLIS,
        heard + ", " + millis + " ms");
    stopped("the deadline stops the work at the gRPC hop and at the Thrift hop", trace);
  }

  /** {@return the steps that came, and the kind of the failure} */
  private static List<Object> untilItFails(OrdersClient orders) throws InterruptedException {
    List<Object> heard = new ArrayList<>();
    try (Source<OrderEvent> events = orders.place(Placed.request("snail", 1))) {
      for (OrderEvent event : events) {
        Placed.tell("snail", event);
        heard.add(event.getStep());
      }
    } catch (RpcException late) {
      System.out.println("  edge: " + late.getMessage());
      heard.add(late.kind());
    }
    return heard;
  }

  private void cancellation(OrdersClient orders, ServiceProcess inventory) throws Exception {
    say("6. A slow call that nobody wants any more while inventory works on it");
    List<Step> heard = new ArrayList<>();
    String trace =
        traced(
            "changed my mind",
            () -> {
              try (Source<OrderEvent> events = orders.place(Placed.request("snail", 1))) {
                heard.add(requireNonNull(events.receive()).getStep());
                inventory.awaitLine(Span.current().getSpanContext().getTraceId());
              }
              return heard;
            });
    System.out.println("  edge: left the try block after " + heard);
    stopped("leaving the try block stops the work at the gRPC hop and at the Thrift hop", trace);
  }

  /** The snail would take {@link InventoryService#SNAIL_MILLIS}, were it let. */
  private void stopped(String claim, String trace) throws Exception {
    List<SpanFile.Line> cut = eventually(() -> cutSpans(trace), spans -> spans.size() >= 2);
    TraceTree tree = tree(trace);
    checks.check(
        claim,
        cut.size() == 2
            && cut.stream().allMatch(span -> span.millis() < CUT_MILLIS)
            && tree.faults().isEmpty(),
        cut.stream().map(span -> span.process() + " " + span.millis() + " ms").toList()
            + ", faults: "
            + tree.faults());
  }

  private List<SpanFile.Line> cutSpans(String trace) throws IOException {
    return tree(trace).spans().stream()
        .filter(span -> span.kind().equals("SERVER") && span.failed())
        .toList();
  }
}
