package io.volare.transport.grpc;

import io.volare.motore.Deadline;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Supplier;

/**
 * The sending end of a stream: what may wait to be written before its sender has to wait. Room is
 * taken before a message is handed to the loop and given back once it was written or lost; one
 * message always has room, whatever its size. Thread-safe.
 *
 * <p>A sender that had to wait goes on when half of the room is free, so that it is woken for many
 * messages and not for each.
 */
final class StreamRoom extends StreamEnd {
  private static final int MOST_BYTES = 64 * 1024;
  private static final int WAKING_BYTES = MOST_BYTES / 2;
  private static final VarHandle UNSENT;

  static {
    try {
      UNSENT = MethodHandles.lookup().findVarHandle(StreamRoom.class, "unsent", int.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  private volatile int unsent;

  StreamRoom(GrpcStream stream) {
    super(stream);
  }

  /**
   * Waits until {@code bytes} may be handed over; the loop gives them back.
   *
   * @param limit until when to wait; asked only if that is necessary
   */
  void take(int bytes, Supplier<Deadline> limit) throws InterruptedException {
    if (!tryTake(bytes)) {
      await(bytes, limit.get());
    }
  }

  private void await(int bytes, Deadline deadline) throws InterruptedException {
    try {
      for (sitDown(); !tryTake(bytes); sitDown()) {
        park(deadline, "waiting for the peer to take what was sent");
      }
    } finally {
      getUp();
    }
  }

  private boolean tryTake(int bytes) {
    throwFailure();
    int before = unsent; // others only make it less
    if (before != 0 && before + bytes > MOST_BYTES) {
      return false;
    }
    if (!stream().connection().room().tryTake(bytes, this)) {
      return false;
    }
    UNSENT.getAndAdd(this, bytes);
    return true;
  }

  /** Room was taken for {@code before} bytes where {@code now} are needed; nothing waits for it. */
  void correct(int before, int now) {
    if (now > before) {
      force(now - before);
    } else if (now < before) {
      UNSENT.getAndAdd(this, now - before);
      stream().connection().room().giveBack(before - now);
    }
  }

  /** Takes room whether it is there or not. */
  void force(int bytes) {
    UNSENT.getAndAdd(this, bytes);
    stream().connection().room().force(bytes);
  }

  /** On the loop: so much was written, or never will be. */
  void giveBack(int bytes) {
    int left = (int) UNSENT.getAndAdd(this, -bytes) - bytes;
    if (left <= WAKING_BYTES) {
      wake();
    }
    stream().connection().room().giveBack(bytes);
    stream().connection().roomGiven();
  }

  /** Ends the waiting with {@code failure}. */
  void fail(RuntimeException failure) {
    if (failed(failure)) {
      wake();
    }
  }
}
