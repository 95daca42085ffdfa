package io.volare.layers.timeout;

import io.volare.motore.CallContext;
import io.volare.motore.Deadline;
import io.volare.motore.Layer;
import io.volare.motore.Placement;
import io.volare.motore.Service;
import io.volare.motore.Time.InterruptScope;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Gives a call, or each attempt of it, a limit.
 *
 * <p>In use:
 *
 * {@snippet class=io.volare.layers.timeout.TimeoutSnippetsTest region=use}
 *
 * <p>The deadline that everything inside sees is the earlier of the one that came and this limit;
 * it is put back afterwards. Code that blocks without looking is interrupted once it passes, and
 * that interrupt never survives the layer. An interrupt from elsewhere passes as it came. Nothing
 * is called once the deadline has passed.
 *
 * @param <C> the context
 * @param <Q> the request
 * @param <R> the response
 */
public final class TimeoutLayer<
        C extends CallContext, Q extends @Nullable Object, R extends @Nullable Object>
    implements Layer<C, Q, R> {
  private final TimeoutConfig config;

  private TimeoutLayer(TimeoutConfig config) {
    this.config = config;
  }

  /** {@return the layer that {@code config} describes} */
  public static <C extends CallContext, Q extends @Nullable Object, R extends @Nullable Object>
      TimeoutLayer<C, Q, R> of(TimeoutConfig config) {
    return new TimeoutLayer<>(config);
  }

  @Override
  public Service<C, Q, R> wrap(Service<C, Q, R> inner) {
    return (context, request) -> {
      Deadline outer = context.deadline();
      Deadline limit = Deadline.after(config.limit(), config.time());
      Deadline own = outer.earlier(limit);
      if (own == outer && own.isExpired()) { // its own limit has just begun
        throw timedOut(context, Duration.ZERO, false, null);
      }
      context.deadline(own);
      boolean goesOn = false;
      try {
        R response =
            config.interrupting()
                ? interrupting(inner, context, request, own, limit)
                : inner.call(context, request);
        goesOn = context.outlivesReturn();
        return response;
      } finally {
        if (!goesOn) {
          context.deadline(outer);
        }
      }
    };
  }

  private R interrupting(
      Service<C, Q, R> inner, C context, Q request, Deadline deadline, Deadline limit)
      throws Exception {
    InterruptScope scope = config.time().interruptAt(deadline);
    try {
      return inner.call(context, request);
    } catch (Exception failure) {
      if (!scope.isCauseOf(failure)) {
        throw failure;
      }
      Duration elapsed = config.limit().minusNanos(limit.remainingNanos());
      throw timedOut(context, elapsed, true, failure);
    } finally {
      scope.close();
    }
  }

  private CallTimeoutException timedOut(
      C context, Duration elapsed, boolean mayHaveExecuted, @Nullable Throwable cause) {
    config.listener().timedOut(context, config.limit());
    String message =
        mayHaveExecuted
            ? "%s: no response after %d ms (limit: %d ms)"
                .formatted(context.target(), elapsed.toMillis(), config.limit().toMillis())
            : context.target() + ": the deadline had passed before the call";
    return new CallTimeoutException(message, config.limit(), mayHaveExecuted, cause);
  }

  @Override
  public Placement placement() {
    return config.covers() == TimeoutConfig.Covers.CALL
        ? Placement.perCall("its limit covers all attempts together")
        : Placement.perAttempt("its limit starts anew with each attempt");
  }

  @Override
  public boolean blocks() {
    return config.interrupting();
  }

  @Override
  public String toString() {
    String what = config.covers() == TimeoutConfig.Covers.CALL ? "" : " an attempt";
    return "Timeout[" + config.limit().toMillis() + " ms" + what + "]";
  }
}
