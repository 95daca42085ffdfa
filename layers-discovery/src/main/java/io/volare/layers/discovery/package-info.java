/**
 * Chooses the instance that a call goes to, and leaves the failing ones out. Start at {@link
 * io.volare.layers.discovery.DiscoveryLayer}.
 */
@org.jspecify.annotations.NullMarked
package io.volare.layers.discovery;
