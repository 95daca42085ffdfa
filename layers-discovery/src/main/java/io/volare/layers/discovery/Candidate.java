package io.volare.layers.discovery;

import io.github.resilience4j.core.metrics.FixedSizeSlidingWindowMetrics;
import io.github.resilience4j.core.metrics.Metrics;
import io.github.resilience4j.core.metrics.Snapshot;
import io.volare.rpc.Endpoint;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An instance as a balancer sees it, with what was learnt about it. Thread-safe: the number of
 * calls is atomic, the window has its own lock, and the rest is guarded by this object's monitor. A
 * call that ends well and has nothing to change looks at the rest without the monitor: whether it
 * comes before or after a failure that ends at the same time is nobody's to say.
 */
public final class Candidate {
  private final Endpoint endpoint;
  private final EjectionConfig config;
  private final AtomicInteger inFlight = new AtomicInteger();
  private volatile Metrics window;
  private volatile int failuresInARow;
  private int ejections;
  private volatile boolean ejected;
  private volatile boolean onProbation;
  private long ejectedUntil;

  Candidate(Endpoint endpoint, EjectionConfig config) {
    this.endpoint = endpoint;
    this.config = config;
    this.window = new FixedSizeSlidingWindowMetrics(config.window());
  }

  /** {@return the instance} */
  public Endpoint endpoint() {
    return endpoint;
  }

  /** {@return its weight, 0 for none} */
  public int weight() {
    return endpoint.weight();
  }

  /** {@return calls of this client that it is answering} */
  public int inFlight() {
    return inFlight.get();
  }

  void begin() {
    inFlight.incrementAndGet();
  }

  /** Notes the end of a call, and says whether the instance should be ejected now. */
  boolean end(boolean failed) {
    inFlight.decrementAndGet();
    Metrics.Outcome outcome = failed ? Metrics.Outcome.ERROR : Metrics.Outcome.SUCCESS;
    Snapshot snapshot = window.record(0, TimeUnit.NANOSECONDS, outcome); // nobody asks how long
    if (!failed && failuresInARow == 0 && !onProbation) {
      return false;
    }
    synchronized (this) {
      failuresInARow = failed ? failuresInARow + 1 : 0;
      if (!failed && onProbation && snapshot.getTotalNumberOfCalls() >= config.probation()) {
        onProbation = false;
        ejections = 0;
      }
      if (!failed || ejected) {
        return false;
      }
      boolean tooMany =
          snapshot.getTotalNumberOfCalls() >= config.leastCalls()
              && snapshot.getFailureRate() >= config.failurePercent();
      return onProbation || tooMany || failuresInARow >= config.failuresInARow();
    }
  }

  synchronized void eject(long nowNanos) {
    ejected = true;
    onProbation = false;
    ejections++;
    long doubled = config.ejectFor().toNanos() << Math.min(ejections - 1, 10);
    ejectedUntil = nowNanos + Math.min(doubled, config.ejectAtMost().toNanos());
  }

  /** {@return whether it was ejected and did not come back yet, be it that its time is over} */
  boolean wasEjected() {
    return ejected;
  }

  /** {@return whether it is left out; what has served its time comes back on probation} */
  boolean isEjected(long nowNanos) {
    return ejected && isStillEjected(nowNanos);
  }

  private synchronized boolean isStillEjected(long nowNanos) {
    if (ejected && nowNanos - ejectedUntil >= 0) {
      ejected = false;
      onProbation = true;
      failuresInARow = 0;
      window = new FixedSizeSlidingWindowMetrics(config.window());
    }
    return ejected;
  }

  @Override
  public String toString() {
    return endpoint.toString();
  }
}
