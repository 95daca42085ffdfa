package io.volare.transport.thrift;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The calls of a connection that are not answered yet, in the order they came. One loop's own. */
final class CallList {
  private @Nullable ServerCall first;
  private @Nullable ServerCall last;
  private int size;
  private int deadlines;

  int size() {
    return size;
  }

  boolean isEmpty() {
    return size == 0;
  }

  void add(ServerCall call) {
    ServerCall tail = last;
    call.previous = tail;
    if (tail == null) {
      first = call;
    } else {
      tail.next = call;
    }
    last = call;
    size++;
    deadlines += call.hasDeadline() ? 1 : 0;
  }

  void remove(ServerCall call) {
    ServerCall before = call.previous;
    ServerCall after = call.next;
    if (before == null) {
      first = after;
    } else {
      before.next = after;
    }
    if (after == null) {
      last = before;
    } else {
      after.previous = before;
    }
    size--;
    deadlines -= call.hasDeadline() ? 1 : 0;
  }

  void forEachRunner(Consumer<? super Thread> action) {
    for (ServerCall call = first; call != null; call = call.next) {
      Thread runner = call.runner();
      if (runner != null) {
        action.accept(runner);
      }
    }
  }

  void interruptExpired(long now) {
    if (deadlines == 0) {
      return;
    }
    for (ServerCall call = first; call != null; call = call.next) {
      if (call.isOverdue(now)) {
        call.interruptOnce();
      }
    }
  }

  /** {@return nanoseconds until the next deadline that is still to come, at most {@code most}} */
  long untilDeadline(long now, long most) {
    long next = most;
    if (deadlines > 0) {
      for (ServerCall call = first; call != null; call = call.next) {
        long left = call.untilDeadline(now);
        next = left > 0 && left < next ? left : next;
      }
    }
    return next;
  }

  void interruptAll() {
    for (ServerCall call = first; call != null; call = call.next) {
      if (!call.isOneway()) {
        call.interrupt();
      }
    }
  }
}
