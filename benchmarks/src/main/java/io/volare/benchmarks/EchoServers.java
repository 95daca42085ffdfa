package io.volare.benchmarks;

import io.volare.transport.netty.Loops;

/** Servers that others wrote, and what all servers share. */
final class EchoServers {
  private EchoServers() {}

  static RunningServer bare(Options options) throws InterruptedException {
    return BareEcho.thrift(options.number("port", 0), loops(options));
  }

  static RunningServer bareHttp2(Options options) throws InterruptedException {
    return BareEcho.http2(options.number("port", 0), loops(options));
  }

  static RunningServer libthrift(Options options) throws Exception {
    return LibthriftEcho.start(
        options.number("port", 0),
        options.choice("mode", LibthriftEcho.Mode.SELECTOR),
        options.number("threads", processors()));
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
}
