package io.volare.layers.retry;

import io.volare.layers.retry.RetryListener.Reason;
import io.volare.motore.CallContext;
import io.volare.motore.Failure;
import io.volare.motore.Layer;
import io.volare.motore.Placement;
import io.volare.motore.Service;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Tries again: a loop around the inner service.
 *
 * <p>In use:
 *
 * {@snippet class=io.volare.layers.retry.RetrySnippetsTest region=use}
 *
 * <p>Each attempt has a context of its own; what the successful one learnt becomes the call's. The
 * failure that is thrown in the end is the last one as it came, the earlier ones suppressed in it.
 * Nobody sleeps past the deadline. A response that is a stream is never tried again once it was
 * handed out.
 *
 * @param <C> the context
 * @param <Q> the request; sent again as it is, so it must not be used up by being sent
 * @param <R> the response
 */
public final class RetryLayer<
        C extends CallContext, Q extends @Nullable Object, R extends @Nullable Object>
    implements Layer<C, Q, R> {
  private final RetryConfig config;

  private RetryLayer(RetryConfig config) {
    this.config = config;
  }

  /** {@return the layer that {@code config} describes} */
  public static <C extends CallContext, Q extends @Nullable Object, R extends @Nullable Object>
      RetryLayer<C, Q, R> of(RetryConfig config) {
    return new RetryLayer<>(config);
  }

  @Override
  public Service<C, Q, R> wrap(Service<C, Q, R> inner) {
    return (context, request) -> {
      config.budget().deposit();
      Exception previous = null;
      for (int number = 1; ; number++) {
        C attempt =
            number == 1 ? CallContext.firstAttemptOf(context) : CallContext.forkOf(context, number);
        try {
          R response = inner.call(attempt, request);
          context.adopt(attempt);
          return response;
        } catch (InterruptedException cancelled) {
          throw cancelled;
        } catch (Exception failure) {
          if (previous != null && previous != failure) {
            failure.addSuppressed(previous);
          }
          Duration pause = pauseAfter(number, failure);
          Reason enough = enough(attempt, number, pause, failure);
          if (enough != null) {
            context.adopt(attempt);
            config.listener().gaveUp(attempt, enough, failure);
            throw failure;
          }
          config.listener().retrying(attempt, pause, failure);
          config.time().sleep(pause);
          previous = failure;
        }
      }
    };
  }

  private Duration pauseAfter(int number, Exception failure) {
    Duration asked = failure instanceof Failure said ? said.retryAfter() : null;
    Duration own = config.backoff().after(number);
    return asked == null || asked.compareTo(own) < 0 ? own : asked;
  }

  /**
   * {@return why there is no further attempt, or null if there is one; takes it from the budget}
   */
  private @Nullable Reason enough(C attempt, int number, Duration pause, Exception failure) {
    if (!config.retryable().test(attempt, failure)) {
      return Reason.NOT_RETRYABLE;
    }
    if (number == config.maxAttempts()) {
      return Reason.ATTEMPTS;
    }
    if (attempt.deadline().isFinite() && attempt.deadline().remainingNanos() <= pause.toNanos()) {
      return Reason.DEADLINE;
    }
    return config.budget().tryWithdraw() ? null : Reason.BUDGET;
  }

  @Override
  public Placement placement() {
    return Placement.startsAttempts("each try is an attempt of its own");
  }

  @Override
  public boolean blocks() {
    return true;
  }

  @Override
  public String toString() {
    return "Retry[" + config.maxAttempts() + " attempts, " + config.budget() + "]";
  }
}
