package io.volare.transport.netty;

import static java.util.Objects.requireNonNull;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import jdk.management.VirtualThreadSchedulerMXBean;
import org.jspecify.annotations.Nullable;

/**
 * Sees to it that a virtual thread of the common pool gets a processor soon, whatever the others
 * do. One for the process; starts with the first server that answers on virtual threads.
 *
 * <p>How is this designed, and why? A virtual thread that computes, or blocks in native code, keeps
 * its carrier, and the pool has as many carriers as there are processors. While one is free, it
 * takes over what waits. When handlers hold all of them, nothing else runs, not even a handler of a
 * microsecond. So every {@link #EVERY} the watchdog looks whether threads wait; if so it starts one
 * of its own, and where that does not run within {@link #PATIENCE} although nearly nothing else was
 * taken from the queue meanwhile, it doubles the pool's parallelism, up to {@link #MOST_EXTRA} more
 * than there were, and logs what the handlers are doing. A call is thus held up by {@code EVERY +
 * PATIENCE} for each doubling, and after that by the system's scheduler alone. Where the limit is
 * reached and they are held all the same, it is said so every {@link #REMINDER}. Once all runs
 * smoothly for {@link #CALM} the parallelism is what it was. Event loops have threads of their own
 * and are never held up.
 *
 * <p>A thread may also wait long because many wait before it, and then carriers would not help it.
 * The pool does not tell how many it has run, only how many wait; but that number falls only when a
 * carrier takes one. So it is read every {@link #SLICE}, and each fall is counted, and each batch
 * of calls that starts meanwhile, since where more comes than is taken nothing falls. Patience is
 * counted in slices too: a pause of the whole process uses up one.
 *
 * <p>The pool is the JDK's, and is told through {@link VirtualThreadSchedulerMXBean}; in a run time
 * without the module {@code jdk.management} there is no watchdog, and one log line says so.
 */
public final class CarrierWatchdog {
  /** How often it looks. */
  static final Duration EVERY = Duration.ofMillis(50);

  /** How long a virtual thread may wait for a carrier. */
  static final Duration PATIENCE = Duration.ofMillis(100);

  /** How often it reads, while it has patience, how many wait. */
  static final Duration SLICE = Duration.ofMillis(5);

  /** Threads that each carrier must have taken meanwhile, or it counts as held. */
  static final int LEAST_TAKEN = 2;

  /** Carriers that it adds at most. */
  static final int MOST_EXTRA = 64;

  /** How long all must run smoothly before it takes back what it added. */
  static final Duration CALM = Duration.ofSeconds(10);

  /** How often it says that the carriers are held, and are as many as there may be. */
  static final Duration REMINDER = Duration.ofSeconds(10);

  private static final System.Logger LOG = System.getLogger(CarrierWatchdog.class.getName());
  private static final int NUDGES = 16;
  private static final int MOST_STACKS = 8;
  private static final int MOST_FRAMES = 12;

  private static final CarrierWatchdog SHARED = new CarrierWatchdog(MOST_EXTRA, CALM, REMINDER);

  /** Whether {@link #took} counts. */
  private static volatile boolean counting;

  private static final AtomicLong TAKEN = new AtomicLong();

  private final Set<Runners> watched = ConcurrentHashMap.newKeySet();
  private final @Nullable VirtualThreadSchedulerMXBean pool = pool();
  private final int usual = pool == null ? 0 : pool.getParallelism();
  private final int most;
  private final long calmNanos;
  private final long reminderNanos;
  private @Nullable Thread thread;
  private long calmSince = System.nanoTime();
  private long nextReminder = calmSince;

  /** A watchdog of its own; the process has one. */
  CarrierWatchdog(int mostExtra, Duration calm, Duration reminder) {
    most = usual + mostExtra;
    calmNanos = calm.toNanos();
    reminderNanos = reminder.toNanos();
  }

  private static @Nullable VirtualThreadSchedulerMXBean pool() {
    try {
      return ManagementFactory.getPlatformMXBean(VirtualThreadSchedulerMXBean.class);
    } catch (NoClassDefFoundError | IllegalArgumentException absent) {
      LOG.log(
          System.Logger.Level.WARNING,
          "no watchdog over virtual threads: the run time lacks the module jdk.management");
      return null;
    }
  }

  /**
   * Watches the pool from now on, and asks {@code runners} what they run when it is held.
   *
   * @return ends the asking; the watching goes on while anybody is asked
   */
  public static Watch watch(Runners runners) {
    return SHARED.add(requireNonNull(runners, "runners"));
  }

  synchronized Watch add(Runners runners) {
    watched.add(runners);
    if (pool != null && thread == null) {
      thread = Thread.ofPlatform().daemon().name("volare-watchdog").start(() -> watch(pool));
    }
    return () -> watched.remove(runners);
  }

  private void watch(VirtualThreadSchedulerMXBean pool) {
    try {
      while (goesOn()) {
        Thread.sleep(EVERY);
        look(pool);
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    } finally {
      pool.setParallelism(usual);
    }
  }

  /** Ends its thread when nobody is left to watch for; the next watch starts another. */
  private synchronized boolean goesOn() {
    if (watched.isEmpty()) {
      thread = null;
      return false;
    }
    return true;
  }

  private void look(VirtualThreadSchedulerMXBean pool) throws InterruptedException {
    long now = System.nanoTime();
    if (pool.getQueuedVirtualThreadCount() > 0 && isHeld(pool)) {
      calmSince = now;
      help(pool, now);
    } else if (pool.getParallelism() > usual && now - calmSince > calmNanos) {
      pool.setParallelism(usual);
    }
  }

  private static boolean isHeld(VirtualThreadSchedulerMXBean pool) throws InterruptedException {
    CountDownLatch ran = new CountDownLatch(1);
    Thread.ofVirtual().name("volare-watchdog-probe").start(ran::countDown);
    TAKEN.set(0);
    counting = true;
    try {
      return !ran.await(SLICE.toNanos(), TimeUnit.NANOSECONDS) && staysHeld(pool, ran);
    } finally {
      counting = false;
    }
  }

  private static boolean staysHeld(VirtualThreadSchedulerMXBean pool, CountDownLatch ran)
      throws InterruptedException {
    int enough = LEAST_TAKEN * pool.getParallelism();
    long waiting = pool.getQueuedVirtualThreadCount();
    for (long left = PATIENCE.dividedBy(SLICE) - 1; left > 0; left--) {
      if (ran.await(SLICE.toNanos(), TimeUnit.NANOSECONDS)) {
        return false;
      }
      long before = waiting;
      waiting = pool.getQueuedVirtualThreadCount();
      if (TAKEN.addAndGet(Math.max(0, before - waiting)) >= enough) {
        return false;
      }
    }
    return true;
  }

  /** A carrier of the pool has taken a batch of calls. Costs a read unless somebody counts. */
  static void took() {
    if (counting) {
      TAKEN.incrementAndGet();
    }
  }

  /**
   * The pool makes a carrier only when a task comes into one of its queues that was empty, and
   * which queue that is depends on the thread that adds it: so several threads do.
   */
  private static void nudge() {
    for (int i = 0; i < NUDGES; i++) {
      Thread.ofPlatform().daemon().start(() -> Thread.ofVirtual().start(() -> {}));
    }
  }

  private void help(VirtualThreadSchedulerMXBean pool, long now) {
    int before = pool.getParallelism();
    if (before < most) {
      int after = Math.min(most, 2 * before);
      pool.setParallelism(after);
      nudge();
      tell(before, "there are " + after + " now");
    } else if (now - nextReminder >= 0) {
      nextReminder = now + reminderNanos;
      tell(before, "that is the limit, " + most);
    }
  }

  private void tell(int held, String whatIsDone) {
    LOG.log(
        System.Logger.Level.WARNING,
        "a virtual thread has waited for %d ms, all %d carriers are held: %s"
            .formatted(PATIENCE.toMillis(), held, whatIsDone));
    Stacks stacks = new Stacks();
    watched.forEach(runners -> ask(runners, stacks));
  }

  /** Whoever cannot say what it runs does not end the watching for the others. */
  private static void ask(Runners runners, Stacks stacks) {
    try {
      runners.forEach(stacks);
    } catch (RuntimeException failed) {
      LOG.log(System.Logger.Level.WARNING, "no stacks of " + runners, failed);
    }
  }

  /** Ends the asking. */
  @FunctionalInterface
  public interface Watch extends AutoCloseable {
    /** Ends it; harmless when called again. */
    @Override
    void close();
  }

  /** Whoever runs calls. Implementations are called by the watchdog's thread. */
  @FunctionalInterface
  public interface Runners {
    /**
     * Tells {@code action} each thread that runs a call now, at once or a little later and from
     * whichever thread knows.
     */
    void forEach(Consumer<? super Thread> action);
  }

  /** Logs what the first few threads do that hold a carrier. */
  private static final class Stacks implements Consumer<Thread> {
    private int left = MOST_STACKS;

    @Override
    public void accept(Thread runner) {
      if (runner.getState() != Thread.State.RUNNABLE) {
        return;
      }
      StackTraceElement[] frames = runner.getStackTrace();
      if (frames.length == 0 || !takeOne()) { // one that waits for its first turn has no frames
        return;
      }
      StringBuilder text = new StringBuilder("holds a carrier: ").append(runner.getName());
      for (int i = 0; i < Math.min(frames.length, MOST_FRAMES); i++) {
        text.append("\n\tat ").append(frames[i]);
      }
      LOG.log(System.Logger.Level.WARNING, text.toString());
    }

    private synchronized boolean takeOne() {
      return left-- > 0;
    }
  }
}
