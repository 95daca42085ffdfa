package io.volare.layers.timeout;

import io.volare.motore.CallContext;
import java.time.Duration;

/** Told what a timeout layer does, on the calling thread; must be fast and must not throw. */
public interface TimeoutListener {
  /** The limit passed before there was a response. */
  default void timedOut(CallContext context, Duration limit) {}
}
