package io.volare.motore;

import org.jspecify.annotations.Nullable;

/**
 * Wraps a service with one concern: a limit, a retry, a span.
 *
 * <p>A layer's state belongs to the layer: it is shared by everything the same instance wraps. The
 * wrapped service is thread-safe if the inner one is. A layer never wraps a failure that it does
 * not own, and lets {@link InterruptedException} pass untouched.
 *
 * @param <C> the context that the layer reads
 * @param <Q> the request
 * @param <R> the response
 */
@FunctionalInterface
public interface Layer<
    C extends @Nullable Object, Q extends @Nullable Object, R extends @Nullable Object> {
  /** {@return a service that applies this layer around {@code inner}} */
  Service<C, Q, R> wrap(Service<C, Q, R> inner);

  /**
   * {@return where in a stack this layer belongs, and why} A lambda may stand anywhere. {@link
   * ServiceBuilder} refuses an order that contradicts it.
   */
  default Placement placement() {
    return Placement.EITHER;
  }

  /**
   * {@return whether this layer itself may sleep, wait or interrupt the thread it runs on} Such a
   * layer has no place on an event loop: see {@link ServiceBuilder#nonBlocking}. A lambda is taken
   * at its word, which is no.
   */
  default boolean blocks() {
    return false;
  }

  /** {@return the layer that changes nothing} */
  static <C extends @Nullable Object, Q extends @Nullable Object, R extends @Nullable Object>
      Layer<C, Q, R> identity() {
    return new Layer<>() {
      @Override
      public Service<C, Q, R> wrap(Service<C, Q, R> inner) {
        return inner;
      }

      @Override
      public String toString() {
        return "Identity";
      }
    };
  }
}
