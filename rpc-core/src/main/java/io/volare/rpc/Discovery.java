package io.volare.rpc;

import java.util.function.Consumer;

/**
 * Finds the instances of a service and tells of changes: the seam that every registry implements.
 * Thread-safe.
 */
@FunctionalInterface
public interface Discovery {
  /**
   * Starts watching a service. The listener gets the whole set each time it changes, the first time
   * as soon as it is known, possibly before this method returns. It is called by one thread at a
   * time, must be fast, and must not throw.
   *
   * <p>Trouble with the registry is not a set: the last good one stays in force, and the source
   * logs what is wrong.
   */
  Watch watch(String service, Consumer<? super EndpointSet> listener);

  /** Ends a watch. */
  interface Watch extends AutoCloseable {
    /** Stops the updates; none arrives after it returns. Harmless when called again. */
    @Override
    void close();
  }
}
