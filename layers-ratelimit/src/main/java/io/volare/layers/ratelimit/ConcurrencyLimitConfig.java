package io.volare.layers.ratelimit;

import static java.util.Objects.requireNonNull;

import io.volare.motore.Time;
import java.time.Duration;

/**
 * How many calls may run at a time. Immutable; each {@code with} method returns a copy.
 *
 * @param limit calls at a time
 * @param maxWait how long a call may wait for room; zero: not at all
 * @param listener told about every refusal
 * @param time the clock of the waiting
 */
public record ConcurrencyLimitConfig(
    int limit, Duration maxWait, RateLimitListener listener, Time time) {
  /** Checks the numbers. */
  public ConcurrencyLimitConfig {
    if (limit < 1) {
      throw new IllegalArgumentException("limit: " + limit + " (expected: >= 1)");
    }
    if (maxWait.isNegative()) {
      throw new IllegalArgumentException("maxWait: " + maxWait + " (expected: >= 0)");
    }
    requireNonNull(listener, "listener");
    requireNonNull(time, "time");
  }

  /** {@return a limit without waiting} */
  public static ConcurrencyLimitConfig of(int limit) {
    return new ConcurrencyLimitConfig(
        limit, Duration.ZERO, new RateLimitListener() {}, Time.SYSTEM);
  }

  /** {@return a copy that lets calls wait this long, and never past their deadline} */
  public ConcurrencyLimitConfig withMaxWait(Duration maxWait) {
    return new ConcurrencyLimitConfig(limit, maxWait, listener, time);
  }

  /** {@return a copy with this listener} */
  public ConcurrencyLimitConfig withListener(RateLimitListener listener) {
    return new ConcurrencyLimitConfig(limit, maxWait, listener, time);
  }

  /** {@return a copy with this clock} */
  public ConcurrencyLimitConfig withTime(Time time) {
    return new ConcurrencyLimitConfig(limit, maxWait, listener, time);
  }
}
