package io.volare.rpc;

import java.time.Duration;

/**
 * The one life of everything that runs: new, started, ready, draining, stopped. Each step may be
 * repeated harmlessly; a stopped thing does not start again. Thread-safe.
 */
public interface Lifecycle extends AutoCloseable {
  /** How long {@link #close()} lets running calls go on. */
  Duration DEFAULT_DRAIN = Duration.ofSeconds(10);

  /**
   * Starts and returns once it is ready.
   *
   * @throws IllegalStateException if it was stopped before
   * @throws RpcException if it cannot start, for instance because an address is taken
   */
  void start();

  /** {@return whether it takes new calls: started and not yet draining} */
  boolean isReady();

  /**
   * Takes no new calls, tells its peers so, and waits until the running ones have ended, at most
   * {@code limit}. No call fails by it, unless the limit passes first.
   *
   * @throws InterruptedException if the waiting thread is interrupted; draining goes on
   */
  void drain(Duration limit) throws InterruptedException;

  /** Ends at once; calls that still run fail as {@code UNAVAILABLE}. */
  void stop();

  /** Drains for at most {@link #DEFAULT_DRAIN}, then stops. */
  @Override
  default void close() {
    try {
      drain(DEFAULT_DRAIN);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    } finally {
      stop();
    }
  }
}
