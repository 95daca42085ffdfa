package io.volare.registry.etcd;

import io.volare.rpc.Discovery;
import io.volare.rpc.EndpointFeed;
import io.volare.rpc.EndpointSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The instances that are registered in etcd, by {@link EtcdRegistration} or by Kitex.
 *
 * <p>In use:
 *
 * {@snippet class=io.volare.registry.etcd.EtcdSnippetsTest region=use}
 *
 * <p>{@link #watch} returns at once and the first set follows; a service is watched on a virtual
 * thread of its own, once for all who want to know, until nobody does. Thread-safe.
 */
public final class EtcdDiscovery implements Discovery, AutoCloseable {
  private final EtcdConfig config;
  private final EtcdClient client;
  private final Map<String, WatchedService> services = new HashMap<>(); // guarded by this
  private boolean closed; // guarded by this

  private EtcdDiscovery(EtcdConfig config) {
    this.config = config;
    this.client = new EtcdClient(config);
  }

  /** {@return what the etcd of {@code config} knows; to be closed} */
  public static EtcdDiscovery of(EtcdConfig config) {
    return new EtcdDiscovery(config);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if the service's name is empty or has a slash
   * @throws IllegalStateException if this discovery is closed
   */
  @Override
  public Watch watch(String service, Consumer<? super EndpointSet> listener) {
    checkName(service);
    WatchedService watched;
    EndpointFeed.Subscription subscription;
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException(this + " is closed");
      }
      watched = services.computeIfAbsent(service, this::started);
      subscription = watched.feed().subscribe(listener);
    }
    subscription.tell();
    return () -> end(service, watched, subscription);
  }

  /** A slash would reach into the keys of other services. */
  static void checkName(String service) {
    if (service.isEmpty() || service.contains("/")) {
      throw new IllegalArgumentException(
          "service: " + service + " (expected: not empty, without a slash)");
    }
  }

  private WatchedService started(String service) {
    WatchedService watched = new WatchedService(service, config, client);
    watched.start();
    return watched;
  }

  private void end(String service, WatchedService watched, EndpointFeed.Subscription subscription) {
    subscription.close();
    synchronized (this) {
      if (!watched.feed().isWatched() && services.remove(service, watched)) {
        watched.close();
      }
    }
  }

  /** Ends all watches; waits a moment for that. */
  @Override
  public void close() {
    List<WatchedService> ending;
    synchronized (this) {
      closed = true;
      ending = new ArrayList<>(services.values());
      services.clear();
    }
    ending.forEach(WatchedService::close);
    try {
      for (WatchedService one : ending) {
        one.awaitEnd();
      }
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
    client.close();
  }

  @Override
  public String toString() {
    return "etcd at " + config.members();
  }
}
