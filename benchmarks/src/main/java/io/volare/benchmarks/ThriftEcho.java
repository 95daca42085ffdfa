package io.volare.benchmarks;

import io.volare.benchmarks.idl.EchoServer;
import io.volare.benchmarks.idl.EchoServerServer;
import io.volare.benchmarks.idl.Response;
import io.volare.transport.thrift.ThriftServer;

/** Volare's Thrift server. */
final class ThriftEcho {
  private ThriftEcho() {}

  static RunningServer start(Options options) {
    Hosting hosting = Hosting.of(options);
    EchoServer handler = request -> new Response(request.action(), request.msg());
    ThriftServer.Builder builder =
        ThriftServer.builder(Hosting.address(options))
            .service(EchoServerServer.bind(handler))
            .loops(hosting.loops());
    for (int i = 0; i < hosting.idleLayers(); i++) {
      builder = builder.layer(new IdleLayer());
    }
    if (hosting.execution() != null) {
      builder = builder.execution(hosting.execution());
    }
    ThriftServer server = builder.build();
    server.start();
    return hosting.run(server, server.endpoint());
  }
}
