package io.volare.rpc;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hands the instances of one service to all who watch it: what every registry needs to keep the
 * promises of {@link Discovery}. Each listener hears each set once and in order, whoever publishes
 * or subscribes meanwhile, and nothing once its subscription is closed. Thread-safe, but only one
 * thread may {@link #publish} at a time.
 */
public final class EndpointFeed {
  private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
  private volatile @Nullable Published published;

  /** {@return a feed that knows nothing and has no listener} */
  public static EndpointFeed create() {
    return new EndpointFeed();
  }

  private EndpointFeed() {}

  /**
   * Adds a listener, which hears the next set; {@link Subscription#tell} lets it hear the last one.
   */
  public Subscription subscribe(Consumer<? super EndpointSet> listener) {
    Subscription subscription = new Subscription(listener);
    subscriptions.add(subscription);
    return subscription;
  }

  /** {@return whether somebody listens} */
  public boolean isWatched() {
    return !subscriptions.isEmpty();
  }

  /**
   * Tells every listener, on the calling thread, unless the set holds what the last one held, in
   * any order.
   *
   * @return whether that was news
   */
  public boolean publish(EndpointSet set) {
    Published last = published;
    if (last != null && Set.copyOf(last.set().endpoints()).equals(Set.copyOf(set.endpoints()))) {
      return false;
    }
    Published next = new Published(last == null ? 1 : last.number() + 1, set);
    published = next;
    subscriptions.forEach(subscription -> subscription.deliver(next));
    return true;
  }

  /** Closes every subscription. */
  public void close() {
    subscriptions.forEach(Subscription::close);
  }

  /** Numbered, so that nobody hears an older one after it. */
  private record Published(long number, EndpointSet set) {}

  /** One listener. Its monitor is held while it is told, so that closing waits for that. */
  public final class Subscription implements AutoCloseable {
    private final Consumer<? super EndpointSet> listener;
    private long heard; // guarded by this
    private boolean closed; // guarded by this

    private Subscription(Consumer<? super EndpointSet> listener) {
      this.listener = listener;
    }

    /**
     * Tells the listener the last set, on the calling thread, if there is one that is new to it.
     */
    public void tell() {
      deliver(published);
    }

    private synchronized void deliver(@Nullable Published set) {
      if (set != null && !closed && set.number() > heard) {
        heard = set.number();
        listener.accept(set.set());
      }
    }

    /** Ends it; the listener hears nothing once this returns. Harmless when called again. */
    @Override
    public void close() {
      subscriptions.remove(this);
      synchronized (this) {
        closed = true;
      }
    }
  }
}
