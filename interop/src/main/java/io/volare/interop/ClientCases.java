package io.volare.interop;

import io.volare.codec.thrift.Binary;
import io.volare.interop.cases.CasesClient;
import io.volare.interop.cases.Choice;
import io.volare.interop.cases.Color;
import io.volare.interop.cases.Everything;
import io.volare.interop.cases.LaterClient;
import io.volare.interop.cases.Oops;
import io.volare.interop.cases.Point;
import io.volare.interop.cases.Request;
import io.volare.metainfo.MetaInfo;
import io.volare.motore.Failure;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.BusinessException;
import io.volare.rpc.CallOptions;
import io.volare.rpc.Endpoint;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcException;
import io.volare.transport.thrift.ThriftClient;
import io.volare.transport.thrift.ThriftClientConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/** What a client asks of a server, and what it expects. Each case throws when it fails. */
final class ClientCases {
  private final RpcClient rpc;
  private final CasesClient calls;

  ClientCases(int port, ThriftClientConfig config, Duration limit) {
    ThriftClient transport = ThriftClient.to(Endpoint.tcp("127.0.0.1", port), config);
    rpc =
        RpcClient.builder("cases")
            .caller("volare-client")
            .options(CallOptions.DEFAULT.withTimeout(limit))
            .transport(transport);
    calls = CasesClient.of(rpc);
  }

  void run(String name, PeerOptions options) throws Exception {
    switch (name) {
      case "echo" -> {
        calls.ping();
        expect("hi", "hi");
      }
      case "all" -> same(calls.swap(everything()), everything());
      case "big" -> {
        String big = "0123456789abcdef".repeat(3 << 16);
        check(echo(big).equals(big), "another text");
      }
      case "concurrent" -> concurrent();
      case "declared" -> {
        Oops oops = thrown(Oops.class, "oops");
        same(oops.why() + " " + oops.code(), "because 7");
      }
      case "application" -> {
        RpcException failure = thrown(RpcException.class, "err");
        check(failure.kind() == Kind.INTERNAL, "kind " + failure.kind());
        check(String.valueOf(failure.getMessage()).contains("went wrong"), failure.getMessage());
        expect("hi", "hi");
      }
      case "unknown" -> {
        RpcException failure = thrown(RpcException.class, () -> LaterClient.of(rpc).missing("x"));
        check(failure.kind() == Kind.UNIMPLEMENTED, failure.toString());
        check(!failure.mayHaveExecuted(), "may have executed");
      }
      case "biz" -> {
        BusinessException biz = thrown(BusinessException.class, "biz");
        same(biz.status() + biz.getMessage() + biz.extra(), "404not found{k=v}");
        expect("hi", "hi");
      }
      case "oneway" -> oneway();
      case "meta" -> withMetaInfo(() -> expect("meta", "T=t,P=p"));
      case "backward" ->
          withMetaInfo(() -> {
            expect("meta", "T=t,P=p");
            same(MetaInfo.current().downstream("bk"), "bv");
          });
      case "chain" ->
          withMetaInfo(() -> {
            String[] expected = options.expect().split("#", -1);
            expect("chain:" + options.chain(), expected[0]);
            same(MetaInfo.current().downstream("bk"), expected[1]);
          });
      case "caller" -> expect("caller", "volare-client");
      case "deadline" -> {
        int seen = Integer.parseInt(echo(limited(400), "deadline"));
        check(seen >= 1 && seen <= 400, seen + " ms at the server (expected: 1 to 400)");
      }
      case "timeout" -> {
        long start = System.nanoTime();
        RpcException failure = thrown(RpcException.class, () -> echo(limited(300), "sleep:2000"));
        check(failure.kind() == Kind.DEADLINE_EXCEEDED, failure.toString());
        check(System.nanoTime() - start < 1_500_000_000L, "late");
      }
      case "crrst" -> drained();
      default -> throw new IllegalArgumentException("case: " + name + " (expected: a case)");
    }
  }

  static Everything everything() {
    return Everything.builder()
        .yes(true)
        .tiny((byte) -8)
        .small((short) -300)
        .medium(1 << 30)
        .large(-(1L << 60))
        .real(0.1)
        .text("héllo ☃ 𝄞")
        .raw(Binary.of((byte) 0, (byte) 1, (byte) 0xfe, (byte) 0xff))
        .color(Color.BLUE)
        .choice(new Choice.Number(42))
        .names(List.of("a", "", "c"))
        .ids(Set.of(7))
        .counts(Map.of("one", 1L, "", -1L))
        .nested(Map.of(5, List.of(Map.of("p", new Point(1, -2)), Map.of()), 6, List.of()))
        .colors(List.of(Color.RED, Color.GREEN))
        .afterFifteen("sixteen")
        .far(new Point(3, 4))
        .veryFar(1L << 40)
        .build();
  }

  private CasesClient limited(int millis) {
    return calls.with(CallOptions.DEFAULT.withTimeout(Duration.ofMillis(millis)));
  }

  private String echo(String text) throws Oops, InterruptedException {
    return echo(calls, text);
  }

  private static String echo(CasesClient calls, String text) throws Oops, InterruptedException {
    return calls.echo(new Request("a", text)).msg();
  }

  private void expect(String sent, String expected) throws Oops, InterruptedException {
    same(echo(sent), expected);
  }

  private static void same(@Nullable Object actual, Object expected) {
    check(expected.equals(actual), "expected " + expected + ", got " + actual);
  }

  private static void check(boolean good, @Nullable String otherwise) {
    if (!good) {
      throw new AssertionError(otherwise);
    }
  }

  private <X extends Exception> X thrown(Class<X> type, String sent) throws Exception {
    return thrown(type, () -> echo(sent));
  }

  private static <X extends Exception> X thrown(Class<X> type, Callable<String> call)
      throws Exception {
    try {
      throw new AssertionError("expected " + type.getSimpleName() + ", got " + call.call());
    } catch (Exception failure) {
      if (type.isInstance(failure)) {
        return type.cast(failure);
      }
      throw failure;
    }
  }

  private interface Step {
    void run() throws Oops, InterruptedException;
  }

  private static void withMetaInfo(Step step) throws Exception {
    MetaInfo info = MetaInfo.create();
    info.setTransient("T", "t");
    info.setPersistent("P", "p");
    MetaInfo.<@Nullable Object, Exception>call(
        info,
        () -> {
          step.run();
          return null;
        });
  }

  private void oneway() throws Oops, InterruptedException {
    String token = Long.toString(System.nanoTime(), 36);
    calls.log(new Request("a", token));
    for (int i = 0; i < 40 && !echo("logged:" + token).equals("yes"); i++) {
      Thread.sleep(Duration.ofMillis(50));
    }
    expect("logged:" + token, "yes");
  }

  private void concurrent() throws ExecutionException, InterruptedException {
    try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> running =
          java.util.stream.IntStream.range(0, 64)
              .<Future<?>>mapToObj(worker ->
                  workers.submit(() -> {
                    for (int i = 0; i < 50; i++) {
                      expect("call " + i + " of " + worker, "call " + i + " of " + worker);
                    }
                    return null;
                  }))
              .toList();
      for (Future<?> each : running) {
        each.get();
      }
    }
  }

  /** Has a call in flight while the server goes; every call is answered, or refused unexecuted. */
  private void drained() throws Exception {
    try (ExecutorService workers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<String> slow = workers.submit(() -> echo("sleep:500"));
      Thread.sleep(Duration.ofMillis(200));
      expect("drain", "drain");
      same(slow.get(), "sleep:500");
    }
    long end = System.nanoTime() + Duration.ofSeconds(15).toNanos();
    while (System.nanoTime() < end) {
      try {
        echo("hi");
      } catch (RpcException failure) {
        check(((Failure) failure).kind() == Kind.UNAVAILABLE, failure.toString());
        check(!failure.mayHaveExecuted(), "may have executed: " + failure);
        return;
      }
      Thread.sleep(Duration.ofMillis(20));
    }
    throw new AssertionError("the server was still there after 15 s");
  }
}
