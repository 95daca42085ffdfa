package io.volare.transport.grpc;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What may wait to be written to one connection, all its streams together: taken before a message
 * is handed over, given back once it is written or lost. Thread-safe.
 *
 * <p>A message finds room if the others leave it, or if it is alone, whatever its size. Who finds
 * none is woken when some is given back.
 */
final class SendRoom {
  private final long mostBytes;
  private final AtomicLong taken = new AtomicLong();
  private final ConcurrentLinkedQueue<GrpcStream> waiting = new ConcurrentLinkedQueue<>();

  SendRoom(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  /** {@return whether there was room; if not, {@code stream} will be woken} */
  boolean tryTake(int bytes, GrpcStream stream) {
    if (take(bytes)) {
      return true;
    }
    waiting.add(stream);
    // what was given back between the two looks has woken nobody
    return take(bytes);
  }

  private boolean take(int bytes) {
    long now = taken.addAndGet(bytes);
    if (now <= mostBytes || now == bytes) {
      return true;
    }
    taken.addAndGet(-bytes);
    return false;
  }

  /** Takes room whether it is there or not, for those who cannot wait. */
  void force(int bytes) {
    taken.addAndGet(bytes);
  }

  void giveBack(int bytes) {
    taken.addAndGet(-bytes);
    for (GrpcStream next = waiting.poll(); next != null; next = waiting.poll()) {
      next.wake();
    }
  }

  /** {@return whether a new message would have to wait} */
  boolean isFull() {
    return taken.get() >= mostBytes;
  }

  long takenBytes() {
    return taken.get();
  }
}
