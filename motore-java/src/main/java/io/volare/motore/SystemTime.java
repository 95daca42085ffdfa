package io.volare.motore;

import java.time.Duration;
import java.time.Instant;

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

  /** Started with the first scope that has a finite deadline. */
  static final class Timer {
    static final TimerWheel WHEEL = TimerWheel.start("volare-time");

    private Timer() {}
  }
}
