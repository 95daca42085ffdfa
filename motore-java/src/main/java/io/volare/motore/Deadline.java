package io.volare.motore;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * An absolute point on a monotonic clock after which a call's answer is of no use. Immutable.
 *
 * <p>{@link #NONE} never passes. Wall-clock steps do not move a deadline.
 */
public final class Deadline {
  /** Never passes. */
  public static final Deadline NONE = new Deadline(Time.SYSTEM, Long.MAX_VALUE, false);

  private final Time time;
  private final long nanos;
  private final boolean finite;

  private Deadline(Time time, long nanos, boolean finite) {
    this.time = time;
    this.nanos = nanos;
    this.finite = finite;
  }

  /**
   * {@return the deadline {@code limit} from now; a limit of over 100 years counts as 100 years}
   *
   * @throws IllegalArgumentException if {@code limit} is negative
   */
  public static Deadline after(Duration limit, Time time) {
    requireNonNull(time, "time");
    if (limit.isNegative()) {
      throw new IllegalArgumentException("limit: " + limit + " (expected: >= 0)");
    }
    long nanos = limit.compareTo(LONGEST) > 0 ? LONGEST.toNanos() : limit.toNanos();
    return new Deadline(time, time.nanos() + nanos, true);
  }

  /**
   * {@return the deadline at a point on the scale of {@code time}'s {@link Time#nanos()}, for who
   * has read that clock already}
   */
  public static Deadline at(long nanos, Time time) {
    return new Deadline(requireNonNull(time, "time"), nanos, true);
  }

  private static final Duration LONGEST = Duration.ofDays(36_500);

  /** {@return false for {@link #NONE}} */
  public boolean isFinite() {
    return finite;
  }

  /**
   * {@return nanoseconds left; zero or less once it has passed, {@link Long#MAX_VALUE} if never}
   */
  public long remainingNanos() {
    return finite ? nanos - time.nanos() : Long.MAX_VALUE;
  }

  /** {@return whether it has passed} */
  public boolean isExpired() {
    return finite && nanos - time.nanos() <= 0;
  }

  /** {@return the point itself, on the scale of {@link Time#nanos()}; meaningless for NONE} */
  public long nanos() {
    return nanos;
  }

  /** {@return the point on the scale of {@code clock}} */
  long nanosOn(Time clock) {
    return time == clock ? nanos : clock.nanos() + remainingNanos();
  }

  /** {@return the one that passes first; both are taken to be of the same clock} */
  public Deadline earlier(Deadline other) {
    if (!other.finite) {
      return this;
    }
    return !finite || other.nanos - nanos < 0 ? other : this;
  }

  @Override
  public String toString() {
    return finite ? remainingNanos() / 1_000_000 + " ms left" : "none";
  }
}
