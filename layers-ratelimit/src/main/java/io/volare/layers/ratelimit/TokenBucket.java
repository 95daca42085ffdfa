package io.volare.layers.ratelimit;

import static java.util.Objects.requireNonNull;

import io.volare.motore.Time;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Lets a burst pass and then a steady rate. Thread-safe and lock-free.
 *
 * <p>How is this designed, and why? One number says when the bucket would be full again (the
 * generic cell rate algorithm): a permit moves it one interval into the future, and is refused
 * where that is further away than the burst allows. There is nothing to refill and nothing to wake.
 */
public final class TokenBucket implements RateLimiter {
  private final long intervalNanos;
  private final long burstNanos;
  private final Time time;
  private final AtomicLong fullAt;

  private TokenBucket(long intervalNanos, int burst, Time time) {
    this.intervalNanos = intervalNanos;
    this.burstNanos = Math.multiplyExact(intervalNanos, burst);
    this.time = time;
    this.fullAt = new AtomicLong(time.nanos());
  }

  /**
   * {@return a full bucket}
   *
   * @param perSecond permits in a second, in the long run
   * @param burst permits at once
   */
  public static TokenBucket of(double perSecond, int burst, Time time) {
    requireNonNull(time, "time");
    if (!(perSecond > 0 && perSecond <= 1e9)) {
      throw new IllegalArgumentException("perSecond: " + perSecond + " (expected: > 0, <= 1e9)");
    }
    if (burst < 1) {
      throw new IllegalArgumentException("burst: " + burst + " (expected: >= 1)");
    }
    return new TokenBucket(Math.max(1, Math.round(1e9 / perSecond)), burst, time);
  }

  @Override
  public long tryAcquire() {
    long now = time.nanos();
    while (true) {
      long before = fullAt.get();
      long after = (before - now < 0 ? now : before) + intervalNanos;
      long tooFar = after - now - burstNanos;
      if (tooFar > 0) {
        return tooFar;
      }
      if (fullAt.compareAndSet(before, after)) {
        return 0;
      }
    }
  }
}
