package io.volare.motore.testing;

import io.volare.motore.Deadline;
import io.volare.motore.Time;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A clock that moves only when told. Sleeping advances it by the duration asked for and returns at
 * once; interrupt scopes whose deadline it passes fire.
 *
 * {@snippet class=io.volare.motore.MotoreSnippetsTest region=testing}
 *
 * <p>Thread-safe.
 */
public final class ManualTime implements Time {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final AtomicLong nanos = new AtomicLong();
  private final List<Duration> sleeps = new CopyOnWriteArrayList<>();
  private final List<ManualScope> scopes = new ArrayList<>();
  private final List<Thread> parked = new CopyOnWriteArrayList<>();

  /** {@return a clock at zero} */
  public static ManualTime create() {
    return new ManualTime();
  }

  private ManualTime() {}

  /** {@return interrupt scopes that are open and not yet fired, whoever opened them} */
  public int openScopes() {
    synchronized (scopes) {
      return (int) scopes.stream().filter(scope -> !scope.fired()).count();
    }
  }

  /** Moves the clock and fires the scopes whose deadline has passed. */
  public void advance(Duration duration) {
    nanos.addAndGet(duration.toNanos());
    synchronized (scopes) {
      scopes.forEach(ManualScope::fireIfDue);
    }
    parked.forEach(LockSupport::unpark);
  }

  /** {@return every sleep so far, in order} */
  public List<Duration> sleeps() {
    return List.copyOf(sleeps);
  }

  @Override
  public long nanos() {
    return nanos.get();
  }

  @Override
  public Instant now() {
    return START.plusNanos(nanos.get());
  }

  @Override
  public void sleep(Duration duration) throws InterruptedException {
    sleeps.add(duration);
    if (!Thread.currentThread().isInterrupted() && duration.isPositive()) {
      advance(duration);
    }
    if (Thread.interrupted()) {
      throw new InterruptedException("interrupted while sleeping " + duration);
    }
  }

  @Override
  public InterruptScope interruptAt(Deadline deadline) {
    ManualScope scope = new ManualScope(deadline);
    synchronized (scopes) {
      scopes.add(scope);
      scope.fireIfDue();
    }
    return scope;
  }

  /** Each move of the clock ends it, whether the deadline has passed or not. */
  @Override
  public void park(Object blocker, Deadline deadline) {
    Thread thread = Thread.currentThread();
    parked.add(thread);
    if (!deadline.isExpired()) {
      LockSupport.park(blocker);
    }
    parked.remove(thread);
  }

  /** A scope of the system that only this clock fires. */
  private final class ManualScope implements InterruptScope {
    private final InterruptScope scope = Time.SYSTEM.interruptAt(Deadline.NONE);
    private final Deadline deadline;

    ManualScope(Deadline deadline) {
      this.deadline = deadline;
    }

    void fireIfDue() {
      if (deadline.isExpired()) {
        scope.interrupt();
      }
    }

    @Override
    public boolean fired() {
      return scope.fired();
    }

    @Override
    public boolean isCauseOf(Exception failure) {
      return scope.isCauseOf(failure);
    }

    @Override
    public void interrupt() {
      scope.interrupt();
    }

    @Override
    public void close() {
      synchronized (scopes) {
        scopes.remove(this);
      }
      scope.close();
    }
  }
}
