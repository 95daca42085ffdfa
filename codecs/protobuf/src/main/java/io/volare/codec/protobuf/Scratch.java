package io.volare.codec.protobuf;

import java.lang.ref.SoftReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * An array that messages are copied into to be read, again and again: protobuf-java reads from
 * arrays only, and would make one for each message. There are about as many as processors, each as
 * large as what was read in it; memory that runs short takes them away. They are not kept by
 * threads, since each call has one of its own.
 *
 * <p>One belongs to whoever has taken it; taking and giving back is thread-safe.
 */
final class Scratch {
  /** What is larger gets an array for itself. */
  static final int MOST_BYTES = 2 * 1024 * 1024;

  private static final int LEAST_BYTES = 4096;

  private static final int PLACES =
      2 * Integer.highestOneBit(Runtime.getRuntime().availableProcessors());

  private static final AtomicReferenceArray<@Nullable Scratch> KEPT =
      new AtomicReferenceArray<>(PLACES);

  private @Nullable SoftReference<byte[]> array;

  private Scratch() {}

  /** {@return one that nobody else has} */
  static Scratch take() {
    Scratch kept = KEPT.getAndSet(place(), null);
    return kept == null ? new Scratch() : kept;
  }

  /** Gives it back, for others to use. */
  void giveBack() {
    KEPT.setRelease(place(), this);
  }

  /** {@return an array of at least so many bytes; anything may be in it} */
  byte[] array(int bytes) {
    if (bytes > MOST_BYTES) {
      return new byte[bytes];
    }
    byte[] kept = array == null ? null : array.get();
    if (kept != null && kept.length >= bytes) {
      return kept;
    }
    byte[] made = new byte[Math.max(LEAST_BYTES, bytes + bytes / 4)];
    array = new SoftReference<>(made);
    return made;
  }

  private static int place() {
    return (int) Thread.currentThread().threadId() & PLACES - 1;
  }
}
