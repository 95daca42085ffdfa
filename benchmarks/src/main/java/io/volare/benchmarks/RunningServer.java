package io.volare.benchmarks;

/** A server that answers Echo on 127.0.0.1 until it is closed. */
interface RunningServer extends AutoCloseable {
  int port();

  @Override
  void close();
}
