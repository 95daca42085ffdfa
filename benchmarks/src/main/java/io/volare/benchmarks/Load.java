package io.volare.benchmarks;

/** Makes calls in a closed loop: each answer lets the next call go. Not thread-safe. */
interface Load extends AutoCloseable {
  /**
   * Calls for a while, then waits for the answers on their way.
   *
   * @throws IllegalStateException if an answer was wrong or none came
   */
  LoadResult run(double seconds) throws Exception;

  /** {@return calls answered so far, over all runs; asked while it runs} */
  long answered();

  @Override
  void close() throws Exception;
}
