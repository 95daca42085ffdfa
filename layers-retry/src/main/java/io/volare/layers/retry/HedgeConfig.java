package io.volare.layers.retry;

import static java.util.Objects.requireNonNull;

import io.volare.motore.Time;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;

/**
 * When to send a call a second time without waiting any longer. Immutable; each {@code with} method
 * returns a copy. The budget and a percentile are state: layers that are given the same one share
 * it.
 *
 * @param delay how long to wait before each backup
 * @param maxAttempts attempts of a call in all, the first included
 * @param budget how many backups all calls together may add
 * @param passing failures after which an attempt that still runs may yet succeed; any other ends
 *     the call
 * @param cleanup how long the call waits for the attempts that it cancelled
 * @param threads makes the thread of each attempt
 * @param listener told about every backup
 * @param time the clock
 */
public record HedgeConfig(
    HedgeDelay delay,
    int maxAttempts,
    RetryBudget budget,
    Retryable passing,
    Duration cleanup,
    ThreadFactory threads,
    HedgeListener listener,
    Time time) {
  /** Checks the numbers. */
  public HedgeConfig {
    requireNonNull(delay, "delay");
    if (maxAttempts < 2) {
      throw new IllegalArgumentException("maxAttempts: " + maxAttempts + " (expected: >= 2)");
    }
    requireNonNull(budget, "budget");
    requireNonNull(passing, "passing");
    if (cleanup.isNegative()) {
      throw new IllegalArgumentException("cleanup: " + cleanup + " (expected: >= 0)");
    }
    requireNonNull(threads, "threads");
    requireNonNull(listener, "listener");
    requireNonNull(time, "time");
  }

  /**
   * {@return one backup after {@code delay}, a budget of its own of 10 % and one a second, virtual
   * threads, 50 ms for cancelled attempts to end}
   */
  public static HedgeConfig of(HedgeDelay delay) {
    return new HedgeConfig(
        delay,
        2,
        RetryBudget.of(0.1, 1, Time.SYSTEM),
        Retryable.SAFE,
        Duration.ofMillis(50),
        Thread.ofVirtual().name("volare-hedge").factory(),
        new HedgeListener() {},
        Time.SYSTEM);
  }

  /** {@return a copy with this many attempts in all} */
  public HedgeConfig withMaxAttempts(int maxAttempts) {
    return new HedgeConfig(delay, maxAttempts, budget, passing, cleanup, threads, listener, time);
  }

  /** {@return a copy that draws on this budget; see {@link RetryBudget#joint()}} */
  public HedgeConfig withBudget(RetryBudget budget) {
    return new HedgeConfig(delay, maxAttempts, budget, passing, cleanup, threads, listener, time);
  }

  /** {@return a copy that still waits for other attempts after these failures} */
  public HedgeConfig withPassing(Retryable passing) {
    return new HedgeConfig(delay, maxAttempts, budget, passing, cleanup, threads, listener, time);
  }

  /** {@return a copy that waits this long for cancelled attempts} */
  public HedgeConfig withCleanup(Duration cleanup) {
    return new HedgeConfig(delay, maxAttempts, budget, passing, cleanup, threads, listener, time);
  }

  /** {@return a copy whose attempts run on these threads} */
  public HedgeConfig withThreads(ThreadFactory threads) {
    return new HedgeConfig(delay, maxAttempts, budget, passing, cleanup, threads, listener, time);
  }

  /** {@return a copy with this listener} */
  public HedgeConfig withListener(HedgeListener listener) {
    return new HedgeConfig(delay, maxAttempts, budget, passing, cleanup, threads, listener, time);
  }

  /** {@return a copy with this clock; the budget and the delay keep their own} */
  public HedgeConfig withTime(Time time) {
    return new HedgeConfig(delay, maxAttempts, budget, passing, cleanup, threads, listener, time);
  }
}
