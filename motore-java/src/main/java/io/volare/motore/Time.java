package io.volare.motore;

import java.time.Duration;
import java.time.Instant;

/**
 * The one way to read a clock, to sleep, and to be interrupted at a point in time.
 *
 * <p>Time is a parameter: tests pass {@link io.volare.motore.testing.ManualTime} and wait for
 * nothing. Implementations are thread-safe.
 */
public interface Time {
  /** The machine's own clocks. */
  Time SYSTEM = new SystemTime();

  /** {@return a monotonic reading in nanoseconds; only differences mean anything} */
  long nanos();

  /** {@return the wall clock, for what people and other machines read; never for limits} */
  Instant now();

  /**
   * Blocks for {@code duration}; zero or less returns at once.
   *
   * @throws InterruptedException if the thread is interrupted before or while sleeping
   */
  void sleep(Duration duration) throws InterruptedException;

  /**
   * Opens a scope in which the calling thread is interrupted once {@code deadline} passes. Close it
   * on the same thread; after {@code close} returns no interrupt of this scope arrives, and one
   * that arrived unseen is cleared. Of nested scopes that both fire, the outer one is the cause
   * that stays: closing an inner scope never clears an outer scope's interrupt.
   */
  InterruptScope interruptAt(Deadline deadline);

  /** A stretch of code that is interrupted when its deadline passes. */
  interface InterruptScope extends AutoCloseable {
    /**
     * {@return whether this scope's deadline passed while it was open and it interrupted the
     * thread} Also answers after {@code close}.
     */
    boolean fired();

    /** Ends the scope; never interrupts afterwards. */
    @Override
    void close();
  }
}
