package io.volare.layers.ratelimit;

import static java.util.Objects.requireNonNull;

import io.volare.motore.CallContext;
import io.volare.motore.Time;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How many calls may start in a time, for all calls together or for each key. Immutable; each
 * {@code with} method returns a copy.
 *
 * @param perSecond calls in a second, in the long run
 * @param burst calls at once
 * @param key what a call counts under, for instance its caller; null: all calls count together
 * @param maxKeys keys that are remembered; the ones not seen for longest start anew
 * @param listener told about every refusal
 * @param time the clock
 * @param <C> the context that the key is taken from
 */
public record RateLimitConfig<C extends CallContext>(
    double perSecond,
    int burst,
    @Nullable Function<? super C, ? extends Object> key,
    int maxKeys,
    RateLimitListener listener,
    Time time) {
  /** Keys that are remembered unless said otherwise. */
  public static final int DEFAULT_MAX_KEYS = 100_000;

  /** Checks the numbers. */
  public RateLimitConfig {
    if (!(perSecond > 0 && perSecond <= 1e9)) {
      throw new IllegalArgumentException("perSecond: " + perSecond + " (expected: > 0, <= 1e9)");
    }
    if (burst < 1) {
      throw new IllegalArgumentException("burst: " + burst + " (expected: >= 1)");
    }
    if (maxKeys < 1) {
      throw new IllegalArgumentException("maxKeys: " + maxKeys + " (expected: >= 1)");
    }
    requireNonNull(listener, "listener");
    requireNonNull(time, "time");
  }

  /** {@return a limit for all calls together, with a second's worth as the burst} */
  public static <C extends CallContext> RateLimitConfig<C> perSecond(double perSecond) {
    int burst = Math.clamp(Math.round(perSecond), 1, Integer.MAX_VALUE);
    return new RateLimitConfig<>(
        perSecond, burst, null, DEFAULT_MAX_KEYS, new RateLimitListener() {}, Time.SYSTEM);
  }

  /** {@return a copy with this many calls at once} */
  public RateLimitConfig<C> withBurst(int burst) {
    return new RateLimitConfig<>(perSecond, burst, key, maxKeys, listener, time);
  }

  /** {@return a copy with a limit for each key} */
  public <D extends C> RateLimitConfig<D> withKey(Function<? super D, ? extends Object> key) {
    return new RateLimitConfig<>(
        perSecond, burst, requireNonNull(key, "key"), maxKeys, listener, time);
  }

  /** {@return a copy that remembers this many keys} */
  public RateLimitConfig<C> withMaxKeys(int maxKeys) {
    return new RateLimitConfig<>(perSecond, burst, key, maxKeys, listener, time);
  }

  /** {@return a copy with this listener} */
  public RateLimitConfig<C> withListener(RateLimitListener listener) {
    return new RateLimitConfig<>(perSecond, burst, key, maxKeys, listener, time);
  }

  /** {@return a copy with this clock} */
  public RateLimitConfig<C> withTime(Time time) {
    return new RateLimitConfig<>(perSecond, burst, key, maxKeys, listener, time);
  }
}
