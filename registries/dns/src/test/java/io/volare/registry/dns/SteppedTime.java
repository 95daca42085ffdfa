package io.volare.registry.dns;

import io.volare.motore.Deadline;
import io.volare.motore.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A clock on which a sleep lasts until the test says so: the sleeper tells how long it wants to
 * sleep, and the clock is then moved by as much as the test likes.
 */
final class SteppedTime implements Time {
  private final AtomicLong nanos = new AtomicLong();
  private final BlockingQueue<Duration> sleeps = new LinkedBlockingQueue<>();
  private final SynchronousQueue<Duration> steps = new SynchronousQueue<>();

  /** {@return how long somebody wants to sleep now} */
  Duration nextSleep() throws InterruptedException {
    Duration sleep = sleeps.poll(10, TimeUnit.SECONDS);
    if (sleep == null) {
      throw new AssertionError("nobody went to sleep within 10 s");
    }
    return sleep;
  }

  /** Ends the sleep after {@code duration}. */
  void advance(Duration duration) throws InterruptedException {
    if (!steps.offer(duration, 10, TimeUnit.SECONDS)) {
      throw new AssertionError("nobody was asleep within 10 s");
    }
  }

  /** Moves the clock while whoever sleeps goes on sleeping. */
  void pass(Duration duration) {
    nanos.addAndGet(duration.toNanos());
  }

  @Override
  public long nanos() {
    return nanos.get();
  }

  @Override
  public Instant now() {
    return Instant.EPOCH.plusNanos(nanos());
  }

  @Override
  public void sleep(Duration duration) throws InterruptedException {
    sleeps.add(duration);
    nanos.addAndGet(steps.take().toNanos());
  }

  @Override
  public InterruptScope interruptAt(Deadline deadline) {
    return Time.SYSTEM.interruptAt(Deadline.NONE);
  }
}
