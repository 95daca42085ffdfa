package io.volare.transport.grpc;

import java.util.ArrayDeque;
import java.util.Iterator;

/**
 * Which streams may receive more than their window while a message that is larger than it is not
 * complete. Belongs to one event loop.
 *
 * <p>The window of a stream holds what its receiver has not taken. A message that does not fit into
 * it would never arrive, so its bytes are given back early: to all while there is enough, and
 * otherwise to the one that has waited longest, which so comes to its end. A connection therefore
 * never holds more than its windows as they are at first, {@code mostBytes} and one message.
 */
final class Advances {
  private final long mostBytes;
  private final ArrayDeque<StreamWindow> waiting = new ArrayDeque<>();
  private long bytes;
  private long widenedBytes;

  Advances(long mostBytes) {
    this.mostBytes = mostBytes;
  }

  /** {@return whether {@code stream} may receive {@code more} again; if not, it is told later} */
  boolean grant(StreamWindow stream, int more) {
    if (bytes + widenedBytes + more > mostBytes && !isFirst(stream)) {
      return false;
    }
    bytes += more;
    return true;
  }

  private boolean isFirst(StreamWindow stream) {
    if (!waiting.contains(stream)) {
      waiting.add(stream);
    }
    return waiting.peekFirst() == stream;
  }

  boolean isWaiting(StreamWindow stream) {
    return waiting.contains(stream);
  }

  /** A message was taken or lost. */
  void giveBack(int less) {
    bytes -= less;
    next();
  }

  /** {@code stream} has no message that waits to be complete. */
  void leave(StreamWindow stream) {
    if (waiting.remove(stream)) {
      next();
    }
  }

  private void next() {
    if (waiting.isEmpty()) {
      return;
    }
    Iterator<StreamWindow> each = waiting.iterator();
    for (boolean first = true; each.hasNext(); first = false) {
      StreamWindow stream = each.next();
      int more = stream.heldBack();
      if (!first && bytes + widenedBytes + more > mostBytes) {
        return;
      }
      if (!first) {
        each.remove();
      }
      bytes += more;
      stream.advanced(more);
    }
  }

  /**
   * {@return how much a window may grow where so many streams are open} Who comes first leaves room
   * for the others: one whose window did not grow gets there a window at a time.
   */
  int share(int streams) {
    return (int) Math.min(Integer.MAX_VALUE, mostBytes / 2 / Math.max(1, streams));
  }

  /**
   * Windows grow out of the same bytes, but take no more than half of them.
   *
   * @return how much of {@code more} a stream's window may grow
   */
  int widen(int more) {
    long room = Math.min(mostBytes / 2, mostBytes - bytes) - widenedBytes;
    int granted = Math.clamp(room, 0, more);
    widenedBytes += granted;
    return granted;
  }

  /** A window that had grown is gone. */
  void narrow(int less) {
    widenedBytes -= less;
    next();
  }

  long bytes() {
    return bytes;
  }
}
