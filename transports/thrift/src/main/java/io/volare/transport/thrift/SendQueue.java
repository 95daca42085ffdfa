package io.volare.transport.thrift;

import io.netty.channel.Channel;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What callers want written on one connection. Any thread adds; the loop takes all there is, writes
 * it, and flushes once.
 *
 * <p>Added requests form a stack that is linked through themselves, so adding is one
 * compare-and-set and no allocation. Who finds the stack empty wakes the loop, which takes it whole
 * and turns it round. While the channel is full the rest waits here, where its callers can still
 * give up without a trace.
 */
final class SendQueue {
  /** A system call for so many bytes costs little more for being one than for being shared. */
  private static final int BATCH_BYTES = 32 * 1024;

  private final Channel channel;
  private final Sender sender;
  private final Runnable flush;
  private final AtomicReference<@Nullable Exchange> added = new AtomicReference<>();
  private final Runnable drain = this::drain;

  /** Those taken by the loop and not sent yet, oldest first. */
  private @Nullable Exchange first;

  private @Nullable Exchange last;

  private boolean draining;

  /**
   * @param flush run on the loop, behind what was sent
   */
  SendQueue(Channel channel, Sender sender, Runnable flush) {
    this.channel = channel;
    this.sender = sender;
    this.flush = flush;
  }

  void add(Exchange exchange) {
    Exchange before;
    do {
      before = added.get();
      exchange.follows(before);
    } while (!added.compareAndSet(before, exchange));
    if (before == null) {
      wakeLoop();
    }
  }

  /** {@return whether requests wait for the loop, and are few enough for others to join them} */
  boolean isBatchOpen() {
    Exchange newest = added.get();
    return newest != null && newest.batchBytes() < BATCH_BYTES;
  }

  private void wakeLoop() {
    try {
      channel.eventLoop().execute(drain);
    } catch (RejectedExecutionException closed) {
      for (Exchange left = added.getAndSet(null); left != null; left = left.next) {
        left.unsent(closed);
      }
    }
  }

  /**
   * On the loop: sends what the channel takes; on a closed channel everything fails unsent. A flush
   * within it that makes the channel writable leads here again, where there is nothing to do.
   */
  void drain() {
    if (draining) {
      return;
    }
    draining = true;
    try {
      take();
      sendAll();
    } finally {
      draining = false;
    }
  }

  private void sendAll() {
    boolean unflushed = false;
    while (first != null) {
      if (channel.isActive() && !channel.isWritable()) {
        flush.run();
        channel.flush();
        unflushed = false;
        if (!channel.isWritable() && channel.isActive()) {
          return;
        }
      }
      Exchange exchange = first;
      first = exchange.next;
      exchange.next = null;
      sender.send(exchange);
      unflushed = true;
    }
    last = null;
    if (unflushed) {
      flush.run();
    }
  }

  private void take() {
    Exchange newest = added.getAndSet(null);
    if (newest == null) {
      return;
    }
    Exchange oldest = null;
    for (Exchange exchange = newest; exchange != null; ) {
      Exchange older = exchange.next;
      exchange.next = oldest;
      oldest = exchange;
      exchange = older;
    }
    if (first == null) {
      first = oldest;
    } else if (last != null) {
      last.next = oldest;
    }
    last = newest;
  }

  /** Writes one request, without flushing, or fails it. */
  @FunctionalInterface
  interface Sender {
    /** Called on the loop, once for each request. */
    void send(Exchange exchange);
  }
}
