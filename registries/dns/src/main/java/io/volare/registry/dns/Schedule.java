package io.volare.registry.dns;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * When to look up again. Immutable, as far as its random numbers go.
 *
 * <p>After a good answer: when its TTL is over, within floor and ceiling, and up to a tenth later,
 * half a second at most. While an answer is in doubt: four times within the doubt. After a failure:
 * soon, then less and less often up to every ten seconds, spread over the whole pause.
 */
final class Schedule {
  private static final long MOST_JITTER_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
  private static final long MOST_AFTER_FAILURE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int MOST_DOUBLINGS = 10;

  private final long floorNanos;
  private final long ceilingNanos;
  private final long doubtNanos;
  private final RandomGenerator random;

  Schedule(RefreshConfig config, RandomGenerator random) {
    this.floorNanos = config.floor().toNanos();
    this.ceilingNanos = config.ceiling().toNanos();
    this.doubtNanos = config.doubt().toNanos();
    this.random = random;
  }

  /**
   * {@return how long after a lookup the next one is due}
   *
   * @param failures lookups in a row, up to this one, that did not bring everything
   */
  Duration next(long ttlSeconds, boolean inDoubt, int failures) {
    long next = within(floorNanos, TimeUnit.SECONDS.toNanos(ttlSeconds), ceilingNanos);
    next += upTo(Math.min(next / 10, MOST_JITTER_NANOS));
    if (inDoubt) {
      next = Math.min(next, Math.max(floorNanos, doubtNanos / 3));
    }
    if (failures > 0) {
      next = Math.min(next, afterFailure(failures));
    }
    return Duration.ofNanos(next);
  }

  private long afterFailure(int failures) {
    long pause = floorNanos << Math.min(failures, MOST_DOUBLINGS);
    long most = Math.min(ceilingNanos, Math.max(floorNanos, MOST_AFTER_FAILURE_NANOS));
    return floorNanos + upTo(within(floorNanos, pause, most) - floorNanos);
  }

  private long upTo(long most) {
    return most == 0 ? 0 : random.nextLong(most + 1);
  }

  private static long within(long least, long value, long most) {
    return Math.min(Math.max(least, value), most);
  }
}
