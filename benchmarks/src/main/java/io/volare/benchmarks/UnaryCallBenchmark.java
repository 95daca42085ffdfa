package io.volare.benchmarks;

import io.volare.benchmarks.idl.EchoServer;
import io.volare.benchmarks.idl.EchoServerClient;
import io.volare.benchmarks.idl.EchoServerServer;
import io.volare.benchmarks.idl.Request;
import io.volare.benchmarks.idl.Response;
import io.volare.metainfo.MetaInfo;
import io.volare.rpc.RpcClient;
import io.volare.transport.inprocess.InProcessClient;
import io.volare.transport.inprocess.InProcessServer;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A unary call from the generated client on, with no bytes in it. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@State(Scope.Thread)
public class UnaryCallBenchmark {
  private static final String NAME = "unary-call-benchmark";

  /** What is called. */
  @Param public Target target = Target.NOTHING;

  private final Request request = new Request("echo", "text");
  private final Response response = new Response("echo", "text");
  private final EchoServer handler = echoed -> response;
  private final InProcessServer server =
      InProcessServer.builder(NAME).service(EchoServerServer.bind(handler)).build();
  private EchoServerClient client = EchoServerClient.of(client());

  /** Starts the server. */
  @Setup
  public void start() {
    server.start();
    client = EchoServerClient.of(client());
  }

  /** Stops the server. */
  @TearDown
  public void stop() {
    server.stop();
  }

  private RpcClient client() {
    RpcClient.Builder builder = RpcClient.builder("echo").caller("benchmarks");
    return switch (target) {
      case NOTHING -> builder.transport((context, arguments) -> response);
      case RECOMMENDED ->
          builder
              .layers(StackBenchmark.Stack.RECOMMENDED.layers())
              .transport((context, arguments) -> response);
      case IN_PROCESS -> builder.transport(InProcessClient.to(NAME));
    };
  }

  /** Where no call is being answered. */
  @Benchmark
  public Response call() throws InterruptedException {
    return client.echo(request);
  }

  /** Where metainfo is bound, as it is in a handler. */
  @Benchmark
  public Response callWithMetaInfo() throws InterruptedException {
    return MetaInfo.<Response, InterruptedException>call(
        MetaInfo.create(), () -> client.echo(request));
  }

  /** Transports that answer. */
  public enum Target {
    /** One that answers at once. */
    NOTHING,
    /** The same behind the recommended layers. */
    RECOMMENDED,
    /** A server in this process, on a virtual thread for each call. */
    IN_PROCESS
  }
}
