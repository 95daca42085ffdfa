package io.volare.transport.thrift;

import static java.util.Objects.requireNonNull;

import io.volare.motore.Deadline;
import io.volare.motore.Time;
import io.volare.transport.netty.Loops;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way over one connection, and the thread that waits for what becomes of it.
 *
 * <pre>{@code
 *           loop                    loop
 * QUEUED ---------> SENT --------------------> ANSWERED   the caller reads the reply
 *   |  |              |                 \----> LOST       the connection broke
 *   |  |              |  caller
 *   |  |              +----------------------> ABANDONED  a late reply is dropped
 *   |  +--------------- caller --------------> ABANDONED
 *   +---- loop ------------------------------> UNSENT     another connection may take it
 * }</pre>
 *
 * <p>Each step is one compare-and-set, so exactly one side owns the request's bytes: the channel
 * once it is {@code SENT}, the caller in every state that skipped it.
 */
final class Exchange {
  static final int QUEUED = 0;
  static final int SENT = 1;
  static final int ANSWERED = 2;
  static final int LOST = 3;
  static final int UNSENT = 4;
  static final int ABANDONED = 5;

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(Exchange.class, "state", int.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  /** A request weighs as much as this at least in a batch: each costs the peer, however small. */
  private static final int LEAST_WEIGHT = 1024;

  private static final byte[] NONE = {};

  /** Links it into the connection's {@link SendQueue}. */
  @Nullable Exchange next;

  private int batchBytes;

  /** The id that pairs the reply; set before it is sent. */
  int sequence;

  private final Thread caller = Thread.currentThread();
  private final RequestBytes request;
  private final boolean oneway;
  private volatile int state;
  private @Nullable Frame reply;
  private @Nullable Throwable cause;

  Exchange(RequestBytes request, boolean oneway) {
    this.request = request;
    this.oneway = oneway;
  }

  /** Comes behind {@code before} in a batch that is still to be written. */
  void follows(@Nullable Exchange before) {
    next = before;
    batchBytes = Math.max(LEAST_WEIGHT, request.size()) + (before == null ? 0 : before.batchBytes);
  }

  /** {@return what the batch weighs up to this one} */
  int batchBytes() {
    return batchBytes;
  }

  RequestBytes request() {
    return request;
  }

  /** {@return an array that the reply may take, since the request has been copied} On the loop. */
  byte[] spare() {
    return state == SENT ? request.few() : NONE;
  }

  boolean isOneway() {
    return oneway;
  }

  int state() {
    return state;
  }

  boolean isOver() {
    return state > SENT;
  }

  /** {@return true if the loop may write it now; the channel then owns the bytes} */
  boolean sent() {
    return STATE.compareAndSet(this, QUEUED, SENT);
  }

  /** {@return true if it took the reply; otherwise nobody waits for it any more} */
  boolean answered(@Nullable Frame reply) {
    this.reply = reply;
    return ends(SENT, ANSWERED);
  }

  void lost(@Nullable Throwable cause) {
    this.cause = cause;
    ends(SENT, LOST);
  }

  void unsent(@Nullable Throwable cause) {
    this.cause = cause;
    ends(QUEUED, UNSENT);
  }

  private boolean ends(int from, int to) {
    if (!STATE.compareAndSet(this, from, to)) {
      return false;
    }
    Loops.unpark(caller);
    return true;
  }

  /**
   * Gives up.
   *
   * @return the state it was given up in, {@link #QUEUED} or {@link #SENT}, or the state in which
   *     it had ended already
   */
  int abandon() {
    if (STATE.compareAndSet(this, QUEUED, ABANDONED)) {
      return QUEUED;
    }
    return STATE.compareAndSet(this, SENT, ABANDONED) ? SENT : state;
  }

  Frame reply() {
    return requireNonNull(reply);
  }

  @Nullable Throwable cause() {
    return cause;
  }

  /**
   * Parks the caller until it is over or the deadline passes. The clock is read only by one who was
   * woken for something else: whose deadline has passed already is parked for a moment at most.
   *
   * @return whether it is over
   * @throws InterruptedException if the caller is interrupted first
   */
  boolean await(Deadline deadline) throws InterruptedException {
    for (boolean woken = false; !isOver(); woken = true) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (woken && deadline.isExpired()) {
        return false;
      }
      Time.SYSTEM.park(this, deadline);
    }
    return true;
  }
}
