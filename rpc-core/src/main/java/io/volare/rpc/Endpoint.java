package io.volare.rpc;

import static java.util.Objects.requireNonNull;

import java.util.Map;

/**
 * One instance of a service: where it is, how much of the load it should get, and what else its
 * registry says. Immutable; equal by value.
 *
 * @param address where to reach it
 * @param weight its share of the load relative to the others; 0 takes none
 * @param tags facts from the registry: zone, version, cluster
 */
public record Endpoint(Address address, int weight, Map<String, String> tags) {
  /** The weight of an endpoint that says nothing about it. */
  public static final int DEFAULT_WEIGHT = 100;

  /** Checks the weight and copies the tags. */
  public Endpoint {
    requireNonNull(address, "address");
    if (weight < 0) {
      throw new IllegalArgumentException("weight: " + weight + " (expected: >= 0)");
    }
    tags = Map.copyOf(tags);
  }

  /** {@return the endpoint at {@code address}, with the default weight and no tags} */
  public static Endpoint of(Address address) {
    return new Endpoint(address, DEFAULT_WEIGHT, Map.of());
  }

  /** {@return the endpoint at a TCP port, with the default weight and no tags} */
  public static Endpoint tcp(String host, int port) {
    return of(Address.tcp(host, port));
  }

  /** {@return a copy with this weight} */
  public Endpoint withWeight(int weight) {
    return new Endpoint(address, weight, tags);
  }

  /** {@return a copy with these tags} */
  public Endpoint withTags(Map<String, String> tags) {
    return new Endpoint(address, weight, tags);
  }

  @Override
  public String toString() {
    return address.toString();
  }
}
