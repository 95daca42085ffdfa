package io.volare.layers.retry;

import io.volare.motore.CallContext;
import java.time.Duration;

/** Told what a retry layer does, on the calling thread; must be fast and must not throw. */
public interface RetryListener {
  /** An attempt failed; the next one follows after {@code pause}. */
  default void retrying(CallContext attempt, Duration pause, Exception failure) {}

  /** A call ended with {@code failure}, for {@code reason}. */
  default void gaveUp(CallContext attempt, Reason reason, Exception failure) {}

  /** Why there is no further attempt. */
  enum Reason {
    /** Trying again would not be safe, or would not help. */
    NOT_RETRYABLE,
    /** All attempts are used up. */
    ATTEMPTS,
    /** The budget has no retry left. */
    BUDGET,
    /** The deadline comes before the next attempt could start. */
    DEADLINE
  }
}
