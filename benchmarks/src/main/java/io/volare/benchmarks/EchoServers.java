package io.volare.benchmarks;

import io.volare.benchmarks.idl.EchoServer;
import io.volare.benchmarks.idl.EchoServerServer;
import io.volare.benchmarks.idl.Response;
import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import io.volare.transport.netty.Execution;
import io.volare.transport.netty.Loops;
import io.volare.transport.thrift.ThriftServer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The servers that are compared. */
final class EchoServers {
  private EchoServers() {}

  /** Where Volare runs the handler. */
  enum Mode {
    VIRTUAL,
    AFFINE,
    INLINE,
    EXECUTOR
  }

  static RunningServer bare(Options options) throws InterruptedException {
    return BareEcho.start(options.number("port", 0), loops(options));
  }

  static RunningServer libthrift(Options options) throws Exception {
    return LibthriftEcho.start(
        options.number("port", 0),
        options.choice("mode", LibthriftEcho.Mode.SELECTOR),
        options.number("threads", processors()));
  }

  static RunningServer volare(Options options) {
    Mode mode = options.choice("mode", Mode.VIRTUAL);
    Loops loops = loops(options);
    ExecutorService pool = Executors.newFixedThreadPool(options.number("workers", 16));
    EchoServer handler = request -> new Response(request.action(), request.msg());
    ThriftServer server =
        ThriftServer.builder(Address.tcp("127.0.0.1", options.number("port", 0)))
            .service(EchoServerServer.bind(handler))
            .execution(
                switch (mode) {
                  case VIRTUAL -> Execution.virtualThreads();
                  case AFFINE -> Execution.loopAffine();
                  case INLINE -> Execution.inline();
                  case EXECUTOR -> Execution.on(pool);
                })
            .loops(loops)
            .build();
    server.start();
    return new Volare(server, loops, pool);
  }

  /** {@return loops as the options ask for: one for each processor, of the fastest kind} */
  static Loops loops(Options options) {
    int threads = options.number("threads", processors());
    String kind = options.text("loops", "best");
    return kind.equals("best")
        ? Loops.create(threads)
        : Loops.create(options.choice("loops", Loops.Kind.NIO), threads);
  }

  private static int processors() {
    return Runtime.getRuntime().availableProcessors();
  }

  private record Volare(ThriftServer server, Loops loops, ExecutorService pool)
      implements RunningServer {
    @Override
    public int port() {
      Endpoint endpoint = server.endpoint();
      return endpoint.address() instanceof Address.Tcp(String host, int port) ? port : -1;
    }

    @Override
    public void close() {
      server.close();
      loops.close();
      pool.shutdownNow();
    }
  }
}
