/**
 * Instances of a service in etcd, registered and watched. Start at {@link
 * io.volare.registry.etcd.EtcdDiscovery} and {@link io.volare.registry.etcd.EtcdRegistration}.
 */
@org.jspecify.annotations.NullMarked
package io.volare.registry.etcd;
