package io.volare.transport.thrift;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.volare.motore.Deadline;
import io.volare.transport.netty.Outbox;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A call that waits for its reply. Its value is the outcome, set once: by the loop (a {@link
 * Frame}, a failure, or {@link #SENT} for a oneway call) or by the caller who gives up. Whoever
 * comes second loses; a frame that loses is released.
 *
 * <p>One reference to the request's bytes is the loop's: {@link #post} writes or releases it.
 */
final class PendingCall extends AtomicReference<@Nullable Object> implements Outbox.Letter {
  private static final long serialVersionUID = 1;

  /** The outcome of a oneway call that was flushed. */
  static final Object SENT = new Object();

  /** The outcome of a call that found its connection closed before a byte was written. */
  static final Object NOT_WRITTEN = new Object();

  private static final Object GIVEN_UP = new Object();

  private final transient ClientConnection connection;
  private final transient Request request;
  private final transient Thread caller = Thread.currentThread();
  private final int sequence;
  private final boolean oneway;
  private volatile boolean written;

  PendingCall(ClientConnection connection, Request request, int sequence, boolean oneway) {
    this.connection = connection;
    this.request = request;
    this.sequence = sequence;
    this.oneway = oneway;
  }

  int sequence() {
    return sequence;
  }

  /** {@return whether a byte of the request may have reached the network} */
  boolean isWritten() {
    return written;
  }

  /** {@return false if the call was given up or has another outcome already} */
  boolean complete(Object outcome) {
    if (!compareAndSet(null, outcome)) {
      return false;
    }
    LockSupport.unpark(caller);
    return true;
  }

  /** On the loop: writes the request, or says that it was not written. */
  @Override
  public void post(Channel channel, ChannelPromise promise) {
    if (get() != null || !connection.accepts(this, oneway)) {
      request.bytes().release();
      complete(NOT_WRITTEN);
      return;
    }
    written = true;
    if (oneway) {
      channel
          .write(request.bytes())
          .addListener(sent -> complete(sent.isSuccess() ? SENT : connection.lost(sent.cause())));
    } else {
      channel.write(request.bytes(), promise);
    }
  }

  /**
   * {@return the outcome, or null if the deadline passed first}
   *
   * @throws InterruptedException if the caller was interrupted; the call is given up
   */
  @Nullable Object await(Deadline deadline) throws InterruptedException {
    while (true) {
      Object outcome = get();
      if (outcome != null) {
        return outcome;
      }
      if (Thread.interrupted()) {
        return orGiveUp(true);
      }
      if (!deadline.isFinite()) {
        LockSupport.park(this);
        continue;
      }
      long left = deadline.remainingNanos();
      if (left <= 0) {
        return orGiveUp(false);
      }
      LockSupport.parkNanos(this, left);
    }
  }

  private @Nullable Object orGiveUp(boolean interrupted) throws InterruptedException {
    if (!compareAndSet(null, GIVEN_UP)) {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      return get();
    }
    connection.givenUp(this);
    if (interrupted) {
      throw new InterruptedException("interrupted while waiting for a reply");
    }
    return null;
  }
}
