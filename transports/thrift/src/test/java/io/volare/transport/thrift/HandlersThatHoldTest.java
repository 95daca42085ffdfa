package io.volare.transport.thrift;

import static org.assertj.core.api.Assertions.assertThat;

import io.volare.rpc.Address;
import io.volare.rpc.CallOptions;
import io.volare.rpc.RpcClient;
import io.volare.transport.contract.LeakExtension;
import io.volare.transport.netty.Execution;
import io.volare.transport.netty.Loops;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a handler may do to the others: in the default mode whatever it likes, in the loop-affine
 * mode wait in every way that Java has. One loop serves and calls, so that whatever stalls it
 * stalls all.
 */
@ExtendWith(LeakExtension.class)
class HandlersThatHoldTest {
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  /** Far beyond the watchdog's patience, far below what the holders hold: a busy machine's due. */
  private static final Duration BOUND = Duration.ofSeconds(10);

  private static final Duration HELD = Duration.ofSeconds(30);

  private final Loops loops = Loops.create(1);
  private final CountDownLatch release = new CountDownLatch(1);
  private final Object lock = new Object();
  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<Thread> callers = new ArrayList<>();
  private volatile boolean holding = true;

  static Stream<Execution> modesThatWait() {
    return Stream.of(Execution.virtualThreads(), Execution.loopAffine());
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
      case "sleep" -> Thread.sleep(Duration.ofMillis(500));
      case "lock" -> waitWithTheLock();
      default -> {}
    }
    return what;
  }

  private void compute() {
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
    while (holding) {
      try {
        int zero = (int) sleep.invokeExact(500_000);
        assertThat(zero).isZero();
      } catch (Throwable failed) {
        throw new IllegalStateException(failed);
      }
    }
  }

  private void waitWithTheLock() throws InterruptedException {
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

  private static Duration quickCall(RpcClient client) throws Exception {
    long start = System.nanoTime();
    assertThat(client.call(EchoService.ECHO, "quick")).isEqualTo("quick");
    return Duration.ofNanos(System.nanoTime() - start);
  }

  @Test
  void handlersThatComputeDelayOthersByABoundWhenOneProcessorIsLeft() throws Exception {
    RpcClient client = serve(Execution.virtualThreads());
    callInBackground(client, "compute", PROCESSORS - 1);

    assertThat(quickCall(client)).isLessThan(BOUND);
  }

  @Test
  void andWhenTheyHoldThemAll() throws Exception {
    RpcClient client = serve(Execution.virtualThreads());
    callInBackground(client, "compute", PROCESSORS + 1);

    for (int i = 0; i < 5; i++) {
      assertThat(quickCall(client)).isLessThan(BOUND);
    }
  }

  @Test
  void handlersThatBlockInNativeCodeDelayOthersByABound() throws Exception {
    RpcClient client = serve(Execution.virtualThreads());
    callInBackground(client, "native", PROCESSORS + 2);

    for (int i = 0; i < 5; i++) {
      assertThat(quickCall(client)).isLessThan(BOUND);
    }
  }

  @ParameterizedTest
  @MethodSource("modesThatWait")
  void handlersThatSleepDelayNobody(Execution mode) throws Exception {
    RpcClient client = serve(mode);
    callInBackground(client, "sleep", 50);

    assertThat(quickCall(client)).isLessThan(BOUND);
  }

  @ParameterizedTest
  @MethodSource("modesThatWait")
  void handlersThatWaitForALockOfAnotherCallDelayNobody(Execution mode) throws Exception {
    RpcClient client = serve(mode);
    callInBackground(client, "lock", 20);

    assertThat(quickCall(client)).isLessThan(BOUND);
    release.countDown();
    for (Thread caller : callers) {
      assertThat(caller.join(Duration.ofSeconds(20))).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("modesThatWait")
  void aHandlerCallsAnotherServiceThroughTheSameLoop(Execution mode) throws Exception {
    RpcClient inner = serve(mode);
    ThriftServer outer =
        ThriftServer.builder(Address.tcp("127.0.0.1", 0))
            .service(
                EchoService.binding((context, request) -> inner.call(EchoService.ECHO, request)))
            .execution(mode)
            .loops(loops)
            .build();
    outer.start();
    open.add(outer);
    ThriftClient transport = ThriftClient.to(outer.endpoint(), ThriftClientConfig.DEFAULT);
    open.add(transport);
    RpcClient client = RpcClient.builder("echo").caller("test").transport(transport);
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
}
