package io.volare.benchmarks;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * Says how many bytes an operation leaves on the heap. A program of its own: what the JIT compiler
 * removes depends on what has run before, and the tests' JVM traces every access to a buffer.
 */
public final class AllocationProbe {
  private static final int BATCHES = 20_000;
  private static final int CALLS = 100;

  private AllocationProbe() {}

  /** What is measured. */
  enum Operation {
    READ_WIDE,
    WRITE_WIDE,
    READ_ECHO,
    WRITE_ECHO,
    RECOMMENDED_STACK,
    CALL_BEHIND_IT;

    private Callable<@Nullable Object> start() {
      return switch (this) {
        case READ_WIDE -> codec(Sample.WIDE)::readVolare;
        case WRITE_WIDE -> codec(Sample.WIDE)::writeVolare;
        case READ_ECHO -> codec(Sample.ECHO)::readVolare;
        case WRITE_ECHO -> codec(Sample.ECHO)::writeVolare;
        case RECOMMENDED_STACK -> {
          StackBenchmark benchmark = new StackBenchmark();
          benchmark.stack = StackBenchmark.Stack.RECOMMENDED;
          benchmark.build();
          yield benchmark::call;
        }
        case CALL_BEHIND_IT -> {
          UnaryCallBenchmark benchmark = new UnaryCallBenchmark();
          benchmark.target = UnaryCallBenchmark.Target.RECOMMENDED;
          benchmark.start();
          yield benchmark::call;
        }
      };
    }

    private static CodecBenchmark codec(Sample sample) {
      CodecBenchmark benchmark = new CodecBenchmark();
      benchmark.message = sample;
      benchmark.write();
      return benchmark;
    }
  }

  /**
   * Prints the bytes of one call, in the best of some batches: until all is compiled there is more.
   *
   * @param arguments an operation, and at how many bytes no more batches are tried
   */
  public static void main(String[] arguments) throws Exception {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Callable<@Nullable Object> operation = Operation.valueOf(arguments[0]).start();
    long enough = Long.parseLong(arguments[1]);
    long least = Long.MAX_VALUE;
    for (int batch = 0; batch < BATCHES && least > enough; batch++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int call = 0; call < CALLS; call++) {
        operation.call();
      }
      least = Math.min(least, (threads.getCurrentThreadAllocatedBytes() - before) / CALLS);
    }
    System.out.println("BYTES " + least);
    System.exit(0); // servers may be running
  }
}
