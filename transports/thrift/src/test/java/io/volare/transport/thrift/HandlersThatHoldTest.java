package io.volare.transport.thrift;

import static org.assertj.core.api.Assertions.assertThat;

import io.volare.motore.Service;
import io.volare.rpc.Address;
import io.volare.rpc.CallOptions;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import io.volare.transport.contract.LeakExtension;
import io.volare.transport.netty.Execution;
import io.volare.transport.netty.Loops;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jdk.management.VirtualThreadSchedulerMXBean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a handler may do to the others: in the default mode whatever it likes, in the loop-affine
 * mode wait in every way that Java has. One loop serves and calls, so that whatever stalls it
 * stalls all. Whoever is to be delayed comes when the others hold what they hold.
 */
@ExtendWith(LeakExtension.class)
class HandlersThatHoldTest {
  private static final VirtualThreadSchedulerMXBean POOL =
      ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  /** How long others are held up each time that the watchdog doubles the carriers. */
  private static final Duration DOUBLING = Duration.ofMillis(150);

  /** What a busy machine may add; far below what the holders hold. */
  private static final Duration BUSY = Duration.ofSeconds(5);

  private static final Duration HELD = Duration.ofMinutes(1);

  private final Loops loops = Loops.create(1);
  private final Semaphore begun = new Semaphore(0);
  private final CountDownLatch release = new CountDownLatch(1);
  private final Object lock = new Object();
  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<Thread> callers = new ArrayList<>();
  private volatile boolean holding = true;

  static Stream<Execution> modesThatWait() {
    return Stream.of(Execution.virtualThreads(), Execution.loopAffine());
  }

  /** Without the flag of the JVM it would be the pool under another name. */
  @BeforeAll
  static void loopsCarryVirtualThreads() {
    assertThat(Execution.loopAffine()).hasToString("loop-affine virtual threads");
  }

  /** The watch of the test before ends on a thread of its own. */
  @BeforeEach
  void awaitUsualParallelism() throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (POOL.getParallelism() != PROCESSORS && System.nanoTime() < end) {
      Thread.sleep(20);
    }
    assertThat(POOL.getParallelism()).isEqualTo(PROCESSORS);
  }

  @AfterEach
  void close() throws Exception {
    holding = false;
    release.countDown();
    for (Thread caller : callers) {
      caller.join();
    }
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
    loops.close();
  }

  private RpcClient serve(Execution execution) {
    ThriftServer server =
        ThriftServer.builder(Address.tcp("127.0.0.1", 0))
            .service(EchoService.binding((context, request) -> handle((String) request)))
            .execution(execution)
            .loops(loops)
            .build();
    server.start();
    open.add(server);
    ThriftClient transport =
        ThriftClient.to(server.endpoint(), ThriftClientConfig.MULTIPLEXED).with(loops);
    open.add(transport);
    return RpcClient.builder("echo")
        .caller("test")
        .options(CallOptions.DEFAULT.withTimeout(HELD))
        .transport(transport);
  }

  private String handle(String what) throws Exception {
    switch (what) {
      case "compute" -> compute();
      case "native" -> blockInNativeCode();
      case "sleep" -> sleep();
      case "lock" -> waitWithTheLock();
      default -> {}
    }
    return what;
  }

  private void compute() {
    begun.release();
    while (holding) {
      Thread.onSpinWait();
    }
  }

  @SuppressWarnings("restricted") // a call of libc is what it is about
  private void blockInNativeCode() throws Exception {
    MethodHandle sleep =
        Linker.nativeLinker()
            .downcallHandle(
                Linker.nativeLinker().defaultLookup().find("usleep").orElseThrow(),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    begun.release();
    while (holding) {
      try {
        int zero = (int) sleep.invokeExact(100_000);
        assertThat(zero).isZero();
      } catch (Throwable failed) {
        throw new IllegalStateException(failed);
      }
    }
  }

  private void sleep() throws InterruptedException {
    begun.release();
    while (holding) {
      Thread.sleep(Duration.ofMillis(50));
    }
  }

  private void waitWithTheLock() throws InterruptedException {
    begun.release();
    synchronized (lock) {
      release.await();
    }
  }

  private void callInBackground(RpcClient client, String what, int times) {
    for (int i = 0; i < times; i++) {
      callers.add(
          Thread.ofPlatform()
              .daemon()
              .start(() -> {
                try {
                  client.call(EchoService.ECHO, what);
                } catch (Exception failed) {
                  throw new IllegalStateException(failed);
                }
              }));
    }
  }

  private void awaitBegun(int handlers) throws InterruptedException {
    assertThat(begun.tryAcquire(handlers, 30, TimeUnit.SECONDS)).isTrue();
  }

  private static Duration quickCall(RpcClient client) throws Exception {
    long start = System.nanoTime();
    assertThat(client.call(EchoService.ECHO, "quick")).isEqualTo("quick");
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /** The first call comes when all carriers are held, the next when all handlers hold one. */
  private void hold(RpcClient client, String what, int handlers) throws Exception {
    callInBackground(client, what, handlers);
    awaitBegun(PROCESSORS);

    assertThat(quickCall(client)).isLessThan(bound(handlers));
    assertThat(POOL.getParallelism()).isGreaterThan(PROCESSORS);
    awaitBegun(handlers - PROCESSORS);
    assertThat(quickCall(client)).isLessThan(bound(handlers));
    assertThat(POOL.getParallelism()).isGreaterThan(handlers);
    for (int i = 0; i < 5; i++) {
      assertThat(quickCall(client)).isLessThan(BUSY);
    }
  }

  /** Until there are more carriers than handlers hold. */
  private static Duration bound(int handlers) {
    Duration bound = BUSY;
    for (int carriers = PROCESSORS; carriers <= handlers; carriers *= 2) {
      bound = bound.plus(DOUBLING);
    }
    return bound;
  }

  @Test
  void handlersThatComputeDelayOthersByABoundWhenOneProcessorIsLeft() throws Exception {
    RpcClient client = serve(Execution.virtualThreads());
    callInBackground(client, "compute", PROCESSORS - 1);
    awaitBegun(PROCESSORS - 1);

    assertThat(quickCall(client)).isLessThan(BUSY);
  }

  @Test
  void andWhenTheyHoldThemAll() throws Exception {
    hold(serve(Execution.virtualThreads()), "compute", PROCESSORS + 1);
  }

  @Test
  void handlersThatBlockInNativeCodeDelayOthersByABound() throws Exception {
    hold(serve(Execution.virtualThreads()), "native", 2 * PROCESSORS);
  }

  @ParameterizedTest
  @MethodSource("modesThatWait")
  void handlersThatSleepDelayNobody(Execution mode) throws Exception {
    RpcClient client = serve(mode);
    callInBackground(client, "sleep", 50);
    awaitBegun(50);

    assertThat(quickCall(client)).isLessThan(BUSY);
  }

  @ParameterizedTest
  @MethodSource("modesThatWait")
  void handlersThatWaitForALockOfAnotherCallDelayNobody(Execution mode) throws Exception {
    RpcClient client = serve(mode);
    callInBackground(client, "lock", 20);
    awaitBegun(20);

    assertThat(quickCall(client)).isLessThan(BUSY);
    release.countDown();
    for (Thread caller : callers) {
      assertThat(caller.join(Duration.ofSeconds(20))).isTrue();
    }
  }

  /** {@return a client of a server whose handlers call through the loop that serves them} */
  private RpcClient serveThrough(Service<RpcContext, Object, Object> handler, Execution mode) {
    ThriftServer outer =
        ThriftServer.builder(Address.tcp("127.0.0.1", 0))
            .service(EchoService.binding(handler))
            .execution(mode)
            .loops(loops)
            .build();
    outer.start();
    open.add(outer);
    ThriftClient transport = ThriftClient.to(outer.endpoint(), ThriftClientConfig.DEFAULT);
    open.add(transport);
    return RpcClient.builder("echo")
        .caller("test")
        .options(CallOptions.DEFAULT.withTimeout(HELD))
        .transport(transport);
  }

  @ParameterizedTest
  @MethodSource("modesThatWait")
  void aHandlerCallsAnotherServiceThroughTheSameLoop(Execution mode) throws Exception {
    RpcClient inner = serve(mode);
    RpcClient client =
        serveThrough((context, request) -> inner.call(EchoService.ECHO, request), mode);
    CountDownLatch answered = new CountDownLatch(20);
    for (int i = 0; i < 20; i++) {
      Thread.ofVirtual()
          .start(() -> {
            try {
              client.call(EchoService.ECHO, "through");
              answered.countDown();
            } catch (Exception failed) {
              throw new IllegalStateException(failed);
            }
          });
    }

    assertThat(answered.await(20, TimeUnit.SECONDS)).isTrue();
  }

  /** What it waits for is the loop, and native code on its stack keeps it from giving that back. */
  @Test
  void aLoopAffineHandlerThatNativeCodeCalledBackWaitsForItsLoopUntilItsDeadline()
      throws Exception {
    RpcClient inner = serve(Execution.loopAffine());
    RpcClient hurried = inner.with(CallOptions.DEFAULT.withTimeout(Duration.ofMillis(300)));
    RpcClient client =
        serveThrough(
            (context, request) ->
                fromNativeCode(() -> {
                  try {
                    return hurried.call(EchoService.ECHO, request).toString();
                  } catch (RpcException failed) {
                    return failed.kind().name();
                  }
                }),
            Execution.loopAffine());

    assertThat(client.call(EchoService.ECHO, "x")).isEqualTo("DEADLINE_EXCEEDED");
    assertThat(quickCall(inner)).isLessThan(BUSY);
  }

  /** {@return what {@code task} returns when {@code qsort} asks it which of two is less} */
  @SuppressWarnings("restricted") // a call of libc is what it is about
  private static Object fromNativeCode(Callable<Object> task) {
    Object[] outcome = new Object[1];
    Comparison comparison =
        (left, right) -> {
          try {
            outcome[0] = task.call();
          } catch (Exception failed) {
            outcome[0] = failed.toString(); // nothing may be thrown through native code
          }
          return 0;
        };
    try (Arena arena = Arena.ofConfined()) {
      MethodHandle qsort =
          Linker.nativeLinker()
              .downcallHandle(
                  Linker.nativeLinker().defaultLookup().find("qsort").orElseThrow(),
                  FunctionDescriptor.ofVoid(
                      ValueLayout.ADDRESS,
                      ValueLayout.JAVA_LONG,
                      ValueLayout.JAVA_LONG,
                      ValueLayout.ADDRESS));
      MethodHandle called =
          MethodHandles.lookup()
              .bind(
                  comparison,
                  "compare",
                  MethodType.methodType(int.class, MemorySegment.class, MemorySegment.class));
      MemorySegment stub =
          Linker.nativeLinker()
              .upcallStub(
                  called,
                  FunctionDescriptor.of(
                      ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS),
                  arena);
      qsort.invokeExact(arena.allocate(ValueLayout.JAVA_INT, 2), 2L, 4L, stub);
    } catch (Throwable failed) {
      throw new IllegalStateException(failed);
    }
    return outcome[0];
  }

  /** Called by native code. */
  @FunctionalInterface
  private interface Comparison {
    int compare(MemorySegment left, MemorySegment right);
  }
}
