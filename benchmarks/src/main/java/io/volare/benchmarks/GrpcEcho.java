package io.volare.benchmarks;

import io.volare.benchmarks.protobuf.Echo;
import io.volare.benchmarks.protobuf.EchoServer;
import io.volare.benchmarks.protobuf.Response;
import io.volare.transport.grpc.GrpcServer;

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
            .loops(hosting.loops());
    if (hosting.execution() != null) {
      builder = builder.execution(hosting.execution());
    }
    GrpcServer server = builder.build();
    server.start();
    return hosting.run(server, server.endpoint());
  }
}
