package io.volare.layers.ratelimit;

import io.volare.motore.CallContext;
import io.volare.motore.Deadline;
import io.volare.motore.Layer;
import io.volare.motore.Placement;
import io.volare.motore.Service;
import io.volare.motore.Time.InterruptScope;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Refuses calls beyond a number that runs at a time.
 *
 * <p>A call that hands out a stream holds its place until the stream has ended. Waiting, where it
 * is allowed, is first come, first served, and ends at the call's deadline.
 *
 * @param <C> the context
 * @param <Q> the request
 * @param <R> the response
 */
public final class ConcurrencyLimitLayer<
        C extends CallContext, Q extends @Nullable Object, R extends @Nullable Object>
    implements Layer<C, Q, R> {
  private final ConcurrencyLimitConfig config;
  private final Semaphore places;

  private ConcurrencyLimitLayer(ConcurrencyLimitConfig config) {
    this.config = config;
    this.places = new Semaphore(config.limit(), config.maxWait().isPositive());
  }

  /** {@return the layer that {@code config} describes} */
  public static <C extends CallContext, Q extends @Nullable Object, R extends @Nullable Object>
      ConcurrencyLimitLayer<C, Q, R> of(ConcurrencyLimitConfig config) {
    return new ConcurrencyLimitLayer<>(config);
  }

  @Override
  public Service<C, Q, R> wrap(Service<C, Q, R> inner) {
    return (context, request) -> {
      if (!tryEnter(context)) {
        config.listener().rejected(context);
        throw new LimitedException(
            context.target()
                + ": refused, "
                + config.limit()
                + " calls run (limit: "
                + config.limit()
                + ")",
            null);
      }
      boolean keep = false;
      try {
        R response = inner.call(context, request);
        keep = context.outlivesReturn();
        return response;
      } finally {
        if (keep) {
          context.onEnd(ended -> places.release());
        } else {
          places.release();
        }
      }
    };
  }

  private boolean tryEnter(C context) throws InterruptedException {
    if (!config.maxWait().isPositive()) {
      return places.tryAcquire();
    }
    if (places.tryAcquire(0, TimeUnit.NANOSECONDS)) { // only where nobody waits before
      return true;
    }
    if (context.deadline().isExpired()) {
      return false;
    }
    Deadline patience = Deadline.after(config.maxWait(), config.time());
    InterruptScope scope = config.time().interruptAt(patience.earlier(context.deadline()));
    try {
      places.acquire();
      return true;
    } catch (InterruptedException interrupted) {
      if (scope.isCauseOf(interrupted)) {
        return false;
      }
      throw interrupted;
    } finally {
      scope.close();
    }
  }

  /** {@return calls that could start now} */
  public int free() {
    return places.availablePermits();
  }

  @Override
  public Placement placement() {
    return Placement.EITHER;
  }

  @Override
  public boolean blocks() {
    return config.maxWait().isPositive();
  }

  @Override
  public String toString() {
    return "ConcurrencyLimit[" + config.limit() + "]";
  }
}
