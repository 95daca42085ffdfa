package io.volare.layers.retry;

import io.volare.motore.CallContext;
import java.time.Duration;

/** Told what a hedge layer does, on the calling thread; must be fast and must not throw. */
public interface HedgeListener {
  /** No answer has come for {@code waited}: {@code backup} starts. */
  default void hedging(CallContext backup, Duration waited) {}

  /** No answer has come, and yet no backup starts. */
  default void notHedged(CallContext context, Reason reason) {}

  /** {@code winner} answered first, of {@code attempts} that were started. */
  default void won(CallContext winner, int attempts) {}

  /** {@code attempts} that were cancelled have not ended within the time for it; they go on. */
  default void leftBehind(CallContext context, int attempts) {}

  /** Why there is no backup. */
  enum Reason {
    /** The budget has nothing left. */
    BUDGET,
    /** The deadline has passed. */
    DEADLINE
  }
}
