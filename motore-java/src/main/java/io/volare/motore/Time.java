package io.volare.motore;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;

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
   * Opens a scope in which the calling thread is interrupted once {@code deadline} passes, at most
   * about a millisecond late. Close it on the same thread.
   *
   * {@snippet class=io.volare.motore.MotoreSnippetsTest region=scope}
   *
   * <p>With {@link Deadline#NONE} only {@link InterruptScope#interrupt} fires it.
   */
  InterruptScope interruptAt(Deadline deadline);

  /**
   * Parks the calling thread until it is unparked or interrupted, or {@code deadline} passes, at
   * most about a millisecond late; or for no reason, so who calls this looks again what it waits
   * for.
   *
   * <p>Made for waits that nearly always end before their limit: {@link LockSupport#parkNanos} of a
   * virtual thread wakes the JDK's thread for delays each time, the machine's own clock here wakes
   * nobody.
   */
  default void park(Object blocker, Deadline deadline) {
    if (deadline.isFinite()) {
      LockSupport.parkNanos(blocker, deadline.remainingNanos());
    } else {
      LockSupport.park(blocker);
    }
  }

  /**
   * A stretch of code that is interrupted when its deadline passes, or when somebody asks.
   *
   * <ul>
   *   <li>After {@link #close} no interrupt of this scope arrives, and one that arrived unseen is
   *       cleared.
   *   <li>Of nested scopes that have fired, the outermost is the cause: an inner one neither claims
   *       an exception nor clears the interrupt while another of the thread's scopes has fired.
   *   <li>A thread has one interrupt bit and no name beside it. What comes through a scope ({@link
   *       #interrupt}, and so {@link AsyncCall#cancel}) is never lost. A bare {@link
   *       Thread#interrupt} that was there before the scope fired is told apart and stays; one that
   *       comes after the scope's own was seen, and {@link #isCauseOf} said so, stays as well. Only
   *       a bare one that falls between the scope's own interrupt and its being seen is one with
   *       it. Whoever must not lose that one cancels through a scope.
   * </ul>
   */
  interface InterruptScope extends AutoCloseable {
    /**
     * {@return whether this scope was fired while it was open, by time or by {@link #interrupt}}
     * Also answers after {@code close}.
     */
    boolean fired();

    /**
     * {@return whether {@code failure} comes from this scope's interrupt} That is, whether the
     * scope fired, the failure says {@link Failure.Kind#CANCELLED}, no outer scope has fired and
     * nobody had interrupted the thread before. If so, an {@link InterruptedException} counts as
     * the interrupt being seen. Asked on the scope's thread, before {@code close}.
     */
    boolean isCauseOf(Exception failure);

    /** Fires the scope now, from any thread; does nothing once it has fired or is closed. */
    void interrupt();

    /** Ends the scope; never interrupts afterwards. */
    @Override
    void close();
  }
}
