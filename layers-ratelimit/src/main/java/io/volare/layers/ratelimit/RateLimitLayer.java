package io.volare.layers.ratelimit;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.volare.motore.CallContext;
import io.volare.motore.Layer;
import io.volare.motore.Placement;
import io.volare.motore.Service;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Refuses calls beyond a rate, for all together or for each key.
 *
 * <p>In use:
 *
 * {@snippet class=io.volare.layers.ratelimit.RateLimitSnippetsTest region=use}
 *
 * <p>A refused call does not run and does not wait. What is remembered of keys is bounded: a key
 * that is forgotten starts with a full burst.
 *
 * @param <C> the context
 * @param <Q> the request
 * @param <R> the response
 */
public final class RateLimitLayer<
        C extends CallContext, Q extends @Nullable Object, R extends @Nullable Object>
    implements Layer<C, Q, R> {
  private final RateLimitConfig<? super C> config;
  private final Function<C, RateLimiter> limiterOf;

  private RateLimitLayer(RateLimitConfig<? super C> config, Function<C, RateLimiter> limiterOf) {
    this.config = config;
    this.limiterOf = limiterOf;
  }

  /** {@return the layer that {@code config} describes} */
  public static <C extends CallContext, Q extends @Nullable Object, R extends @Nullable Object>
      RateLimitLayer<C, Q, R> of(RateLimitConfig<? super C> config) {
    return new RateLimitLayer<>(config, limiters(config));
  }

  private static <D extends CallContext, C extends D> Function<C, RateLimiter> limiters(
      RateLimitConfig<D> config) {
    Function<? super D, ? extends Object> key = config.key();
    if (key == null) {
      RateLimiter one = bucket(config);
      return context -> one;
    }
    LoadingCache<Object, RateLimiter> buckets =
        Caffeine.newBuilder().maximumSize(config.maxKeys()).build(any -> bucket(config));
    return context -> buckets.get(key.apply(context));
  }

  private static TokenBucket bucket(RateLimitConfig<?> config) {
    return TokenBucket.of(config.perSecond(), config.burst(), config.time());
  }

  @Override
  public Service<C, Q, R> wrap(Service<C, Q, R> inner) {
    return (context, request) -> {
      long wait = limiterOf.apply(context).tryAcquire();
      if (wait > 0) {
        throw refused(context, wait);
      }
      return inner.call(context, request);
    };
  }

  private LimitedException refused(C context, long waitNanos) {
    config.listener().rejected(context);
    return new LimitedException(
        "%s: refused, over the rate (limit: %s calls/s%s)"
            .formatted(context.target(), rate(), config.key() == null ? "" : " for each key"),
        Duration.ofNanos(waitNanos));
  }

  private String rate() {
    double rate = config.perSecond();
    return rate == Math.rint(rate) ? Long.toString((long) rate) : Double.toString(rate);
  }

  @Override
  public Placement placement() {
    return Placement.EITHER;
  }

  @Override
  public String toString() {
    return "RateLimit[" + rate() + "/s" + (config.key() == null ? "" : " a key") + "]";
  }
}
