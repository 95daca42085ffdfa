package io.volare.motore;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What calls leave on the heap, by the JVM's own count for this thread. */
class AllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int BATCHES = 100;
  private static final int CALLS = 1_000;

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 5, 32})
  void layersThatDoNothingLeaveNothingBehind(int layers) throws Exception {
    ServiceBuilder<CallContext, String, String> builder = ServiceBuilder.create();
    for (int i = 0; i < layers; i++) {
      builder = builder.layer(inner -> (context, request) -> inner.call(context, request));
    }
    Service<CallContext, String, String> service = builder.service((context, request) -> request);

    assertThat(leastOfABatch(service)).isZero();
  }

  /** The first batches link classes and compile, so the least decides. */
  private static long leastOfABatch(Service<CallContext, String, String> service) throws Exception {
    CallContext context = CallContext.standalone("nothing");
    long least = Long.MAX_VALUE;
    for (int batch = 0; batch < BATCHES && least > 0; batch++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int call = 0; call < CALLS; call++) {
        service.call(context, "request");
      }
      least = Math.min(least, THREADS.getCurrentThreadAllocatedBytes() - before);
    }
    return least;
  }
}
