package io.volare.layers.discovery;

import static java.util.Objects.requireNonNull;

import io.volare.motore.Time;
import io.volare.rpc.Discovery;
import io.volare.rpc.EndpointHealth;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;

/**
 * Where instances come from and how one is chosen. Immutable; each {@code with} method returns a
 * copy.
 *
 * @param discovery tells the instances of a service
 * @param patience how long a call waits, within its deadline, while the discovery has said nothing
 * @param balancer picks one
 * @param ejection when a failing one is left out
 * @param health where transports report what they notice
 * @param listener told about changes
 * @param time the clock
 */
public record DiscoveryConfig(
    Discovery discovery,
    Duration patience,
    LoadBalancer balancer,
    EjectionConfig ejection,
    EndpointHealth health,
    DiscoveryListener listener,
    Time time) {
  /** Checks that everything is there. */
  public DiscoveryConfig {
    requireNonNull(discovery, "discovery");
    requireNonNull(patience, "patience");
    if (patience.isNegative()) {
      throw new IllegalArgumentException("patience: " + patience + " (expected: >= 0)");
    }
    requireNonNull(balancer, "balancer");
    requireNonNull(ejection, "ejection");
    requireNonNull(health, "health");
    requireNonNull(listener, "listener");
    requireNonNull(time, "time");
  }

  /** {@return instances from {@code discovery}, the less loaded of two at random} */
  public static DiscoveryConfig of(Discovery discovery) {
    RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();
    return new DiscoveryConfig(
        discovery,
        Duration.ofSeconds(3),
        LoadBalancer.leastLoadedOfTwo(random),
        EjectionConfig.DEFAULT,
        EndpointHealth.shared(),
        new DiscoveryListener() {},
        Time.SYSTEM);
  }

  /** {@return a copy with this patience} */
  public DiscoveryConfig withPatience(Duration patience) {
    return new DiscoveryConfig(discovery, patience, balancer, ejection, health, listener, time);
  }

  /** {@return a copy with this balancer} */
  public DiscoveryConfig withBalancer(LoadBalancer balancer) {
    return new DiscoveryConfig(discovery, patience, balancer, ejection, health, listener, time);
  }

  /** {@return a copy with these rules for ejection} */
  public DiscoveryConfig withEjection(EjectionConfig ejection) {
    return new DiscoveryConfig(discovery, patience, balancer, ejection, health, listener, time);
  }

  /** {@return a copy that listens to this hub} */
  public DiscoveryConfig withHealth(EndpointHealth health) {
    return new DiscoveryConfig(discovery, patience, balancer, ejection, health, listener, time);
  }

  /** {@return a copy with this listener} */
  public DiscoveryConfig withListener(DiscoveryListener listener) {
    return new DiscoveryConfig(discovery, patience, balancer, ejection, health, listener, time);
  }

  /** {@return a copy with this clock} */
  public DiscoveryConfig withTime(Time time) {
    return new DiscoveryConfig(discovery, patience, balancer, ejection, health, listener, time);
  }
}
