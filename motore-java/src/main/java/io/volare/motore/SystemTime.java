package io.volare.motore;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

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
    ArmedScope scope = new ArmedScope(Thread.currentThread());
    scope.arm(deadline);
    return scope;
  }

  /** Started with the first scope that has a finite deadline. */
  private static final class Timer {
    static final ScheduledThreadPoolExecutor EXECUTOR = start();

    private static ScheduledThreadPoolExecutor start() {
      ScheduledThreadPoolExecutor executor =
          new ScheduledThreadPoolExecutor(
              1, Thread.ofPlatform().daemon().name("volare-time").factory());
      executor.setRemoveOnCancelPolicy(true);
      return executor;
    }
  }

  /** One scope; its state says once and for all whether it fired or was closed first. */
  private static final class ArmedScope implements InterruptScope {
    private static final ThreadLocal<@Nullable ArmedScope> INNERMOST = new ThreadLocal<>();

    private final Thread thread;
    private final @Nullable ArmedScope outer = INNERMOST.get();
    private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);
    private @Nullable Future<?> timer;

    ArmedScope(Thread thread) {
      this.thread = thread;
    }

    void arm(Deadline deadline) {
      INNERMOST.set(this);
      if (deadline.isFinite()) {
        timer =
            Timer.EXECUTOR.schedule(
                this::fire, Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
      }
    }

    private void fire() {
      if (state.compareAndSet(State.OPEN, State.FIRING)) {
        thread.interrupt();
        state.set(State.FIRED);
      }
    }

    @Override
    public boolean fired() {
      return state.get() == State.FIRED || state.get() == State.FIRING;
    }

    @Override
    public void close() {
      if (INNERMOST.get() == this) {
        if (outer == null) {
          INNERMOST.remove();
        } else {
          INNERMOST.set(outer);
        }
      }
      if (state.compareAndSet(State.OPEN, State.CLOSED)) {
        if (timer != null) {
          timer.cancel(false);
        }
        return;
      }
      while (state.get() == State.FIRING) {
        Thread.onSpinWait();
      }
      if (state.get() == State.FIRED && !outerFired()) {
        Thread.interrupted();
      }
    }

    private boolean outerFired() {
      for (ArmedScope scope = outer; scope != null; scope = scope.outer) {
        if (scope.fired()) {
          return true;
        }
      }
      return false;
    }

    private enum State {
      OPEN,
      FIRING,
      FIRED,
      CLOSED
    }
  }
}
