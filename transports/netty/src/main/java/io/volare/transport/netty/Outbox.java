package io.volare.transport.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Gathers what other threads want written on a channel, so that one wake-up of its loop and one
 * flush serve all that came meanwhile. Thread-safe.
 *
 * <p>The order of {@link #add} calls of one thread is the order on the wire. Draining runs on the
 * loop only; {@code scheduled} says whether a drain is on its way, so a letter added before it is
 * reset is always seen by a drain.
 */
public final class Outbox {
  private final Channel channel;
  private final ConcurrentLinkedQueue<Letter> letters = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean scheduled = new AtomicBoolean();
  private final Runnable drain = this::drain;

  /** Starts the outbox of {@code channel}. */
  public Outbox(Channel channel) {
    this.channel = channel;
  }

  /** Hands a letter to the loop, which posts it soon, together with the others. */
  public void add(Letter letter) {
    letters.add(letter);
    if (scheduled.compareAndSet(false, true)) {
      channel.eventLoop().execute(drain);
    }
  }

  private void drain() {
    scheduled.set(false);
    ChannelPromise promise = channel.voidPromise();
    boolean any = false;
    for (Letter letter = letters.poll(); letter != null; letter = letters.poll()) {
      letter.post(channel, promise);
      any = true;
    }
    if (any) {
      channel.flush();
    }
  }

  /** Something to be written on the loop. */
  @FunctionalInterface
  public interface Letter {
    /** Writes, without flushing; called once, on the channel's loop, open or not. */
    void post(Channel channel, ChannelPromise promise);
  }
}
