package io.volare.motore;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;

/** The machine's clocks, and one daemon thread that fires interrupt scopes. */
final class SystemTime implements Time {
  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public Instant now() {
    return Instant.now();
  }

  @Override
  public void sleep(Duration duration) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted before sleeping " + duration);
    }
    if (duration.isPositive()) {
      Thread.sleep(duration);
    }
  }

  @Override
  public InterruptScope interruptAt(Deadline deadline) {
    Thread thread = Thread.currentThread();
    if (!deadline.isFinite()) {
      return new ThreadScope(thread);
    }
    ThreadScope scope = new ThreadScope(thread, Timer.WHEEL);
    Timer.WHEEL.put(scope, thread.threadId(), deadline.nanosOn(this));
    return scope;
  }

  /** A timed park of a platform thread is cheap as it is. */
  @Override
  public void park(Object blocker, Deadline deadline) {
    Thread thread = Thread.currentThread();
    if (!deadline.isFinite() || !thread.isVirtual()) {
      Time.super.park(blocker, deadline);
      return;
    }
    Wakening wakening = new Wakening(thread);
    Timer.WHEEL.put(wakening, thread.threadId(), deadline.nanosOn(this));
    LockSupport.park(blocker);
    Timer.WHEEL.remove(wakening);
  }

  /** Unparks a thread that is still parked when its time comes. */
  private static final class Wakening extends TimerWheel.Entry {
    private final Thread parked;

    Wakening(Thread parked) {
      this.parked = parked;
    }

    @Override
    void fire() {
      LockSupport.unpark(parked);
    }
  }

  /** Started with the first scope or park that has a finite deadline. */
  static final class Timer {
    static final TimerWheel WHEEL = TimerWheel.start("volare-time");

    private Timer() {}
  }
}
