package io.volare.layers.ratelimit;

/** Decides call by call whether there is room. Thread-safe. */
public interface RateLimiter {
  /** {@return 0 if a permit was taken, else the nanoseconds until one will be there} */
  long tryAcquire();
}
