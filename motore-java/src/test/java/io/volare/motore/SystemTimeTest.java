package io.volare.motore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.motore.Time.InterruptScope;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class SystemTimeTest extends InterruptScopeContract {
  SystemTimeTest() {
    super(Time.SYSTEM);
  }

  @Override
  void pass(Duration duration) {
    long start = System.nanoTime();
    while (System.nanoTime() - start < duration.toNanos()) {
      LockSupport.parkNanos(200_000); // returns at once when interrupted, which is not consumed
    }
  }

  @Test
  void neverFiresEarlyAndSoonAfter() throws Exception {
    for (int millis : new int[] {1, 3, 70, 140}) {
      long start = System.nanoTime();
      try (InterruptScope scope = openFor(millis)) {
        assertThatThrownBy(() -> Thread.sleep(60_000)).isInstanceOf(InterruptedException.class);
        assertThat(System.nanoTime() - start)
            .isBetween(millis * 1_000_000L, (millis + 10_000) * 1_000_000L);
        assertThat(scope.fired()).isTrue();
      }
    }
  }

  /** The race that matters: deadlines that pass while the scope closes, on every kind of thread. */
  @Test
  void noInterruptArrivesAfterCloseHoweverCloseTheDeadline() throws Exception {
    int rounds = Integer.getInteger("volare.stress", 4_000);
    AtomicInteger strays = new AtomicInteger();
    AtomicInteger fired = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      int seed = i;
      Runnable work = () -> race(rounds, seed, fired, strays);
      threads.add(i % 4 == 0 ? new Thread(work) : Thread.ofVirtual().unstarted(work));
    }

    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(strays).hasValue(0);
    assertThat(fired.get()).as("scopes that fired").isPositive();
    assertThat(SystemTime.Timer.WHEEL.size()).isZero();
  }

  private static void race(int rounds, int seed, AtomicInteger fired, AtomicInteger strays) {
    for (int round = 0; round < rounds; round++) {
      long nanos = (round * 7_919L + seed * 104_729L) % 1_500_000;
      InterruptScope scope =
          Time.SYSTEM.interruptAt(Deadline.after(Duration.ofNanos(nanos), Time.SYSTEM));
      if (round % 16 == 0) {
        LockSupport.parkNanos(nanos);
      } else {
        Thread.onSpinWait();
      }
      scope.close();
      if (scope.fired()) {
        fired.incrementAndGet();
      }
      if (Thread.interrupted()) {
        strays.incrementAndGet();
      }
    }
  }

  /** A cancelled call that is timing out at the very moment stays cancelled. */
  @Test
  void noCancelIsLostToAScopeThatFiresNearby() throws Exception {
    for (int round = 0; round < 400; round++) {
      AtomicInteger unwound = new AtomicInteger();
      CountDownLatch started = new CountDownLatch(1);
      AsyncCall<String> call =
          Services.callAsync(() -> {
            started.countDown();
            try {
              while (true) {
                InterruptScope scope = openFor(1);
                try {
                  Thread.sleep(1_000);
                } catch (InterruptedException interrupted) {
                  if (!scope.isCauseOf(interrupted)) {
                    return "cancelled";
                  }
                } finally {
                  scope.close();
                }
              }
            } finally {
              unwound.incrementAndGet();
            }
          });
      started.await();
      LockSupport.parkNanos(900_000 + round * 1_000L);

      call.cancel();

      long start = System.nanoTime();
      while (unwound.get() == 0 && System.nanoTime() - start < 5_000_000_000L) {
        LockSupport.parkNanos(100_000);
      }
      assertThat(unwound).as("round %d", round).hasValue(1);
    }
  }

  @Test
  void nothingStaysBehindAfterManyScopes() {
    List<InterruptScope> scopes = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      scopes.add(openFor(1_000 + i * 977L));
    }
    assertThat(SystemTime.Timer.WHEEL.size()).isGreaterThanOrEqualTo(10_000);

    scopes.forEach(InterruptScope::close);

    assertThat(SystemTime.Timer.WHEEL.size()).isZero();
  }

  /** A timer that spins while something is armed answers every other question right. */
  @Test
  void theTimersThreadSleepsWhileScopesAreOpen() throws Exception {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    try (InterruptScope scope = openFor(60_000)) {
      long id = timerThread();
      long before = threads.getThreadCpuTime(id);

      Thread.sleep(400);

      assertThat(threads.getThreadCpuTime(id) - before).isLessThan(20_000_000);
      assertThat(scope.fired()).isFalse();
    }
  }

  private static long timerThread() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("volare-time"))
        .findFirst()
        .orElseThrow()
        .threadId();
  }

  @Test
  void refusesToSleepWhenInterrupted() {
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> time.sleep(Duration.ofHours(1)))
        .isInstanceOf(InterruptedException.class)
        .hasMessageContaining("PT1H");
  }

  @Test
  void returnsAtOnceFromASleepOfNothing() throws Exception {
    time.sleep(Duration.ZERO);
    time.sleep(Duration.ofSeconds(-1));
  }

  @Test
  void aParkEndsAtItsDeadlineAndNotBefore() throws Exception {
    for (Thread.Builder kind : List.of(Thread.ofVirtual(), Thread.ofPlatform())) {
      AtomicLong parkedNanos = new AtomicLong();
      Thread thread =
          kind.start(() -> {
            long start = System.nanoTime();
            Deadline deadline = Deadline.after(Duration.ofMillis(20), Time.SYSTEM);
            while (!deadline.isExpired()) {
              Time.SYSTEM.park(this, deadline);
            }
            parkedNanos.set(System.nanoTime() - start);
          });
      assertThat(thread.join(Duration.ofSeconds(10))).isTrue();

      assertThat(parkedNanos.get()).isGreaterThanOrEqualTo(20_000_000);
    }
  }

  @Test
  void aParkThatIsEndedOrInterruptedLeavesNothingBehind() throws Exception {
    int before = SystemTime.Timer.WHEEL.size();
    Deadline far = Deadline.after(Duration.ofHours(1), Time.SYSTEM);
    Thread ended = Thread.ofVirtual().start(() -> Time.SYSTEM.park(this, far));
    Thread interrupted = Thread.ofVirtual().start(() -> Time.SYSTEM.park(this, far));

    LockSupport.unpark(ended);
    interrupted.interrupt();

    assertThat(ended.join(Duration.ofSeconds(10))).isTrue();
    assertThat(interrupted.join(Duration.ofSeconds(10))).isTrue();
    assertThat(SystemTime.Timer.WHEEL.size()).isEqualTo(before);
  }
}
