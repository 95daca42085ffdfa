package io.volare.registry.dns;

import static java.util.Objects.requireNonNull;

import io.volare.motore.Time;
import io.volare.rpc.EndpointHealth;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/**
 * Whom to ask, for what, and how often. Immutable; each {@code with} method returns a copy.
 *
 * @param names what to ask for a service; by default {@link DnsName#parse}
 * @param nameServers whom to ask, in this order; at least one
 * @param searchDomains tried after a name that has a dot, before one that has none
 * @param family which addresses to ask for
 * @param timeout how long one name server has for one answer; at least a millisecond
 * @param rounds how often to go through the name servers before a lookup fails
 * @param refresh how often to ask, and when an answer is believed
 * @param health where transports report what they notice
 * @param listener told what lookups bring
 * @param time the clock
 */
public record DnsConfig(
    Function<String, DnsName> names,
    List<InetSocketAddress> nameServers,
    List<String> searchDomains,
    IpFamily family,
    Duration timeout,
    int rounds,
    RefreshConfig refresh,
    EndpointHealth health,
    DnsListener listener,
    Time time) {
  /** Checks every value. */
  public DnsConfig {
    requireNonNull(names, "names");
    nameServers = List.copyOf(nameServers);
    searchDomains = List.copyOf(searchDomains);
    requireNonNull(family, "family");
    requireNonNull(timeout, "timeout");
    requireNonNull(refresh, "refresh");
    requireNonNull(health, "health");
    requireNonNull(listener, "listener");
    requireNonNull(time, "time");
    if (nameServers.isEmpty()) {
      throw new IllegalArgumentException("nameServers: [] (expected: at least one)");
    }
    for (InetSocketAddress server : nameServers) {
      if (server.isUnresolved() || server.getPort() == 0) {
        throw new IllegalArgumentException(
            "nameServers: " + server + " (expected: an address, not a name, and a port)");
      }
    }
    if (timeout.toMillis() < 1 || timeout.compareTo(Duration.ofMinutes(1)) > 0) {
      throw new IllegalArgumentException("timeout: " + timeout + " (expected: 1 ms to 1 min)");
    }
    if (rounds < 1 || rounds > 10) {
      throw new IllegalArgumentException("rounds: " + rounds + " (expected: 1..10)");
    }
  }

  /**
   * {@return the name servers in {@code /etc/resolv.conf}, read now; search domains in it are not
   * used}
   *
   * @throws IllegalStateException if it names none, or is not there; then use {@link #of}
   */
  public static DnsConfig system() {
    return of(ResolvConf.SYSTEM.nameServers());
  }

  /** {@return these name servers, and the defaults} */
  public static DnsConfig of(InetSocketAddress... nameServers) {
    return of(List.of(nameServers));
  }

  private static DnsConfig of(List<InetSocketAddress> nameServers) {
    return new DnsConfig(
        DnsName::parse,
        nameServers,
        List.of(),
        IpFamily.BOTH,
        Duration.ofSeconds(1),
        2,
        RefreshConfig.DEFAULT,
        EndpointHealth.shared(),
        new DnsListener() {},
        Time.SYSTEM);
  }

  /** {@return a copy that asks what {@code names} says for a service} */
  public DnsConfig withNames(Function<String, DnsName> names) {
    return new DnsConfig(
        names,
        nameServers,
        searchDomains,
        family,
        timeout,
        rounds,
        refresh,
        health,
        listener,
        time);
  }

  /** {@return a copy that searches these domains} */
  public DnsConfig withSearchDomains(String... searchDomains) {
    return new DnsConfig(
        names,
        nameServers,
        List.of(searchDomains),
        family,
        timeout,
        rounds,
        refresh,
        health,
        listener,
        time);
  }

  /** {@return a copy that asks for these addresses} */
  public DnsConfig withFamily(IpFamily family) {
    return new DnsConfig(
        names,
        nameServers,
        searchDomains,
        family,
        timeout,
        rounds,
        refresh,
        health,
        listener,
        time);
  }

  /** {@return a copy that waits so long for one answer, and asks everybody so often} */
  public DnsConfig withTimeout(Duration timeout, int rounds) {
    return new DnsConfig(
        names,
        nameServers,
        searchDomains,
        family,
        timeout,
        rounds,
        refresh,
        health,
        listener,
        time);
  }

  /** {@return a copy with this way to refresh} */
  public DnsConfig withRefresh(RefreshConfig refresh) {
    return new DnsConfig(
        names,
        nameServers,
        searchDomains,
        family,
        timeout,
        rounds,
        refresh,
        health,
        listener,
        time);
  }

  /** {@return a copy that listens to this hub} */
  public DnsConfig withHealth(EndpointHealth health) {
    return new DnsConfig(
        names,
        nameServers,
        searchDomains,
        family,
        timeout,
        rounds,
        refresh,
        health,
        listener,
        time);
  }

  /** {@return a copy with this listener} */
  public DnsConfig withListener(DnsListener listener) {
    return new DnsConfig(
        names,
        nameServers,
        searchDomains,
        family,
        timeout,
        rounds,
        refresh,
        health,
        listener,
        time);
  }

  /** {@return a copy with this clock} */
  public DnsConfig withTime(Time time) {
    return new DnsConfig(
        names,
        nameServers,
        searchDomains,
        family,
        timeout,
        rounds,
        refresh,
        health,
        listener,
        time);
  }
}
