package io.volare.transport.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Gathers what other threads want written on a channel, so that one wake-up of its loop and one
 * flush serve all that came meanwhile. Thread-safe.
 *
 * <p>The order of {@link #add} calls of one thread is the order on the wire. Letters form a stack
 * that is linked through their envelopes, so adding is one compare-and-set; who finds the stack
 * empty wakes the loop, which takes it whole and turns it round.
 */
public final class Outbox {
  private final Channel channel;
  private final Runnable flush;
  private final AtomicReference<@Nullable Envelope> newest = new AtomicReference<>();
  private final Runnable drain = this::drain;

  /** Starts the outbox of {@code channel}. */
  public Outbox(Channel channel) {
    this(channel, channel::flush);
  }

  /**
   * Starts the outbox of {@code channel}.
   *
   * @param flush run on the loop, after it has posted what there was
   */
  public Outbox(Channel channel, Runnable flush) {
    this.channel = channel;
    this.flush = flush;
  }

  /**
   * Hands a letter to the loop, which posts it soon, together with the others. An {@link Envelope}
   * is linked as it is, anything else gets one.
   */
  public void add(Letter letter) {
    Envelope envelope = letter instanceof Envelope itself ? itself : new Wrapped(letter);
    Envelope before;
    do {
      before = newest.get();
      envelope.older = before;
    } while (!newest.compareAndSet(before, envelope));
    if (before == null) {
      channel.eventLoop().execute(drain);
    }
  }

  private void drain() {
    Envelope next = takeOldestFirst();
    if (next == null) {
      return;
    }
    ChannelPromise promise = channel.voidPromise();
    while (next != null) {
      Envelope following = next.older;
      next.older = null; // it may be added again while it is posted
      next.post(channel, promise);
      next = following;
    }
    flush.run();
  }

  private @Nullable Envelope takeOldestFirst() {
    Envelope oldest = null;
    for (Envelope envelope = newest.getAndSet(null); envelope != null; ) {
      Envelope older = envelope.older;
      envelope.older = oldest;
      oldest = envelope;
      envelope = older;
    }
    return oldest;
  }

  /** Something to be written on the loop. */
  @FunctionalInterface
  public interface Letter {
    /** Writes, without flushing; called once, on the channel's loop, open or not. */
    void post(Channel channel, ChannelPromise promise);
  }

  /**
   * A letter that carries its own place in the outbox, and so costs nothing to add. It may be in
   * one outbox at a time, once; again after it was posted.
   */
  public abstract static class Envelope implements Letter {
    private @Nullable Envelope older;

    /** Starts outside of any outbox. */
    protected Envelope() {}
  }

  private static final class Wrapped extends Envelope {
    private final Letter letter;

    Wrapped(Letter letter) {
      this.letter = letter;
    }

    @Override
    public void post(Channel channel, ChannelPromise promise) {
      letter.post(channel, promise);
    }
  }
}
