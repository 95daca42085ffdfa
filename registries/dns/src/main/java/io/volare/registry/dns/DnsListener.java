package io.volare.registry.dns;

import io.volare.rpc.EndpointSet;

/**
 * Told what lookups bring. Called on the thread that looks up, so it must be fast; it must not
 * throw.
 */
public interface DnsListener {
  /** The instances of a service are other ones now. */
  default void updated(EndpointSet set) {}

  /** A lookup failed, or a part of it; what was known before stays. */
  default void failed(String service, Exception failure) {}

  /** An answer took so many instances away that it has to be repeated before it counts. */
  default void doubted(String service, int known, int answered) {}
}
