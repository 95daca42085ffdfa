package io.volare.transport.grpc;

import org.jspecify.annotations.Nullable;

/** The calls of a connection that are not over, in the order they came. One loop's own. */
final class CallList {
  private @Nullable ServerCall first;
  private @Nullable ServerCall last;
  private int size;
  private int deadlines;

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

  /** Ends those whose time is over and those that have come to a halt. */
  void check(long now, long stalledNanos) {
    ServerCall after;
    for (ServerCall call = first; call != null; call = after) {
      after = call.next;
      if (call.untilDeadline(now) == 0) {
        call.expire();
      } else {
        call.check(now, stalledNanos);
      }
    }
  }

  /** {@return nanoseconds until the next deadline that is still to come, at most {@code most}} */
  long untilDeadline(long now, long most) {
    long next = most;
    if (deadlines > 0) {
      for (ServerCall call = first; call != null; call = call.next) {
        next = Math.min(next, call.untilDeadline(now));
      }
    }
    return next;
  }
}
