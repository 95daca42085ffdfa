package io.volare.metainfo;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What metainfo leaves on the heap, by the JVM's own count for this thread. */
class AllocationTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** What takes the entries; the JIT compiler removes it in most calls. */
  private static final int RECEIVED = 32;

  private static final int BATCHES = 2_000;
  private static final int CALLS = 100;

  private static String[] names(int entries) {
    String[] names = new String[entries];
    for (int i = 0; i < entries; i++) {
      names[i] = Names.RPC.persistent("KEY_" + i);
    }
    return names;
  }

  private static MetaInfo received(String[] names) {
    MetaInfo metaInfo = MetaInfo.create();
    Received received = new Received(metaInfo, Names.RPC);
    for (String name : names) {
      received.forward(name, "value");
    }
    received.deliver();
    return metaInfo;
  }

  @ParameterizedTest
  @CsvSource({"0, 56", "1, 224", "8, 688", "32, 2528", "128, 9744"})
  void whatArrivesTakesRoomForItsEntriesOnce(int entries, long bytes) {
    String[] names = names(entries);
    long enough = bytes + RECEIVED;

    long least = leastOfACall(enough, () -> received(names));

    assertThat(least).isLessThanOrEqualTo(enough);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 128})
  void lookingAValueUpLeavesNothingBehind(int entries) {
    MetaInfo metaInfo = received(names(entries));

    assertThat(leastOfACall(0, () -> metaInfo.persistent("KEY_0"))).isZero();
  }

  /**
   * {@return bytes that a call leaves in the best of some batches: the first link classes, and
   * until all is compiled there is more}
   *
   * @param enough at which no more are tried
   */
  private static long leastOfACall(long enough, Runnable call) {
    long least = Long.MAX_VALUE;
    for (int batch = 0; batch < BATCHES && least > enough; batch++) {
      long before = THREADS.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < CALLS; i++) {
        call.run();
      }
      least = Math.min(least, (THREADS.getCurrentThreadAllocatedBytes() - before) / CALLS);
    }
    return least;
  }
}
