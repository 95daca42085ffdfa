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
 * An interval is a whole number of ticks, and a tick at most a nanosecond, of a length that makes
 * the rate exact: whole nanoseconds would miss a rate of 700,000 a second by 0.03 %, and one of 0.7
 * a nanosecond by 43 %. What rounding is left is that of one reading of the clock, and does not add
 * up.
 */
public final class TokenBucket implements RateLimiter {
  /** The longest burst in ticks, so that no sum of two overflows. */
  private static final long LONGEST = 1L << 61;

  private final long interval;
  private final long burst;
  private final double ticksPerNano;
  private final Time time;
  private final long origin;
  private final AtomicLong fullAt = new AtomicLong();

  private TokenBucket(double perSecond, int permits, Time time) {
    double nanos = Math.ceil(1e9 / perSecond);
    this.interval = (long) Math.min(nanos, (double) (LONGEST / permits));
    this.burst = interval * permits;
    this.ticksPerNano = interval * perSecond / 1e9;
    this.time = time;
    this.origin = time.nanos();
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
    return new TokenBucket(perSecond, burst, time);
  }

  @Override
  public long tryAcquire() {
    long now = (long) ((time.nanos() - origin) * ticksPerNano);
    while (true) {
      long before = fullAt.get();
      long after = Math.max(before, now) + interval;
      long tooFar = after - now - burst;
      if (tooFar > 0) {
        return (long) Math.ceil(tooFar / ticksPerNano);
      }
      if (fullAt.compareAndSet(before, after)) {
        return 0;
      }
    }
  }
}
