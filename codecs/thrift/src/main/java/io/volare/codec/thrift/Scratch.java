package io.volare.codec.thrift;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * An array that readers and writers work in, and then hand on to the next one.
 *
 * <p>How is this designed, and why? Access to a direct buffer byte by byte goes through several
 * virtual calls and as many checks, and a string needs an array anyway. So a struct is copied in
 * one piece and worked on in an array, which the JIT compiler knows best. The arrays are shared by
 * all threads: they wait in a few slots for each processor, far enough apart not to share a cache
 * line, are taken with one exchange, and are looked for where the thread's id points to. A
 * thread-local would give each virtual thread one of its own. An array that is not handed on, after
 * a failure, is merely garbage; what it holds is never read before it is overwritten.
 */
final class Scratch {
  /** How much of a message is worked on at a time. */
  static final int BYTES = 16 * 1024;

  private static final int PROBES = 4;
  private static final int APART = 16;
  private static final int SLOTS =
      PROBES * Integer.highestOneBit(2 * Runtime.getRuntime().availableProcessors() - 1);
  private static final AtomicReferenceArray<@Nullable Scratch> SPARE =
      new AtomicReferenceArray<>(SLOTS * APART);

  final byte[] bytes = new byte[BYTES];
  final MemorySegment segment = MemorySegment.ofArray(bytes);

  private Scratch() {}

  static Scratch take() {
    int home = home();
    for (int probe = 0; probe < PROBES; probe++) {
      int slot = slot(home + probe);
      if (SPARE.getPlain(slot) != null) {
        Scratch spare = SPARE.getAndSet(slot, null);
        if (spare != null) {
          return spare;
        }
      }
    }
    return new Scratch();
  }

  /** Hands the array on. Whoever calls this must not touch it again. */
  void giveBack() {
    int home = home();
    for (int probe = 0; probe < PROBES; probe++) {
      int slot = slot(home + probe);
      if (SPARE.getPlain(slot) == null) {
        SPARE.setRelease(slot, this);
        return;
      }
    }
  }

  private static int home() {
    return (int) Thread.currentThread().threadId();
  }

  private static int slot(int number) {
    return (number & SLOTS - 1) * APART;
  }
}
