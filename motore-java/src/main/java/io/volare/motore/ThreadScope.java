package io.volare.motore;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A scope that interrupts one thread at most once, by time or by hand.
 *
 * <p>How is this designed, and why? The JVM keeps one interrupt bit for a thread and nobody's name
 * beside it. So the scopes that have fired and are still open are noted by thread: a scope that
 * closes clears the bit only if it is the only one of them, and claims an exception only then.
 * Noting, interrupting and clearing happen under one lock for each thread (a bin of the map), so
 * that no scope clears what another has just set. A scope that never fires, nearly every one, costs
 * one compare-and-set and never looks at the map; there is no thread-local.
 */
final class ThreadScope extends TimerWheel.Entry implements Time.InterruptScope {
  private static final int OPEN = 0;
  private static final int CLOSED = 1;
  private static final int FIRED = 2;
  private static final int FIRED_AND_CLOSED = 3;
  private static final VarHandle STATE = stateHandle();

  /** Each thread's open scopes that have fired, chained by {@code nextFired}. */
  private static final ConcurrentHashMap<Thread, ThreadScope> FIRED_SCOPES =
      new ConcurrentHashMap<>();

  private final Thread thread;
  private final @Nullable TimerWheel timer;
  private volatile int state = OPEN;

  // guarded by the thread's bin of FIRED_SCOPES
  private @Nullable ThreadScope nextFired;
  private boolean cameSecond;
  private boolean seen;

  /** Opens a scope that only {@link #interrupt} fires. */
  ThreadScope(Thread thread) {
    this(thread, null);
  }

  /** Opens a scope that {@code timer} fires too, once it is put there. */
  ThreadScope(Thread thread, @Nullable TimerWheel timer) {
    this.thread = thread;
    this.timer = timer;
  }

  @Override
  void fire() {
    interrupt();
  }

  @Override
  public void interrupt() {
    if (state == OPEN) {
      FIRED_SCOPES.compute(thread, this::fireOnce);
    }
  }

  private @Nullable ThreadScope fireOnce(Thread thread, @Nullable ThreadScope fired) {
    if (!STATE.compareAndSet(this, OPEN, FIRED)) {
      return fired;
    }
    cameSecond = fired == null && thread.isInterrupted();
    nextFired = fired;
    thread.interrupt();
    return this;
  }

  @Override
  public boolean fired() {
    return state >= FIRED;
  }

  @Override
  public boolean isCauseOf(Exception failure) {
    if (state != FIRED || Failure.kindOf(failure) != Failure.Kind.CANCELLED) {
      return false;
    }
    boolean[] cause = new boolean[1];
    FIRED_SCOPES.computeIfPresent(
        thread,
        (same, fired) -> {
          cause[0] = fired == this && nextFired == null && !cameSecond;
          seen |= cause[0] && failure instanceof InterruptedException;
          return fired;
        });
    return cause[0];
  }

  @Override
  public void close() {
    if (STATE.compareAndSet(this, OPEN, CLOSED)) {
      if (timer != null) {
        timer.remove(this);
      }
    } else if (state == FIRED) {
      FIRED_SCOPES.computeIfPresent(thread, this::closeFired);
    }
  }

  private @Nullable ThreadScope closeFired(Thread thread, ThreadScope fired) {
    state = FIRED_AND_CLOSED;
    ThreadScope others = without(fired);
    if (others == null && !cameSecond && !seen && thread == Thread.currentThread()) {
      Thread.interrupted();
    }
    return others;
  }

  private @Nullable ThreadScope without(ThreadScope fired) {
    if (fired == this) {
      return nextFired;
    }
    for (ThreadScope scope = fired; scope != null; scope = scope.nextFired) {
      if (scope.nextFired == this) {
        scope.nextFired = nextFired;
        break;
      }
    }
    return fired;
  }

  /** {@return threads that have open scopes which have fired; for tests} */
  static int firedThreads() {
    return FIRED_SCOPES.size();
  }

  private static VarHandle stateHandle() {
    try {
      return MethodHandles.lookup().findVarHandle(ThreadScope.class, "state", int.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }
}
