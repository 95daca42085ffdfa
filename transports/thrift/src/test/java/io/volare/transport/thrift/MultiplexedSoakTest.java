package io.volare.transport.thrift;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.internal.PlatformDependent;
import io.volare.metainfo.MetaInfo;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.Address;
import io.volare.rpc.CallOptions;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import io.volare.transport.netty.Loops;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Very many calls over four connections, each with an id of its own in its body and in its
 * metainfo, answered after random delays, some cancelled, some late: nobody gets another's answer,
 * and nothing is left over. 20,000 calls; a million with {@code -Dvolare.soak=true}.
 */
@Timeout(900)
class MultiplexedSoakTest {
  private static final int CALLS = Boolean.getBoolean("volare.soak") ? 1_000_000 : 20_000;
  private static final int CALLERS = 256;
  private static final long SEED = 20_261_124;

  private final LongAdder answered = new LongAdder();
  private final LongAdder late = new LongAdder();
  private final LongAdder cancelled = new LongAdder();
  private final LongAdder wrong = new LongAdder();
  private final List<Throwable> unexpected =
      java.util.Collections.synchronizedList(new ArrayList<>());

  @Test
  void noneOfManyCallsGetsTheAnswerOfAnother() throws Exception {
    try (Loops loops = Loops.create(2)) {
      ThriftServer server =
          ThriftServer.builder(Address.tcp("127.0.0.1", 0))
              .service(EchoService.binding(MultiplexedSoakTest::answer))
              .loops(loops)
              .build();
      server.start();
      ThriftClient transport =
          ThriftClient.to(server.endpoint(), ThriftClientConfig.DEFAULT.withMultiplexed(4))
              .with(loops);
      RpcClient client = RpcClient.builder("echo").caller("soak").transport(transport);
      callAll(client, CALLERS);
      long baseline = directBytes();

      callAll(client, CALLS);

      awaitQuiet(transport);
      assertThat(unexpected).isEmpty();
      assertThat(wrong.sum()).isZero();
      assertThat(answered.sum() + late.sum() + cancelled.sum()).isEqualTo(CALLS + CALLERS);
      assertThat(answered.sum()).isGreaterThan(CALLS / 2);
      assertThat(late.sum()).isPositive();
      assertThat(cancelled.sum()).isPositive();
      assertThat(transport.lateReplies()).isPositive();
      assertThat(transport.connections()).isLessThanOrEqualTo(4);
      assertThat(transport.pendingCalls()).isZero();
      assertThat(transport.calls()).isZero();
      assertThat(directBytes() - baseline).isLessThan(32L << 20);
      System.out.printf(
          "%d calls: %d answered, %d late, %d cancelled, %d late replies dropped, %+d KiB direct%n",
          CALLS,
          answered.sum(),
          late.sum(),
          cancelled.sum(),
          transport.lateReplies(),
          directBytes() - baseline >> 10);
      transport.close();
      server.close();
    }
  }

  /** Bytes that the allocators hold, used or kept for reuse. */
  private static long directBytes() {
    return PlatformDependent.usedDirectMemory();
  }

  private static void awaitQuiet(ThriftClient transport) throws InterruptedException {
    long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
    while (transport.pendingCalls() + transport.calls() > 0 && System.nanoTime() < end) {
      Thread.sleep(10);
    }
  }

  /** Answers with the id in the body, and sends the id of the header back in the header. */
  private static Object answer(RpcContext context, Object request) throws InterruptedException {
    String id = MetaInfo.current().upstream("id");
    MetaInfo.current().setBackward("id", String.valueOf(id));
    String text = (String) request;
    int delay = text.charAt(0) - '0';
    if (delay > 0) {
      Thread.sleep(delay);
    }
    return text;
  }

  private void callAll(RpcClient client, int calls) throws InterruptedException {
    AtomicLong next = new AtomicLong();
    List<Thread> callers = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      SplittableRandom random = new SplittableRandom(SEED + i);
      callers.add(
          Thread.ofVirtual()
              .start(() -> {
                while (next.getAndIncrement() < calls) {
                  callOnce(client, random);
                }
              }));
    }
    for (Thread caller : callers) {
      caller.join();
    }
  }

  private void callOnce(RpcClient client, SplittableRandom random) {
    String id = Long.toHexString(random.nextLong());
    int delay = random.nextInt(20) == 0 ? random.nextInt(1, 10) : 0;
    String text = delay + " " + id + "x".repeat(random.nextInt(200));
    int fate = random.nextInt(40);
    Thread killer = fate == 0 ? cancelling(Thread.currentThread(), random.nextInt(6)) : null;
    Duration timeout = fate == 1 ? Duration.ofMillis(random.nextInt(1, 6)) : Duration.ofSeconds(20);
    MetaInfo mine = MetaInfo.create();
    mine.setTransient("id", id);
    try {
      Object answer =
          MetaInfo.call(
              mine,
              () ->
                  client
                      .with(CallOptions.DEFAULT.withTimeout(timeout))
                      .call(EchoService.ECHO, text));
      check(text.equals(answer) && id.equals(mine.downstream("id")));
    } catch (InterruptedException given) {
      cancelled.increment();
    } catch (RpcException failure) {
      if (failure.kind() == Kind.DEADLINE_EXCEEDED && fate == 1) {
        late.increment();
      } else {
        unexpected.add(failure);
      }
    } catch (Exception failure) {
      unexpected.add(failure);
    } finally {
      await(killer);
    }
  }

  private void check(boolean right) {
    if (right) {
      answered.increment();
    } else {
      wrong.increment();
    }
  }

  private static Thread cancelling(Thread caller, int afterMillis) {
    return Thread.ofVirtual()
        .start(() -> {
          try {
            Thread.sleep(afterMillis);
            caller.interrupt();
          } catch (InterruptedException impossible) {
            throw new IllegalStateException(impossible);
          }
        });
  }

  /** Waits until the interrupt has come, so that it does not hit the next call. */
  private static void await(Thread killer) {
    if (killer == null) {
      return;
    }
    while (true) {
      try {
        killer.join();
        Thread.interrupted();
        return;
      } catch (InterruptedException arrived) {
        // the interrupt this waits for; the next round finds the killer at its end
      }
    }
  }
}
