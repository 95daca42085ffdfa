/** Instances of a service from DNS. Start at {@link io.volare.registry.dns.DnsDiscovery}. */
@org.jspecify.annotations.NullMarked
package io.volare.registry.dns;
