package io.volare.layers.discovery;

import io.volare.rpc.Discovery;
import io.volare.rpc.Endpoint;
import io.volare.rpc.EndpointSet;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Instances that are known beforehand and do not change. Immutable. */
public final class StaticDiscovery implements Discovery {
  private final Map<String, List<Endpoint>> services;

  private StaticDiscovery(Map<String, List<Endpoint>> services) {
    this.services = services;
  }

  /** {@return the instances of one service} */
  public static StaticDiscovery of(String service, Endpoint... endpoints) {
    return of(Map.of(service, List.of(endpoints)));
  }

  /** {@return the instances of several services} */
  public static StaticDiscovery of(Map<String, List<Endpoint>> services) {
    return new StaticDiscovery(Map.copyOf(services));
  }

  @Override
  public Watch watch(String service, Consumer<? super EndpointSet> listener) {
    listener.accept(new EndpointSet(service, services.getOrDefault(service, List.of())));
    return () -> {};
  }

  @Override
  public String toString() {
    return "static";
  }
}
