package io.volare.rpc;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Where transports report what they notice about an endpoint between calls, and balancers listen.
 * Thread-safe. One per process ({@link #shared()}) is enough unless clients must not learn from
 * each other.
 */
public final class EndpointHealth {
  private static final EndpointHealth SHARED = new EndpointHealth();

  private final List<Listener> listeners = new CopyOnWriteArrayList<>();

  /** {@return the hub of this process} */
  public static EndpointHealth shared() {
    return SHARED;
  }

  /** {@return a hub of its own} */
  public static EndpointHealth create() {
    return new EndpointHealth();
  }

  private EndpointHealth() {}

  /** Tells every listener, on the calling thread. */
  public void report(Endpoint endpoint, Signal signal) {
    for (Listener listener : listeners) {
      listener.noticed(endpoint, signal);
    }
  }

  /** Adds a listener until what is returned is closed. */
  public Subscription subscribe(Listener listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /** What a transport can notice. */
  public enum Signal {
    /** A connection was established. */
    CONNECTED,
    /** A connection attempt was refused or timed out. */
    REFUSED,
    /** An established connection broke, or its keepalive went unanswered. */
    LOST,
    /**
     * The server asked to use other connections: {@code crrst}, GOAWAY. Those that are made
     * nevertheless, as {@link #CONNECTED} tells, do not take it back.
     */
    DRAINING
  }

  /**
   * Told what transports notice; called on their threads, so it must be fast and must not block.
   */
  @FunctionalInterface
  public interface Listener {
    /** {@code endpoint} gave {@code signal}. */
    void noticed(Endpoint endpoint, Signal signal);
  }

  /** Ends a subscription. */
  @FunctionalInterface
  public interface Subscription extends AutoCloseable {
    /** Removes the listener. */
    @Override
    void close();
  }
}
