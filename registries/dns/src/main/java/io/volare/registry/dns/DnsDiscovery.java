package io.volare.registry.dns;

import io.netty.util.NetUtil;
import io.volare.rpc.Discovery;
import io.volare.rpc.Endpoint;
import io.volare.rpc.EndpointFeed;
import io.volare.rpc.EndpointHealth;
import io.volare.rpc.EndpointHealth.Signal;
import io.volare.rpc.EndpointSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Instances from DNS: all addresses of a host, or what SRV records list.
 *
 * <p>In use:
 *
 * {@snippet class=io.volare.registry.dns.DnsSnippetsTest region=use}
 *
 * <p>{@link #watch} returns at once and the first set follows; a service is looked up on a virtual
 * thread of its own, once for all who watch it, until nobody does. Thread-safe. Holds one thread
 * for the network until it is closed.
 */
public final class DnsDiscovery implements Discovery, AutoCloseable {
  /** The tag with the host's name behind an address: what its certificate has to name. */
  public static final String HOST = "host";

  /** The tag with the priority of an SRV record. */
  public static final String PRIORITY = "priority";

  private final DnsConfig config;
  private final Resolver resolver;
  private final Map<String, WatchedName> names = new ConcurrentHashMap<>(); // changed under this
  private final EndpointHealth.Subscription health;
  private boolean closed; // guarded by this

  private DnsDiscovery(DnsConfig config) {
    this.config = config;
    this.resolver = new Resolver(config);
    this.health = config.health().subscribe(this::noticed);
  }

  /** {@return the instances that the name servers of {@code config} know; to be closed} */
  public static DnsDiscovery of(DnsConfig config) {
    return new DnsDiscovery(config);
  }

  /**
   * {@inheritDoc}
   *
   * @throws IllegalArgumentException if {@link DnsConfig#names} has no name for the service
   * @throws IllegalStateException if this discovery is closed
   */
  @Override
  public Watch watch(String service, Consumer<? super EndpointSet> listener) {
    DnsName dnsName = config.names().apply(service);
    WatchedName name;
    EndpointFeed.Subscription subscription;
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException(this + " is closed");
      }
      name = names.computeIfAbsent(service, added -> started(service, dnsName));
      subscription = name.feed().subscribe(listener);
    }
    subscription.tell();
    return () -> end(service, name, subscription);
  }

  private WatchedName started(String service, DnsName dnsName) {
    WatchedName name = new WatchedName(service, dnsName, config, resolver);
    name.start();
    return name;
  }

  private void end(String service, WatchedName name, EndpointFeed.Subscription subscription) {
    subscription.close();
    synchronized (this) {
      if (!name.feed().isWatched() && names.remove(service, name)) {
        name.close();
      }
    }
  }

  private void noticed(Endpoint endpoint, Signal signal) {
    for (WatchedName name : names.values()) {
      name.noticed(endpoint.address(), signal);
    }
  }

  /** Ends all watches and the lookups under way; waits a moment for that. */
  @Override
  public void close() {
    List<WatchedName> ending;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      ending = new ArrayList<>(names.values());
      names.clear();
    }
    health.close();
    ending.forEach(WatchedName::close);
    awaitEnd(ending);
    resolver.close();
  }

  private static void awaitEnd(List<WatchedName> ending) {
    try {
      for (WatchedName name : ending) {
        name.awaitEnd();
      }
    } catch (InterruptedException hurried) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public String toString() {
    return "DNS at "
        + config.nameServers().stream()
            .map(NetUtil::toSocketAddressString)
            .collect(Collectors.joining(", "));
  }
}
