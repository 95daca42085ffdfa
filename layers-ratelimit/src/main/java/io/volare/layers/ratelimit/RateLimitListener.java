package io.volare.layers.ratelimit;

import io.volare.motore.CallContext;

/** Told what a limit refuses, on the calling thread; must be fast and must not throw. */
public interface RateLimitListener {
  /** A call was refused; it did not run. */
  default void rejected(CallContext context) {}
}
