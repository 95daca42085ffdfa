package io.volare.layers.retry;

import io.volare.motore.CallContext;
import io.volare.motore.Layer;
import io.volare.motore.Placement;
import io.volare.motore.Service;
import org.jspecify.annotations.Nullable;

/**
 * Sends a slow call once more and takes the first answer.
 *
 * <p>In use:
 *
 * {@snippet class=io.volare.layers.retry.HedgeSnippetsTest region=use}
 *
 * <p>Only calls that are idempotent and hand out no stream are hedged; the others pass. Each
 * attempt has a thread and a context of its own, and they see nothing of each other but the facts
 * of the call; what the winner learnt becomes the call's. The others are interrupted, and the call
 * waits for their end, for a bounded time. A failure is the call's once nothing runs that might
 * still succeed: trying again is a retry layer's business.
 *
 * @param <C> the context
 * @param <Q> the request; read by several attempts at a time
 * @param <R> the response
 */
public final class HedgeLayer<
        C extends CallContext, Q extends @Nullable Object, R extends @Nullable Object>
    implements Layer<C, Q, R> {
  private final HedgeConfig config;

  private HedgeLayer(HedgeConfig config) {
    this.config = config;
  }

  /** {@return the layer that {@code config} describes} */
  public static <C extends CallContext, Q extends @Nullable Object, R extends @Nullable Object>
      HedgeLayer<C, Q, R> of(HedgeConfig config) {
    return new HedgeLayer<>(config);
  }

  @Override
  public Service<C, Q, R> wrap(Service<C, Q, R> inner) {
    return (context, request) -> {
      if (!context.idempotent() || context.outlivesReturn()) {
        return inner.call(context, request);
      }
      config.budget().deposit();
      return new HedgedCall<>(config, inner, context, request).run();
    };
  }

  @Override
  public Placement placement() {
    return Placement.startsAttempts("each backup is an attempt of its own");
  }

  @Override
  public boolean blocks() {
    return true;
  }

  @Override
  public String toString() {
    return "Hedge[" + config.maxAttempts() + " attempts, " + config.budget() + "]";
  }
}
