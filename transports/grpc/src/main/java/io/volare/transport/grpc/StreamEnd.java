package io.volare.transport.grpc;

import io.volare.motore.Deadline;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Time;
import io.volare.rpc.RpcException;
import io.volare.transport.netty.Loops;
import org.jspecify.annotations.Nullable;

/**
 * One end of a stream, which one thread at a time uses: where it waits for the loop, and what it is
 * told if the stream fails. Thread-safe.
 *
 * <p>Who waits sits down first, looks whether there is a reason to wait still, and parks. Who
 * changes something makes the change first and then wakes who sits. So no change is missed, and a
 * thread is woken once, however much changes until it looks.
 */
abstract class StreamEnd {
  private final GrpcStream stream;
  private volatile @Nullable RuntimeException failure;
  private volatile @Nullable Thread waiting;

  StreamEnd(GrpcStream stream) {
    this.stream = stream;
  }

  final GrpcStream stream() {
    return stream;
  }

  /** {@return whether this is the first failure, which is the one that is told} */
  final synchronized boolean failed(RuntimeException failure) {
    if (this.failure != null) {
      return false;
    }
    this.failure = failure;
    return true;
  }

  final boolean hasFailed() {
    return failure != null;
  }

  final void throwFailure() {
    RuntimeException told = failure;
    if (told != null) {
      throw told;
    }
  }

  /** From here on {@link #wake} wakes the calling thread, once. */
  final synchronized void sitDown() {
    Thread caller = Thread.currentThread();
    Thread other = waiting;
    if (other != null && other != caller) {
      throw new IllegalStateException(
          "%s: %s waits at this end of the stream already (expected: one thread at a time)"
              .formatted(stream.target(), other));
    }
    waiting = caller;
  }

  final void getUp() {
    if (waiting == Thread.currentThread()) {
      waiting = null;
    }
  }

  /**
   * Parks until woken, or for no reason.
   *
   * @throws RpcException if the deadline has passed while {@code what}
   */
  final void park(Deadline deadline, String what) throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException(stream.target() + ": interrupted while " + what);
    }
    if (deadline.isExpired()) {
      throw RpcException.of(
          Kind.DEADLINE_EXCEEDED, stream.target() + ": the deadline passed while " + what);
    }
    Time.SYSTEM.park(this, deadline);
  }

  /** From any thread: who sits looks again. */
  final void wake() {
    Thread sitting = waiting;
    if (sitting != null) {
      waiting = null;
      Loops.unpark(sitting);
    }
  }
}
