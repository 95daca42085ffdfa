package io.volare.transport.netty;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a server speaks TLS: 1.3 and 1.2, nothing older. Immutable; each {@code with} method returns
 * a copy.
 *
 * @param identity what it shows
 * @param clients whose certificates clients must show, or null where they need none
 * @param provider who does the cryptography
 * @param handshake how long a handshake may take
 * @param handshakes how many may be under way; the oldest is closed for one more
 * @param handshakesPerAddress how many of one remote address; its oldest is closed for one more. As
 *     many as {@code handshakes} where a balancer hides the addresses of clients
 * @param reload how often files are looked at for a change; a changed one serves new connections
 */
public record TlsServerConfig(
    TlsIdentity identity,
    @Nullable TlsTrust clients,
    TlsProvider provider,
    Duration handshake,
    int handshakes,
    int handshakesPerAddress,
    Duration reload) {
  /** Checks that what is needed is there. */
  public TlsServerConfig {
    requireNonNull(identity, "identity");
    requireNonNull(provider, "provider");
    if (handshake.toMillis() < 1) {
      throw new IllegalArgumentException("handshake: " + handshake + " (expected: >= 1 ms)");
    }
    if (handshakes < 1) {
      throw new IllegalArgumentException("handshakes: " + handshakes + " (expected: >= 1)");
    }
    if (handshakesPerAddress < 1) {
      throw new IllegalArgumentException(
          "handshakesPerAddress: " + handshakesPerAddress + " (expected: >= 1)");
    }
    if (reload.toMillis() < 1) {
      throw new IllegalArgumentException("reload: " + reload + " (expected: >= 1 ms)");
    }
  }

  /**
   * {@return a server that shows {@code identity}: any client, 10 s to shake hands, 1,000 at a time
   * and 250 of one address, 10 s reload}
   */
  public static TlsServerConfig of(TlsIdentity identity) {
    return new TlsServerConfig(
        identity,
        null,
        TlsProvider.FASTEST,
        Duration.ofSeconds(10),
        1_000,
        250,
        Duration.ofSeconds(10));
  }

  /** {@return a copy that refuses clients which show no certificate of these} */
  public TlsServerConfig withClients(TlsTrust clients) {
    return new TlsServerConfig(
        identity,
        requireNonNull(clients, "clients"),
        provider,
        handshake,
        handshakes,
        handshakesPerAddress,
        reload);
  }

  /** {@return a copy with this provider} */
  public TlsServerConfig withProvider(TlsProvider provider) {
    return new TlsServerConfig(
        identity, clients, provider, handshake, handshakes, handshakesPerAddress, reload);
  }

  /** {@return a copy that lets handshakes take this long} */
  public TlsServerConfig withHandshake(Duration handshake) {
    return new TlsServerConfig(
        identity, clients, provider, handshake, handshakes, handshakesPerAddress, reload);
  }

  /** {@return a copy that lets this many handshakes be under way} */
  public TlsServerConfig withHandshakes(int handshakes) {
    return new TlsServerConfig(
        identity, clients, provider, handshake, handshakes, handshakesPerAddress, reload);
  }

  /** {@return a copy that lets this many handshakes of one remote address be under way} */
  public TlsServerConfig withHandshakesPerAddress(int handshakesPerAddress) {
    return new TlsServerConfig(
        identity, clients, provider, handshake, handshakes, handshakesPerAddress, reload);
  }

  /** {@return a copy that looks for changed files this often} */
  public TlsServerConfig withReload(Duration reload) {
    return new TlsServerConfig(
        identity, clients, provider, handshake, handshakes, handshakesPerAddress, reload);
  }
}
