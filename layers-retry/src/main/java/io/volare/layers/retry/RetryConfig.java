package io.volare.layers.retry;

import static java.util.Objects.requireNonNull;

import io.volare.motore.Time;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;

/**
 * When and how often to try again. Immutable; each {@code with} method returns a copy. The budget
 * is state: layers that are given the same one share it.
 *
 * @param maxAttempts calls in all, the first included; 1 means never retry
 * @param backoff the pause between attempts, unless the failure says when to come back
 * @param retryable which failures may be retried
 * @param budget how many retries all calls together may add
 * @param listener told about every retry
 * @param time the clock, which also sleeps
 */
public record RetryConfig(
    int maxAttempts,
    Backoff backoff,
    Retryable retryable,
    RetryBudget budget,
    RetryListener listener,
    Time time) {
  /** Checks the number of attempts. */
  public RetryConfig {
    if (maxAttempts < 1) {
      throw new IllegalArgumentException("maxAttempts: " + maxAttempts + " (expected: >= 1)");
    }
    requireNonNull(backoff, "backoff");
    requireNonNull(retryable, "retryable");
    requireNonNull(budget, "budget");
    requireNonNull(listener, "listener");
    requireNonNull(time, "time");
  }

  /**
   * {@return three attempts, full jitter from 50 ms to 2 s, only what is safe, a budget of its own
   * of 10 % and one a second}
   */
  public static RetryConfig create() {
    RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();
    return new RetryConfig(
        3,
        Backoff.fullJitter(Duration.ofMillis(50), Duration.ofSeconds(2), random),
        Retryable.SAFE,
        RetryBudget.of(0.1, 1, Time.SYSTEM),
        new RetryListener() {},
        Time.SYSTEM);
  }

  /** {@return a copy with this many attempts} */
  public RetryConfig withMaxAttempts(int maxAttempts) {
    return new RetryConfig(maxAttempts, backoff, retryable, budget, listener, time);
  }

  /** {@return a copy with this pause between attempts} */
  public RetryConfig withBackoff(Backoff backoff) {
    return new RetryConfig(maxAttempts, backoff, retryable, budget, listener, time);
  }

  /** {@return a copy that retries these failures} */
  public RetryConfig withRetryable(Retryable retryable) {
    return new RetryConfig(maxAttempts, backoff, retryable, budget, listener, time);
  }

  /** {@return a copy that draws on this budget} */
  public RetryConfig withBudget(RetryBudget budget) {
    return new RetryConfig(maxAttempts, backoff, retryable, budget, listener, time);
  }

  /** {@return a copy with this listener} */
  public RetryConfig withListener(RetryListener listener) {
    return new RetryConfig(maxAttempts, backoff, retryable, budget, listener, time);
  }

  /** {@return a copy with this clock; the budget keeps its own} */
  public RetryConfig withTime(Time time) {
    return new RetryConfig(maxAttempts, backoff, retryable, budget, listener, time);
  }
}
