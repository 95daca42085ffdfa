package io.volare.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HandoverTest {
  private final Loops loops = Loops.create(Loops.Kind.NIO, 1);

  @AfterEach
  void close() {
    loops.close();
  }

  private void onLoop(Runnable task) throws Exception {
    loops.group().submit(task).get(5, TimeUnit.SECONDS);
  }

  private static boolean await(CountDownLatch latch) {
    try {
      return latch.await(10, TimeUnit.SECONDS);
    } catch (InterruptedException unexpected) {
      throw new AssertionError(unexpected);
    }
  }

  @Test
  void callsThatWereReadAtOnceEachHaveAVirtualThread() throws Exception {
    int calls = 3 * Handover.MOST + 1;
    CountDownLatch ran = new CountDownLatch(calls);
    Set<Thread> threads =
        Collections.synchronizedSet(Collections.newSetFromMap(new IdentityHashMap<>()));
    onLoop(() -> {
      for (int i = 0; i < calls; i++) {
        Execution.virtualThreads()
            .run(() -> {
              threads.add(Thread.currentThread());
              ran.countDown();
            });
      }
    });

    assertThat(await(ran)).isTrue();
    assertThat(threads).hasSize(calls).allMatch(Thread::isVirtual);
  }

  @Test
  void theyStartWhenTheLoopHasReadWhatThereIs() throws Exception {
    CountDownLatch ran = new CountDownLatch(1);
    AtomicInteger early = new AtomicInteger();
    onLoop(() -> {
      Execution.virtualThreads().run(ran::countDown);
      try {
        early.set(ran.await(50, TimeUnit.MILLISECONDS) ? 1 : 0);
      } catch (InterruptedException unexpected) {
        throw new AssertionError(unexpected);
      }
    });

    assertThat(await(ran)).isTrue();
    assertThat(early).hasValue(0);
  }

  @Test
  void noneWaitsForAnotherOfTheSameBatch() throws Exception {
    CountDownLatch last = new CountDownLatch(1);
    CountDownLatch ran = new CountDownLatch(3);
    onLoop(() -> {
      for (int i = 0; i < 2; i++) {
        Execution.virtualThreads()
            .run(() -> {
              await(last);
              ran.countDown();
            });
      }
      Execution.virtualThreads()
          .run(() -> {
            last.countDown();
            ran.countDown();
          });
    });

    assertThat(await(ran)).isTrue();
  }

  @Test
  void aCallThatFailsTakesNoOtherAlong() throws Exception {
    CountDownLatch ran = new CountDownLatch(2);
    onLoop(() -> {
      for (int i = 0; i < 3; i++) {
        boolean fails = i == 0;
        Execution.virtualThreads()
            .run(() -> {
              if (fails) {
                Thread.currentThread().setUncaughtExceptionHandler((thread, failure) -> {});
                throw new IllegalStateException("a call that fails");
              }
              ran.countDown();
            });
      }
    });

    assertThat(await(ran)).isTrue();
  }

  @Test
  void parkedCallersAndCallsOfOneBatchAllGoOn() throws Exception {
    CountDownLatch parked = new CountDownLatch(3);
    CountDownLatch awake = new CountDownLatch(5);
    List<Thread> callers = new ArrayList<>();
    AtomicInteger woken = new AtomicInteger();
    for (int i = 0; i < 3; i++) {
      callers.add(
          Thread.startVirtualThread(() -> {
            parked.countDown();
            while (woken.get() == 0) {
              LockSupport.park();
            }
            awake.countDown();
          }));
    }
    await(parked);
    onLoop(() -> {
      woken.set(1);
      Execution.virtualThreads().run(awake::countDown);
      callers.forEach(Loops::unpark);
      Execution.virtualThreads().run(awake::countDown);
    });

    assertThat(await(awake)).isTrue();
  }

  @Test
  void aLoneCallerIsWoken() throws Exception {
    CountDownLatch awake = new CountDownLatch(1);
    AtomicInteger woken = new AtomicInteger();
    Thread caller =
        Thread.startVirtualThread(() -> {
          while (woken.get() == 0) {
            LockSupport.park();
          }
          awake.countDown();
        });
    onLoop(() -> {
      woken.set(1);
      Loops.unpark(caller);
    });

    assertThat(await(awake)).isTrue();
  }
}
