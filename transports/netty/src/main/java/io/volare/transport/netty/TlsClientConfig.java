package io.volare.transport.netty;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a client speaks TLS: 1.3 and 1.2, nothing older, and only with a server whose certificate
 * names the host that was asked for. Immutable; each {@code with} method returns a copy.
 *
 * @param trust whose certificates are believed
 * @param identity what it shows to servers that ask, or null for nothing
 * @param serverName the host that certificates must name, or null for the one that is connected to
 * @param insecureAnyHost true: a certificate for any other host will do, so that whoever has one of
 *     a trusted authority may listen in
 * @param provider who does the cryptography
 * @param handshake how long a handshake may take; a call's deadline may end it sooner
 * @param reload how often, at most, files are looked at for a change when a connection is made
 */
public record TlsClientConfig(
    TlsTrust trust,
    @Nullable TlsIdentity identity,
    @Nullable String serverName,
    boolean insecureAnyHost,
    TlsProvider provider,
    Duration handshake,
    Duration reload) {
  /** Believes the authorities that this JDK trusts; 10 s to shake hands, 10 s reload. */
  public static final TlsClientConfig DEFAULT = of(TlsTrust.system());

  /** Checks that what is needed is there. */
  public TlsClientConfig {
    requireNonNull(trust, "trust");
    requireNonNull(provider, "provider");
    if (handshake.toMillis() < 1) {
      throw new IllegalArgumentException("handshake: " + handshake + " (expected: >= 1 ms)");
    }
    if (reload.toMillis() < 1) {
      throw new IllegalArgumentException("reload: " + reload + " (expected: >= 1 ms)");
    }
  }

  /** {@return a client that believes {@code trust}, otherwise as {@link #DEFAULT}} */
  public static TlsClientConfig of(TlsTrust trust) {
    Duration seconds = Duration.ofSeconds(10);
    return new TlsClientConfig(trust, null, null, false, TlsProvider.FASTEST, seconds, seconds);
  }

  /** {@return a copy that shows {@code identity} to servers that ask} */
  public TlsClientConfig withIdentity(TlsIdentity identity) {
    return new TlsClientConfig(
        trust,
        requireNonNull(identity, "identity"),
        serverName,
        insecureAnyHost,
        provider,
        handshake,
        reload);
  }

  /** {@return a copy that expects certificates for this host, wherever it connects to} */
  public TlsClientConfig withServerName(String serverName) {
    return new TlsClientConfig(
        trust,
        identity,
        requireNonNull(serverName, "serverName"),
        insecureAnyHost,
        provider,
        handshake,
        reload);
  }

  /** {@return a copy that takes certificates of any host: insecure, for tests only} */
  public TlsClientConfig withInsecureAnyHost() {
    return new TlsClientConfig(trust, identity, serverName, true, provider, handshake, reload);
  }

  /** {@return a copy with this provider} */
  public TlsClientConfig withProvider(TlsProvider provider) {
    return new TlsClientConfig(
        trust, identity, serverName, insecureAnyHost, provider, handshake, reload);
  }

  /** {@return a copy that lets handshakes take this long} */
  public TlsClientConfig withHandshake(Duration handshake) {
    return new TlsClientConfig(
        trust, identity, serverName, insecureAnyHost, provider, handshake, reload);
  }

  /** {@return a copy that looks for changed files at most this often} */
  public TlsClientConfig withReload(Duration reload) {
    return new TlsClientConfig(
        trust, identity, serverName, insecureAnyHost, provider, handshake, reload);
  }
}
