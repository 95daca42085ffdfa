package io.volare.benchmarks;

import io.opentelemetry.api.OpenTelemetry;
import io.volare.layers.discovery.DiscoveryConfig;
import io.volare.layers.discovery.DiscoveryLayer;
import io.volare.layers.discovery.StaticDiscovery;
import io.volare.layers.retry.RetryConfig;
import io.volare.layers.retry.RetryLayer;
import io.volare.layers.telemetry.TelemetryConfig;
import io.volare.layers.telemetry.TelemetryLayer;
import io.volare.layers.timeout.TimeoutConfig;
import io.volare.layers.timeout.TimeoutLayer;
import io.volare.benchmarks.idl.EchoServerMethods;
import io.volare.benchmarks.idl.Request;
import io.volare.metainfo.MetaInfo;
import io.volare.motore.Service;
import io.volare.motore.ServiceBuilder;
import io.volare.rpc.Endpoint;
import io.volare.rpc.RpcContext;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
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
import org.openjdk.jmh.annotations.Warmup;

/** The recommended stack of a client, around a transport that answers at once. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@State(Scope.Thread)
public class StackBenchmark {
  /** Which layers. */
  @Param public Stack stack = Stack.NONE;

  private final Object request = new EchoServerMethods.EchoArgs(new Request("echo", "text"));
  private Service<RpcContext, Object, @Nullable Object> service = (context, request) -> request;

  /** Builds the stack. */
  @Setup
  public void build() {
    service = stack.layers().service((context, request) -> request);
  }

  /** One call with a context of its own. */
  @Benchmark
  public @Nullable Object call() throws Exception {
    return service.call(context(), request);
  }

  private static RpcContext context() {
    return RpcContext.client(EchoServerMethods.ECHO, "benchmarks", "echo", MetaInfo.create());
  }

  /** Stacks, one layer more each. */
  public enum Stack {
    /** The context alone. */
    NONE,
    /** A limit for the call. */
    TIMEOUT,
    /** And retries. */
    RETRY,
    /** And the choice of an instance, of three. */
    DISCOVERY,
    /** And a limit for each attempt: the recommended stack, telemetry left out. */
    RECOMMENDED,
    /** The same with the telemetry layer, and nothing behind it that records. */
    NOOP_TELEMETRY;

    ServiceBuilder<RpcContext, Object, @Nullable Object> layers() {
      ServiceBuilder<RpcContext, Object, @Nullable Object> layers = ServiceBuilder.create();
      if (compareTo(TIMEOUT) >= 0) {
        layers = layers.layer(TimeoutLayer.of(TimeoutConfig.perCall(Duration.ofSeconds(5))));
      }
      if (compareTo(RETRY) >= 0) {
        layers = layers.layer(RetryLayer.of(RetryConfig.create()));
      }
      if (this == NOOP_TELEMETRY) {
        layers = layers.layer(TelemetryLayer.of(TelemetryConfig.of(OpenTelemetry.noop())));
      }
      if (compareTo(DISCOVERY) >= 0) {
        layers = layers.layer(DiscoveryLayer.of(DiscoveryConfig.of(instances())));
      }
      if (compareTo(RECOMMENDED) >= 0) {
        layers = layers.layer(TimeoutLayer.of(TimeoutConfig.perAttempt(Duration.ofSeconds(1))));
      }
      return layers;
    }

    private static StaticDiscovery instances() {
      return StaticDiscovery.of(
          "echo",
          Endpoint.tcp("10.0.0.1", 9000),
          Endpoint.tcp("10.0.0.2", 9000),
          Endpoint.tcp("10.0.0.3", 9000));
    }
  }
}
