package io.volare.transport.grpc;

import io.netty.buffer.ByteBuf;
import io.volare.motore.Deadline;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.RpcException;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The receiving end of a stream: messages that the loop has put in and one thread takes out. What
 * is not taken keeps its part of the stream's window. Thread-safe.
 *
 * <p>Fields are guarded by the monitor. No other lock is taken while it is held.
 */
final class Inbox extends StreamEnd {
  private final StreamWindow window;
  private @Nullable Message first;
  private @Nullable Message last;
  private boolean ended;
  private boolean deaf;
  private boolean givingBack;
  private int takenWire;
  private int takenAdvanced;

  Inbox(GrpcStream stream, StreamWindow window) {
    super(stream);
    this.window = window;
  }

  /** One message: what lies in the inbox, and what its receiver gets. */
  static final class Message {
    private final ByteBuf body;
    private final boolean compressed;
    private final int wire;
    private final int advanced;
    private @Nullable Message next;

    /**
     * Takes over {@code body}.
     *
     * @param wire bytes that the stream's window gets back when it is taken
     * @param advanced bytes that it got back before
     */
    Message(ByteBuf body, boolean compressed, int wire, int advanced) {
      this.body = body;
      this.compressed = compressed;
      this.wire = wire;
      this.advanced = advanced;
    }

    ByteBuf body() {
      return body;
    }

    boolean isCompressed() {
      return compressed;
    }
  }

  // ---- the loop

  /** Puts a message in, or lets go of it if nobody will take it. */
  void put(Message message) {
    if (link(message)) {
      wake();
    } else {
      message.body.release();
    }
  }

  private synchronized boolean link(Message message) {
    if (deaf || hasFailed()) {
      return false;
    }
    if (last == null) {
      first = message;
    } else {
      last.next = message;
    }
    last = message;
    return true;
  }

  /** What is in the inbox is all. */
  void end() {
    synchronized (this) {
      ended = true;
    }
    wake();
  }

  /** {@return whether a message waits for its receiver} */
  synchronized boolean hasUntaken() {
    return first != null;
  }

  private void giveBack() {
    int wire;
    int advanced;
    synchronized (this) {
      givingBack = false;
      wire = takenWire;
      advanced = takenAdvanced;
      takenWire = 0;
      takenAdvanced = 0;
    }
    window.taken(wire, advanced);
  }

  // ---- any thread

  /**
   * {@return the next message, the caller's own; null once the peer has ended its side}
   *
   * @param limit until when to wait; asked only if that is necessary
   * @throws RpcException if the stream has failed or the deadline passed
   */
  @Nullable Message take(Supplier<Deadline> limit) throws InterruptedException {
    Message message = poll();
    return message != null || isOver() ? message : await(limit.get());
  }

  private @Nullable Message await(Deadline deadline) throws InterruptedException {
    try {
      while (true) {
        sitDown();
        Message message = poll();
        if (message != null || isOver()) {
          return message;
        }
        park(deadline, "waiting for a message");
      }
    } finally {
      getUp();
    }
  }

  /** {@return whether nothing is left and nothing will come} */
  private synchronized boolean isOver() {
    throwFailure();
    if (deaf && !ended) {
      throw RpcException.of(
          Kind.CANCELLED, stream().target() + ": the call is over, nothing is received");
    }
    return ended && first == null;
  }

  private @Nullable Message poll() {
    Message taken;
    boolean asks;
    synchronized (this) {
      taken = first;
      asks = taken != null && unlink(taken);
    }
    if (asks) {
      askToGiveBack();
    }
    return taken;
  }

  /** {@return whether the loop is to be asked to give back what was taken} */
  private boolean unlink(Message taken) {
    first = taken.next;
    if (first == null) {
      last = null;
    }
    takenWire += taken.wire;
    takenAdvanced += taken.advanced;
    boolean asks = !ended && !givingBack && window.isDue(takenWire, takenAdvanced);
    givingBack |= asks;
    return asks;
  }

  private void askToGiveBack() {
    try {
      stream().connection().outbox().add((channel, promise) -> giveBack());
    } catch (RejectedExecutionException loopsAreClosed) {
      // and with them the connection, which fails the stream
    }
  }

  /** Ends the waiting with {@code failure}; what was not taken is dropped. */
  void fail(RuntimeException failure) {
    if (failed(failure)) {
      release(empty());
      wake();
    }
  }

  /**
   * Nobody receives any more: what was not taken is dropped, and what still comes; whoever waits
   * nevertheless hears of it.
   */
  void stopReceiving() {
    synchronized (this) {
      deaf = true;
    }
    release(empty());
    wake();
  }

  private synchronized @Nullable Message empty() {
    Message dropped = first;
    first = null;
    last = null;
    return dropped;
  }

  private static void release(@Nullable Message dropped) {
    for (Message each = dropped; each != null; each = each.next) {
      each.body.release();
    }
  }
}
