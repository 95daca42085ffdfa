package io.volare.layers.timeout;

import static java.util.Objects.requireNonNull;

import io.volare.motore.Time;
import java.time.Duration;

/**
 * How long, and what of. Immutable; each {@code with} method returns a copy.
 *
 * @param limit the longest that the call or the attempt may take
 * @param covers the whole call, or one attempt
 * @param interrupting whether code that does not look at the deadline is interrupted when it
 *     passes; RPC clients look by themselves
 * @param listener told when a limit passes
 * @param time the clock
 */
public record TimeoutConfig(
    Duration limit, Covers covers, boolean interrupting, TimeoutListener listener, Time time) {
  /** Checks the limit. */
  public TimeoutConfig {
    if (!limit.isPositive()) {
      throw new IllegalArgumentException("limit: " + limit + " (expected: > 0)");
    }
    requireNonNull(covers, "covers");
    requireNonNull(listener, "listener");
    requireNonNull(time, "time");
  }

  /** {@return a limit for the whole call, its retries included} */
  public static TimeoutConfig perCall(Duration limit) {
    return new TimeoutConfig(limit, Covers.CALL, true, new TimeoutListener() {}, Time.SYSTEM);
  }

  /** {@return a limit for each attempt} */
  public static TimeoutConfig perAttempt(Duration limit) {
    return new TimeoutConfig(limit, Covers.ATTEMPT, true, new TimeoutListener() {}, Time.SYSTEM);
  }

  /** {@return a copy that only sets the deadline, and trusts what is inside to keep it} */
  public TimeoutConfig withoutInterrupt() {
    return new TimeoutConfig(limit, covers, false, listener, time);
  }

  /** {@return a copy with this listener} */
  public TimeoutConfig withListener(TimeoutListener listener) {
    return new TimeoutConfig(limit, covers, interrupting, listener, time);
  }

  /** {@return a copy with this clock} */
  public TimeoutConfig withTime(Time time) {
    return new TimeoutConfig(limit, covers, interrupting, listener, time);
  }

  /** What a limit covers. */
  public enum Covers {
    /** The whole call. */
    CALL,
    /** One attempt. */
    ATTEMPT
  }
}
