package io.volare.benchmarks;

import io.volare.metainfo.MetaInfo;
import io.volare.metainfo.Names;
import io.volare.metainfo.Received;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.infra.Blackhole;
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

/** What metainfo costs, by how many entries there are. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@State(Scope.Thread)
public class MetaInfoBenchmark {
  /** How many persistent entries. */
  @Param({"0", "1", "2", "8", "32", "128"})
  public int entries;

  private MetaInfo metaInfo = MetaInfo.create();
  private String[] names = {};
  private String last = "none";

  /** Sets the entries. */
  @Setup
  public void fill() {
    metaInfo = MetaInfo.create();
    names = new String[entries];
    for (int i = 0; i < entries; i++) {
      last = "KEY_" + i;
      metaInfo.setPersistent(last, "value-" + i);
      names[i] = Names.RPC.persistent(last);
    }
  }

  /** Looks the last one up. */
  @Benchmark
  public @Nullable String get() {
    return metaInfo.persistent(last);
  }

  /** Makes a fork. */
  @Benchmark
  public MetaInfo fork() {
    return metaInfo.fork();
  }

  /** Makes a fork and sets a value that is there, or the first. */
  @Benchmark
  public MetaInfo forkAndSet() {
    MetaInfo fork = metaInfo.fork();
    fork.setPersistent(last, "other");
    return fork;
  }

  /** Binds it for a piece of code that asks for it. */
  @Benchmark
  public MetaInfo bind() {
    return MetaInfo.<MetaInfo, RuntimeException>call(metaInfo, MetaInfo::current);
  }

  /** Tells what a request carries. */
  @Benchmark
  public void send(Blackhole wire) {
    metaInfo.forEachForward(
        Names.RPC,
        (name, value) -> {
          wire.consume(name);
          wire.consume(value);
        });
  }

  /** Takes what a request carried. */
  @Benchmark
  public MetaInfo receive() {
    MetaInfo receiver = MetaInfo.create();
    Received received = new Received(receiver, Names.RPC);
    for (String name : names) {
      received.forward(name, "value");
    }
    received.deliver();
    return receiver;
  }
}
