package io.volare.transport.netty;

import static java.util.Objects.requireNonNull;

import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.util.Arrays;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What one event loop has for virtual threads of the pool: calls to start, and callers to wake.
 * Belongs to the loop's thread.
 *
 * <p>How is this designed, and why? Waking a thread of the pool costs more than many handlers do,
 * and so does being woken for an answer. So all of it waits until the loop has read what was there,
 * and goes over together: one virtual thread is started, which starts and wakes the others from
 * within the pool, and then is the first call itself. Then the loop offers its processor to others,
 * once. Where handlers are short and processors are fewer than threads, the answers are there when
 * it comes back, and nobody has to wake it. Where that brings nothing, because handlers take longer
 * or other processors run them, it offers more and more rarely.
 */
final class Handover implements Runnable {
  /** How many wait for each other at most. */
  static final int MOST = 64;

  /** One batch of so many is followed by an offer at least. */
  private static final int RAREST = 256;

  private final SingleThreadEventExecutor loop;
  private final ThreadFactory threads;
  private final @Nullable Object[] batch = new Object[MOST];
  private int count;
  private int offersEvery = 1;
  private int sinceOffer;

  /**
   * @param loop whose calls they are
   * @param threads makes virtual threads of the pool
   */
  Handover(SingleThreadEventExecutor loop, ThreadFactory threads) {
    this.loop = loop;
    this.threads = threads;
  }

  /** Starts {@code call} on a virtual thread once the loop has read what there is. */
  void start(Runnable call) {
    add(call);
  }

  /** Wakes {@code parked}, a virtual thread, once the loop has read what there is. */
  void wake(Thread parked) {
    add(parked);
  }

  private void add(Object one) {
    if (count == MOST) {
      handOver();
    }
    if (count == 0) {
      loop.execute(this);
    }
    batch[count++] = one;
  }

  /** The loop has read what there was. */
  @Override
  public void run() {
    if (count > 0) {
      handOver();
      offerProcessor();
    }
  }

  /** What cannot be started, for lack of memory, takes nothing along that comes later. */
  private void handOver() {
    Object all =
        count == 1 ? requireNonNull(batch[0]) : new Batch(threads, Arrays.copyOf(batch, count));
    Arrays.fill(batch, 0, count, null);
    count = 0;
    if (all instanceof Thread parked) {
      LockSupport.unpark(parked);
    } else {
      threads.newThread((Runnable) all).start();
    }
  }

  private void offerProcessor() {
    if (++sinceOffer < offersEvery) {
      return;
    }
    sinceOffer = 0;
    Thread.yield();
    boolean answered = loop.pendingTasks() > 0;
    offersEvery = answered ? 1 : Math.min(2 * offersEvery, RAREST);
  }

  /** Starts and wakes all but the first call, which it runs. */
  private record Batch(ThreadFactory threads, @Nullable Object[] all) implements Runnable {
    @Override
    public void run() {
      CarrierWatchdog.took();
      Runnable own = null;
      for (Object one : all) {
        if (one instanceof Thread parked) {
          LockSupport.unpark(parked);
        } else if (own == null) {
          own = (Runnable) one;
        } else {
          threads.newThread((Runnable) requireNonNull(one)).start();
        }
      }
      if (own != null) {
        own.run();
      }
    }
  }
}
