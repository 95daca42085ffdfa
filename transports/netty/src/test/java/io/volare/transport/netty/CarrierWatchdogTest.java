package io.volare.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import jdk.management.VirtualThreadSchedulerMXBean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CarrierWatchdogTest {
  private static final VirtualThreadSchedulerMXBean POOL =
      ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);
  private static final Logger LOG = Logger.getLogger(CarrierWatchdog.class.getName());

  private final int usual = Runtime.getRuntime().availableProcessors();
  private final Queue<Thread> holders = new ConcurrentLinkedQueue<>();
  private final Said said = new Said();
  private volatile boolean holding = true;

  @BeforeEach
  void listen() throws InterruptedException {
    awaitUsualParallelism(); // the watch of the test before ends on a thread of its own
    LOG.addHandler(said);
  }

  @AfterEach
  void release() throws Exception {
    holding = false;
    for (Thread holder : holders) {
      holder.join();
    }
    LOG.removeHandler(said);
  }

  /** Returns once they hold all carriers, or there are fewer of them and all hold one. */
  private void hold(int threads, Runnable work) throws InterruptedException {
    CountDownLatch held = new CountDownLatch(Math.min(threads, usual));
    start(
        threads,
        () -> {
          held.countDown();
          work.run();
        });
    assertThat(held.await(20, TimeUnit.SECONDS)).isTrue();
  }

  private void start(int threads, Runnable work) {
    for (int i = 0; i < threads; i++) {
      holders.add(Thread.ofVirtual().name("holder-" + i).start(work));
    }
  }

  private void compute() {
    while (holding) {
      Thread.onSpinWait();
    }
  }

  /** Native code: the JDK adds no carrier for it. */
  @SuppressWarnings("restricted") // a call of libc is what it is about
  private void blockInNativeCode() {
    try {
      MethodHandle sleep =
          Linker.nativeLinker()
              .downcallHandle(
                  Linker.nativeLinker().defaultLookup().find("usleep").orElseThrow(),
                  FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
      while (holding) {
        int ignored = (int) sleep.invokeExact(100_000);
        assertThat(ignored).isZero();
      }
    } catch (Throwable failed) {
      throw new AssertionError(failed);
    }
  }

  private static Duration untilAnotherRuns() throws InterruptedException {
    CountDownLatch ran = new CountDownLatch(1);
    long start = System.nanoTime();
    Thread.ofVirtual().start(ran::countDown);
    assertThat(ran.await(20, TimeUnit.SECONDS)).isTrue();
    return Duration.ofNanos(System.nanoTime() - start);
  }

  /** What is promised for so many doublings, and what a busy machine adds. */
  private static Duration bound(int doublings) {
    return CarrierWatchdog.EVERY
        .plus(CarrierWatchdog.PATIENCE)
        .multipliedBy(doublings)
        .plus(Duration.ofSeconds(5));
  }

  @Test
  void addsCarriersWhenComputingHandlersHoldAllAndSaysWhatTheyDo() throws Exception {
    try (CarrierWatchdog.Watch watch = CarrierWatchdog.watch(holders::forEach)) {
      hold(2 * usual, this::compute);

      assertThat(untilAnotherRuns()).isLessThan(bound(2));
      assertThat(POOL.getParallelism()).isGreaterThan(usual);
      said.await("holds a carrier: holder-");
      assertThat(said.text())
          .contains(
              "a virtual thread has waited for 100 ms, all "
                  + usual
                  + " carriers are held: there are "
                  + 2 * usual
                  + " now")
          .contains("CarrierWatchdogTest.compute");
    }
  }

  @Test
  void addsCarriersWhenTheyBlockInNativeCodeAndSaysWhatTheyDo() throws Exception {
    try (CarrierWatchdog.Watch watch = CarrierWatchdog.watch(holders::forEach)) {
      hold(2 * usual, this::blockInNativeCode);

      assertThat(untilAnotherRuns()).isLessThan(bound(2));
      assertThat(POOL.getParallelism()).isGreaterThan(usual);
      said.await("holds a carrier: holder-");
      assertThat(said.text())
          .contains("all " + usual + " carriers are held: there are " + 2 * usual + " now")
          .contains("CarrierWatchdogTest.blockInNativeCode");
    }
  }

  @Test
  void leavesThePoolAloneWhileACarrierIsFree() throws Exception {
    try (CarrierWatchdog.Watch watch = CarrierWatchdog.watch(holders::forEach)) {
      hold(usual - 1, this::blockInNativeCode);
      long end = System.nanoTime() + LONGER_THAN_A_LOOK.toNanos();
      while (System.nanoTime() < end) { // others wait most of the time, none of them long
        CountDownLatch ran = new CountDownLatch(10);
        start(
            10,
            () -> {
              computeFor(Duration.ofNanos(200_000));
              ran.countDown();
            });
        assertThat(ran.await(20, TimeUnit.SECONDS)).isTrue();
      }

      assertThat(said.text()).isEmpty();
      assertThat(POOL.getParallelism()).isEqualTo(usual);
    }
  }

  @Test
  void takesBackWhatItAddedWhenNobodyIsWatchedForAnyMore() throws Exception {
    try (CarrierWatchdog.Watch watch = CarrierWatchdog.watch(holders::forEach)) {
      hold(2 * usual, this::compute);
      untilAnotherRuns();
      assertThat(POOL.getParallelism()).isGreaterThan(usual);
    }
    holding = false;

    awaitUsualParallelism();
  }

  @Test
  void takesBackWhatItAddedWhenAllHasRunSmoothlyForAWhile() throws Exception {
    CarrierWatchdog watchdog = watchdog(CarrierWatchdog.MOST_EXTRA, Duration.ofMillis(500), NEVER);
    try (CarrierWatchdog.Watch watch = watchdog.add(holders::forEach)) {
      hold(2 * usual, this::compute);
      untilAnotherRuns();
      said.await("there are " + 2 * usual + " now");
      holding = false;

      awaitUsualParallelism();
    }
  }

  @Test
  void keepsWhatItAddedUntilThen() throws Exception {
    CarrierWatchdog watchdog = watchdog(CarrierWatchdog.MOST_EXTRA, NEVER, NEVER);
    try (CarrierWatchdog.Watch watch = watchdog.add(holders::forEach)) {
      hold(2 * usual, this::compute);
      untilAnotherRuns();
      holding = false;
      Thread.sleep(LONGER_THAN_A_LOOK);

      assertThat(POOL.getParallelism()).isGreaterThan(usual);
    }
  }

  @Test
  void addsAtMostSixtyFourAndSaysThatThisIsTheLimit() throws Exception {
    int most = usual + 64;
    try (CarrierWatchdog.Watch watch = CarrierWatchdog.watch(holders::forEach)) {
      hold(most + 1, this::blockInNativeCode);

      said.await("all " + most + " carriers are held: that is the limit, " + most);
      assertThat(POOL.getParallelism()).isEqualTo(most);
    }
  }

  @Test
  void saysThatItIsAtItsLimitOnceForALongTime() throws Exception {
    try (CarrierWatchdog.Watch watch = watchdog(1, NEVER, NEVER).add(holders::forEach)) {
      hold(usual + 2, this::blockInNativeCode);
      said.await("that is the limit, " + (usual + 1));
      Thread.sleep(LONGER_THAN_A_LOOK.multipliedBy(3));

      assertThat(said.text()).containsOnlyOnce("that is the limit");
    }
  }

  @Test
  void andAgainAfterThat() throws Exception {
    try (CarrierWatchdog.Watch watch =
        watchdog(1, NEVER, CarrierWatchdog.EVERY).add(holders::forEach)) {
      hold(usual + 2, this::blockInNativeCode);

      said.await("that is the limit");
      said.forget();
      said.await("that is the limit");
    }
  }

  private static final Duration NEVER = Duration.ofDays(1);

  private static CarrierWatchdog watchdog(int mostExtra, Duration calm, Duration reminder) {
    return new CarrierWatchdog(mostExtra, calm, reminder);
  }

  @Test
  void leavesThePoolAloneWhileALongQueueMoves() throws Exception {
    try (CarrierWatchdog.Watch watch = CarrierWatchdog.watch(holders::forEach)) {
      // for 2.5 s, of which starting them takes a part
      start(usual * 5_000, () -> computeFor(Duration.ofNanos(500_000)));

      assertThat(untilAnotherRuns()).isGreaterThan(LONGER_THAN_A_LOOK);
      assertThat(said.text()).isEmpty();
      assertThat(POOL.getParallelism()).isEqualTo(usual);
    }
  }

  @Test
  void leavesThePoolAloneWhileMoreComesThanTheCarriersTake() throws Exception {
    try (CarrierWatchdog.Watch watch = CarrierWatchdog.watch(holders::forEach)) {
      AtomicInteger waiting = new AtomicInteger();
      Loops loops = Loops.create(1);
      try {
        long end = System.nanoTime() + 3 * LONGER_THAN_A_LOOK.toNanos();
        while (System.nanoTime() < end) {
          loops.group().next().submit(() -> startCalls(100, waiting)).sync();
          Thread.sleep(1);
        }

        assertThat(waiting.get()).isGreaterThan(usual * 1_000);
        assertThat(said.text()).isEmpty();
      } finally {
        loops.close();
      }
      while (waiting.get() > 0) {
        Thread.sleep(10);
      }
    }
  }

  /** As many as a loop reads at once. */
  private static void startCalls(int calls, AtomicInteger waiting) {
    for (int i = 0; i < calls; i++) {
      waiting.incrementAndGet();
      Execution.virtualThreads()
          .run(() -> {
            computeBriefly();
            waiting.decrementAndGet();
          });
    }
  }

  @Test
  void goesOnWatchingWhenARunnerCannotSayWhatItRuns() throws Exception {
    CarrierWatchdog.Runners broken =
        stacks -> {
          throw new IllegalStateException("cannot say");
        };
    try (CarrierWatchdog.Watch watch = CarrierWatchdog.watch(broken)) {
      hold(4 * usual, this::compute);
      untilAnotherRuns();

      assertThat(untilAnotherRuns()).isLessThan(bound(4));
      said.await("no stacks of");
    }
  }

  @Test
  void addsCarriersWhenAllAreHeldHoweverManyCome() throws Exception {
    try (CarrierWatchdog.Watch watch = CarrierWatchdog.watch(holders::forEach)) {
      hold(2 * usual, this::compute);
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
      while (said.text().isEmpty() && System.nanoTime() < end) {
        start(10, CarrierWatchdogTest::computeBriefly);
        Thread.sleep(1);
      }

      assertThat(said.text()).contains("carriers are held");
    }
  }

  @Test
  void addsCarriersWhenHandlersLetGoOnlyNowAndThen() throws Exception {
    try (CarrierWatchdog.Watch watch = CarrierWatchdog.watch(holders::forEach)) {
      hold(usual * 20, () -> computeFor(Duration.ofMillis(200)));

      untilAnotherRuns();
      said.await("carriers are held");
    }
  }

  /** A look, its patience, and as much again. */
  private static final Duration LONGER_THAN_A_LOOK =
      CarrierWatchdog.EVERY.plus(CarrierWatchdog.PATIENCE).multipliedBy(2);

  private static void computeBriefly() {
    computeFor(Duration.ofNanos(50_000));
  }

  private static void computeFor(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  private void awaitUsualParallelism() throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (POOL.getParallelism() != usual && System.nanoTime() < end) {
      Thread.sleep(20);
    }
    assertThat(POOL.getParallelism()).isEqualTo(usual);
  }

  private static final class Said extends Handler {
    private final StringBuilder text = new StringBuilder();

    @Override
    public synchronized void publish(LogRecord message) {
      text.append(message.getMessage()).append('\n');
    }

    synchronized String text() {
      return text.toString();
    }

    synchronized void forget() {
      text.setLength(0);
    }

    /** The watchdog speaks after it has helped, so who was helped may be earlier. */
    void await(String part) throws InterruptedException {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
      while (!text().contains(part) && System.nanoTime() < end) {
        Thread.sleep(5);
      }
      assertThat(text()).contains(part);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}
  }
}
