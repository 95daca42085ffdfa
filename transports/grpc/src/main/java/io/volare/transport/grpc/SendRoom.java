package io.volare.transport.grpc;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What may wait to be written to one connection, all its streams together: taken before a message
 * is handed over, given back once it is written or lost. Thread-safe.
 *
 * <p>A message finds room if the others leave it, or if it is alone, whatever its size. Who finds
 * none is woken when some is given back.
 */
final class SendRoom {
  /** What counts for nobody but the connection itself. */
  private static final long FREE_BYTES = 64 * 1024;

  private final long mostBytes;
  private final @Nullable UnsentTotal total;
  private final AtomicLong taken = new AtomicLong();
  private final ConcurrentLinkedQueue<StreamRoom> waiting = new ConcurrentLinkedQueue<>();

  /** Starts empty; what is taken counts in {@code total}, if there is one. */
  SendRoom(long mostBytes, @Nullable UnsentTotal total) {
    this.mostBytes = mostBytes;
    this.total = total;
  }

  /** {@return whether there was room; if not, {@code sender} will be woken} */
  boolean tryTake(int bytes, StreamRoom sender) {
    if (take(bytes)) {
      return true;
    }
    waiting.add(sender);
    // what was given back between the two looks has woken nobody
    return take(bytes);
  }

  private boolean take(int bytes) {
    long now = taken.addAndGet(bytes);
    if (now <= mostBytes || now == bytes) {
      count(now - bytes, now);
      return true;
    }
    taken.addAndGet(-bytes);
    return false;
  }

  /** Takes room whether it is there or not, for those who cannot wait. */
  void force(int bytes) {
    long now = taken.addAndGet(bytes);
    count(now - bytes, now);
  }

  /** The sum of all these is right whatever the order in which threads come here. */
  private void count(long before, long now) {
    long more = Math.max(0, now - FREE_BYTES) - Math.max(0, before - FREE_BYTES);
    if (total != null && more != 0) {
      total.add(more);
    }
  }

  void giveBack(int bytes) {
    long now = taken.addAndGet(-bytes);
    count(now + bytes, now);
    for (StreamRoom next = waiting.poll(); next != null; next = waiting.poll()) {
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
