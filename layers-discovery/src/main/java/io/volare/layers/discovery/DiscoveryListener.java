package io.volare.layers.discovery;

import io.volare.rpc.Endpoint;
import io.volare.rpc.EndpointSet;

/**
 * Told what a discovery layer does, on the thread that does it; must be fast and must not throw.
 */
public interface DiscoveryListener {
  /** The registry has told a new set. */
  default void updated(EndpointSet endpoints) {}

  /** An instance is left out from now on. */
  default void ejected(Endpoint endpoint) {}

  /** A call moves to another instance, because nothing of it was sent to this one. */
  default void moved(Endpoint from, Exception failure) {}
}
