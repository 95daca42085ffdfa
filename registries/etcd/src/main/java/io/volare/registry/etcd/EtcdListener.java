package io.volare.registry.etcd;

import io.volare.rpc.Endpoint;
import io.volare.rpc.EndpointSet;

/**
 * Told what comes from etcd. Called on the threads that talk to it, so it must be fast; it must not
 * throw.
 */
public interface EtcdListener {
  /** The instances of a service are other ones now. */
  default void updated(EndpointSet set) {}

  /** Something did not work and is tried again; what was known before stays. */
  default void failed(String service, Exception failure) {}

  /** So many instances went that their absence has to last before it counts. */
  default void doubted(String service, int known, int found) {}

  /** An instance of ours is in etcd, for the first time or again. */
  default void registered(String service, Endpoint endpoint) {}

  /** An instance of ours was in etcd and its lease is over: it is registered again at once. */
  default void expired(String service, Endpoint endpoint) {}
}
