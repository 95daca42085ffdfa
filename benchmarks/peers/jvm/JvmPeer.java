package io.volare.benchmarks;

import com.linecorp.armeria.server.grpc.GrpcService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ServerCalls;
import io.volare.benchmarks.protobuf.Request;
import io.volare.benchmarks.protobuf.Response;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;

/** The gRPC servers of other libraries for the JVM, in a process of their own. */
public final class JvmPeer {
  private static final MethodDescriptor<Request, Response> ECHO =
      MethodDescriptor.<Request, Response>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName("protobuf.Echo/echo")
          .setRequestMarshaller(ProtoUtils.marshaller(Request.getDefaultInstance()))
          .setResponseMarshaller(ProtoUtils.marshaller(Response.getDefaultInstance()))
          .build();

  private JvmPeer() {}

  /** Which server, and where it runs the handler. */
  enum Mode {
    /** grpc-java, on the event loop. */
    DIRECT,
    /** grpc-java, on virtual threads. */
    VIRTUAL,
    /** grpc-java, wherever it runs them unless told. */
    DEFAULT,
    /** Armeria, wherever it runs them unless told: on the event loop. */
    ARMERIA,
    /** Armeria, on its pool for what blocks. */
    ARMERIA_BLOCKING
  }

  /** Serves until it is killed. */
  public static void main(String[] arguments) throws Exception {
    Options options = Options.of(arguments);
    Mode mode = options.choice("mode", Mode.DEFAULT);
    int port = options.number("port", 0);
    Benchmarks.serve(
        mode.name().startsWith("ARMERIA") ? armeria(port, mode) : grpc(port, mode), options);
  }

  private static ServerServiceDefinition echo() {
    return ServerServiceDefinition.builder("protobuf.Echo")
        .addMethod(
            ECHO,
            ServerCalls.asyncUnaryCall((request, answers) -> {
              answers.onNext(
                  Response.newBuilder()
                      .setAction(request.getAction())
                      .setMsg(request.getMsg())
                      .build());
              answers.onCompleted();
            }))
        .build();
  }

  private static RunningServer grpc(int port, Mode mode) throws Exception {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", port))
            .addService(echo())
            .addService(JvmStreams.service());
    switch (mode) {
      case DIRECT -> builder.directExecutor();
      case VIRTUAL -> builder.executor(Executors.newVirtualThreadPerTaskExecutor());
      default -> {}
    }
    io.grpc.Server server = builder.build().start();
    return new Running(server.getPort(), server::shutdownNow);
  }

  private static RunningServer armeria(int port, Mode mode) {
    com.linecorp.armeria.server.Server server =
        com.linecorp.armeria.server.Server.builder()
            .http(new InetSocketAddress("127.0.0.1", port))
            .service(
                GrpcService.builder()
                    .addService(echo())
                    .addService(JvmStreams.service())
                    .useBlockingTaskExecutor(mode == Mode.ARMERIA_BLOCKING)
                    .build())
            .build();
    server.start().join();
    return new Running(server.activeLocalPort(), () -> server.stop().join());
  }

  private record Running(int port, Runnable stop) implements RunningServer {
    @Override
    public void close() {
      stop.run();
    }
  }
}
