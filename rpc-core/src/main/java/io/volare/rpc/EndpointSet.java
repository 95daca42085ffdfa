package io.volare.rpc;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * The instances of a service as one registry knows them at one moment. Immutable.
 *
 * @param service the service's name
 * @param endpoints its instances, without duplicates of an address
 */
public record EndpointSet(String service, List<Endpoint> endpoints) {
  /** Copies the list and checks that no address stands in it twice. */
  public EndpointSet {
    requireNonNull(service, "service");
    endpoints = List.copyOf(endpoints);
    long addresses = endpoints.stream().map(Endpoint::address).distinct().count();
    if (addresses != endpoints.size()) {
      throw new IllegalArgumentException(
          "endpoints: "
              + endpoints.size()
              + " with "
              + addresses
              + " addresses (expected: each address once) in "
              + endpoints);
    }
  }
}
