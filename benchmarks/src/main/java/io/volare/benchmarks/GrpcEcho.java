package io.volare.benchmarks;

import io.volare.benchmarks.protobuf.Echo;
import io.volare.benchmarks.protobuf.EchoServer;
import io.volare.benchmarks.protobuf.Response;
import io.volare.benchmarks.streams.StreamsServer;
import io.volare.transport.grpc.GrpcServer;
import io.volare.transport.netty.Execution;

/** Volare's gRPC server, in clear text. */
final class GrpcEcho {
  private GrpcEcho() {}

  static RunningServer start(Options options) {
    Hosting hosting = Hosting.of(options);
    Echo handler =
        request ->
            Response.newBuilder().setAction(request.getAction()).setMsg(request.getMsg()).build();
    GrpcServer.Builder builder =
        GrpcServer.builder(Hosting.address(options))
            .service(EchoServer.bind(handler))
            .service(StreamsServer.bind(new StreamsHandler()))
            .loops(hosting.loops());
    for (int i = 0; i < hosting.idleLayers(); i++) {
      builder = builder.layer(new IdleLayer());
    }
    if (hosting.execution() != null) {
      builder = builder.execution(hosting.execution());
    }
    if (hosting.isInline()) { // streams wait for messages, which come on the loop
      builder = builder.execution("streams.Streams", Execution.virtualThreads());
    }
    GrpcServer server = builder.build();
    server.start();
    return hosting.run(server, server.endpoint());
  }
}
