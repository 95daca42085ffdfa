package io.volare.benchmarks;

import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import io.volare.rpc.Lifecycle;
import io.volare.transport.netty.Execution;
import io.volare.transport.netty.Loops;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * What a server of Volare's runs on, as the options ask for it.
 *
 * @param execution where handlers run, or null for wherever the server runs them unless told
 * @param idleLayers layers around them that do nothing
 */
record Hosting(Loops loops, ExecutorService pool, @Nullable Execution execution, int idleLayers) {
  /** Where Volare runs the handler. */
  enum Mode {
    DEFAULT,
    VIRTUAL,
    AFFINE,
    INLINE,
    EXECUTOR
  }

  static Hosting of(Options options) {
    ExecutorService pool = Executors.newFixedThreadPool(options.number("workers", 16));
    return new Hosting(
        EchoServers.loops(options),
        pool,
        switch (options.choice("mode", Mode.DEFAULT)) {
          case DEFAULT -> null;
          case VIRTUAL -> Execution.virtualThreads();
          case AFFINE -> Execution.loopAffine();
          case INLINE -> Execution.inline();
          case EXECUTOR -> Execution.on(pool);
        },
        options.number("layers", 0));
  }

  boolean isInline() {
    return execution != null && execution.isInline();
  }

  static Address address(Options options) {
    return Address.tcp("127.0.0.1", options.number("port", 0));
  }

  /** {@return a started server that takes all this with it when it is closed} */
  RunningServer run(Lifecycle server, Endpoint at) {
    return new Running(server, at, this);
  }

  private record Running(Lifecycle server, Endpoint at, Hosting hosting) implements RunningServer {
    @Override
    public int port() {
      return at.address() instanceof Address.Tcp(String host, int port) ? port : -1;
    }

    @Override
    public void close() {
      server.close();
      hosting.loops.close();
      hosting.pool.shutdownNow();
    }
  }
}
