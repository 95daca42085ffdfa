package io.volare.registry.etcd;

import static java.util.Objects.requireNonNull;

import io.volare.motore.Time;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/**
 * Where etcd is and how it is used. Immutable; each {@code with} method returns a copy.
 *
 * @param members the client addresses of its members, http or https; at least one
 * @param prefix what all keys begin with, without a slash at either end
 * @param timeout how long a member has to connect, and to answer
 * @param leaseTime how long an instance stays in etcd once it no longer says that it is alive
 * @param reread how often everything is read again, whatever the watch said
 * @param doubt how long, and in no fewer than three more readings, the absence of all or of more
 *     than half of the instances has to last before it counts
 * @param tls what https uses; empty for the JDK's default
 * @param listener told what comes
 * @param time the clock
 */
public record EtcdConfig(
    List<URI> members,
    String prefix,
    Duration timeout,
    Duration leaseTime,
    Duration reread,
    Duration doubt,
    Optional<SSLContext> tls,
    EtcdListener listener,
    Time time) {
  /** Where Kitex's etcd registry has its instances. */
  public static final String KITEX_PREFIX = "kitex/registry-etcd";

  /** Checks every value. */
  public EtcdConfig {
    members = List.copyOf(members);
    requireNonNull(prefix, "prefix");
    requireNonNull(tls, "tls");
    requireNonNull(listener, "listener");
    requireNonNull(time, "time");
    if (members.isEmpty()) {
      throw new IllegalArgumentException("members: [] (expected: at least one)");
    }
    members.forEach(EtcdConfig::checkMember);
    if (prefix.isEmpty() || prefix.startsWith("/") || prefix.endsWith("/")) {
      throw new IllegalArgumentException(
          "prefix: " + prefix + " (expected: not empty, no slash at either end)");
    }
    check("timeout", timeout, Duration.ofMillis(1), Duration.ofMinutes(1));
    check("leaseTime", leaseTime, Duration.ofSeconds(1), Duration.ofHours(1));
    check("reread", reread, Duration.ofMillis(1), Duration.ofDays(1));
    check("doubt", doubt, Duration.ZERO, Duration.ofDays(1));
  }

  private static void checkMember(URI member) {
    boolean http = "http".equals(member.getScheme()) || "https".equals(member.getScheme());
    if (!http || member.getHost() == null || !member.getPath().matches("/?")) {
      throw new IllegalArgumentException(
          "members: " + member + " (expected: http or https, a host, and no path)");
    }
  }

  private static void check(String name, Duration value, Duration least, Duration most) {
    if (value.compareTo(least) < 0 || value.compareTo(most) > 0) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: " + least + ".." + most + ")");
    }
  }

  /** {@return these members, such as {@code http://10.0.0.2:2379}, and the defaults} */
  public static EtcdConfig of(String... members) {
    return new EtcdConfig(
        List.of(members).stream().map(URI::create).toList(),
        KITEX_PREFIX,
        Duration.ofSeconds(2),
        Duration.ofSeconds(15),
        Duration.ofMinutes(1),
        Duration.ofSeconds(30),
        Optional.empty(),
        new EtcdListener() {},
        Time.SYSTEM);
  }

  /** {@return a copy whose keys begin with {@code prefix}} */
  public EtcdConfig withPrefix(String prefix) {
    return new EtcdConfig(members, prefix, timeout, leaseTime, reread, doubt, tls, listener, time);
  }

  /** {@return a copy that waits so long for a member} */
  public EtcdConfig withTimeout(Duration timeout) {
    return new EtcdConfig(members, prefix, timeout, leaseTime, reread, doubt, tls, listener, time);
  }

  /** {@return a copy whose instances outlive their last sign of life by so much} */
  public EtcdConfig withLeaseTime(Duration leaseTime) {
    return new EtcdConfig(members, prefix, timeout, leaseTime, reread, doubt, tls, listener, time);
  }

  /** {@return a copy that reads everything again so often} */
  public EtcdConfig withReread(Duration reread) {
    return new EtcdConfig(members, prefix, timeout, leaseTime, reread, doubt, tls, listener, time);
  }

  /** {@return a copy that doubts losses for so long} */
  public EtcdConfig withDoubt(Duration doubt) {
    return new EtcdConfig(members, prefix, timeout, leaseTime, reread, doubt, tls, listener, time);
  }

  /** {@return a copy with these keys and this trust} */
  public EtcdConfig withTls(SSLContext tls) {
    return new EtcdConfig(
        members, prefix, timeout, leaseTime, reread, doubt, Optional.of(tls), listener, time);
  }

  /** {@return a copy with this listener} */
  public EtcdConfig withListener(EtcdListener listener) {
    return new EtcdConfig(members, prefix, timeout, leaseTime, reread, doubt, tls, listener, time);
  }

  /** {@return a copy with this clock} */
  public EtcdConfig withTime(Time time) {
    return new EtcdConfig(members, prefix, timeout, leaseTime, reread, doubt, tls, listener, time);
  }
}
