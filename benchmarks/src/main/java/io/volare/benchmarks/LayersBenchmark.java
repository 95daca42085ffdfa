package io.volare.benchmarks;

import io.volare.motore.CallContext;
import io.volare.motore.Layer;
import io.volare.motore.Service;
import io.volare.motore.ServiceBuilder;
import io.volare.motore.StandaloneContext;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
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
import org.openjdk.jmh.annotations.Warmup;

/**
 * Layers that do nothing, in a chain. The layers are of eight classes, and other chains of them in
 * other orders have run before, so that no call from one to the next is known to the JIT compiler:
 * what a layer costs in a program that has several stacks.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@State(Scope.Thread)
public class LayersBenchmark {
  private static final List<Layer<CallContext, String, String>> NOTHING =
      List.of(
          inner -> (context, request) -> inner.call(context, request),
          inner -> (context, request) -> inner.call(context, request),
          inner -> (context, request) -> inner.call(context, request),
          inner -> (context, request) -> inner.call(context, request),
          inner -> (context, request) -> inner.call(context, request),
          inner -> (context, request) -> inner.call(context, request),
          inner -> (context, request) -> inner.call(context, request),
          inner -> (context, request) -> inner.call(context, request));

  /** How many. */
  @Param({"0", "1", "2", "4", "8", "16", "32"})
  public int layers;

  private final StandaloneContext context = CallContext.standalone("nothing");
  private Service<CallContext, String, String> chain = (context, request) -> request;

  /** Builds the chain, after others have run. */
  @Setup
  public void build() throws Exception {
    Random random = new Random(1);
    for (int i = 0; i < 100; i++) {
      List<Layer<CallContext, String, String>> others = new ArrayList<>(NOTHING);
      Collections.shuffle(others, random);
      Service<CallContext, String, String> other = chain(others, 8);
      for (int call = 0; call < 1_000; call++) {
        other.call(context, "other");
      }
    }
    chain = chain(NOTHING, layers);
  }

  private static Service<CallContext, String, String> chain(
      List<Layer<CallContext, String, String>> layers, int count) {
    ServiceBuilder<CallContext, String, String> builder = ServiceBuilder.create();
    for (int i = 0; i < count; i++) {
      builder = builder.layer(layers.get(i % layers.size()));
    }
    return builder.service((context, request) -> request);
  }

  /** One call. */
  @Benchmark
  public String call() throws Exception {
    return chain.call(context, "request");
  }
}
