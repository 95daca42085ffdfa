package io.volare.layers.retry;

import static java.util.Objects.requireNonNull;

import io.volare.motore.Time;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many retries a client may add to its calls: a share of them, and a few in each second
 * besides. When everything fails, the load on the failing service grows by that share and not by
 * the number of attempts. Thread-safe and lock-free; shared by all calls that draw on it.
 *
 * <p>How is this designed, and why? One number holds thousandths of a retry. A call deposits its
 * share, a retry withdraws a whole one, and time deposits the floor; what is saved never exceeds
 * ten seconds of the floor plus a hundred calls' share, so a quiet hour does not pay for a storm.
 */
public final class RetryBudget {
  private static final long WHOLE = 1_000;
  private static final int SAVED_SECONDS = 10;
  private static final int SAVED_CALLS = 100;

  private final long perCall;
  private final double perNano;
  private final long most;
  private final Time time;
  private final boolean paid;
  private final AtomicLong saved;
  private final AtomicLong paidUntil;

  private RetryBudget(double share, double perSecond, Time time) {
    this.paid = false;
    this.perCall = Math.round(share * WHOLE);
    this.perNano = perSecond * WHOLE / 1e9;
    this.most =
        Math.max(WHOLE, Math.round(perSecond * SAVED_SECONDS * WHOLE) + perCall * SAVED_CALLS);
    this.time = time;
    this.saved = new AtomicLong(Math.min(most, Math.max(WHOLE, Math.round(perSecond * WHOLE))));
    this.paidUntil = new AtomicLong(time.nanos());
  }

  /**
   * {@return a budget of its own}
   *
   * @param share retries for each call, 0.1 for one in ten
   * @param perSecond retries that are free in each second
   */
  public static RetryBudget of(double share, double perSecond, Time time) {
    if (!(share >= 0 && share <= 1)) {
      throw new IllegalArgumentException("share: " + share + " (expected: 0..1)");
    }
    if (!(perSecond >= 0)) {
      throw new IllegalArgumentException("perSecond: " + perSecond + " (expected: >= 0)");
    }
    return new RetryBudget(share, perSecond, requireNonNull(time, "time"));
  }

  private RetryBudget(RetryBudget joined) {
    perCall = joined.perCall;
    perNano = joined.perNano;
    most = joined.most;
    time = joined.time;
    paid = true;
    saved = joined.saved;
    paidUntil = joined.paidUntil;
  }

  /**
   * {@return this budget for one more layer around the same calls} Both draw on it, and a call that
   * passes both pays its share once.
   */
  public RetryBudget joint() {
    return new RetryBudget(this);
  }

  /** Notes a call, which pays its share. */
  void deposit() {
    if (!paid && saved.get() < most) {
      saved.getAndUpdate(before -> Math.min(most, before + perCall));
    }
  }

  /** {@return whether there is room for one retry; if so it is taken} */
  boolean tryWithdraw() {
    payTheFloor();
    while (true) {
      long before = saved.get();
      if (before < WHOLE) {
        return false;
      }
      if (saved.compareAndSet(before, before - WHOLE)) {
        return true;
      }
    }
  }

  private void payTheFloor() {
    long now = time.nanos();
    long before = paidUntil.get();
    long earned = (long) ((now - before) * perNano);
    if (earned > 0 && paidUntil.compareAndSet(before, before + (long) (earned / perNano))) {
      saved.getAndUpdate(have -> Math.min(most, have + earned));
    }
  }

  @Override
  public String toString() {
    return "%.0f %% and %.1f/s".formatted(perCall * 100.0 / WHOLE, perNano * 1e9 / WHOLE);
  }
}
