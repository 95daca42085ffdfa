package io.volare.transport.netty;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * The certificate that one side of TLS shows, and its key. Immutable. What it prints holds nothing
 * of the key.
 */
public sealed interface TlsIdentity {
  /**
   * {@return an identity in two PEM files, which are read again when they change}
   *
   * @param chain the certificate, then those that lead to its authority
   * @param key an unencrypted PKCS #8 key ({@code BEGIN PRIVATE KEY})
   */
  static TlsIdentity pem(Path chain, Path key) {
    return new Pem(chain, key);
  }

  /** {@return an identity that is at hand: the certificate first in its chain} */
  static TlsIdentity of(PrivateKey key, List<X509Certificate> chain) {
    return new Held(key, chain);
  }

  /** {@return an identity that {@code manager} chooses for each connection} */
  static TlsIdentity of(X509ExtendedKeyManager manager) {
    return new Managed(manager);
  }

  /**
   * An identity in PEM files.
   *
   * @param chain the certificate, then those that lead to its authority
   * @param key its unencrypted PKCS #8 key
   */
  record Pem(Path chain, Path key) implements TlsIdentity {
    /** Checks that both are there. */
    public Pem {
      requireNonNull(chain, "chain");
      requireNonNull(key, "key");
    }
  }

  /**
   * An identity that is at hand.
   *
   * @param key the private key
   * @param chain the certificate, then those that lead to its authority
   */
  record Held(PrivateKey key, List<X509Certificate> chain) implements TlsIdentity {
    /** Checks that there is a certificate. */
    public Held {
      requireNonNull(key, "key");
      chain = List.copyOf(chain);
      if (chain.isEmpty()) {
        throw new IllegalArgumentException("chain: 0 certificates (expected: >= 1)");
      }
    }

    @Override
    public String toString() {
      return "Held[" + chain.getFirst().getSubjectX500Principal().getName() + "]";
    }
  }

  /**
   * An identity that a key manager chooses.
   *
   * @param manager chooses for each connection
   */
  record Managed(X509ExtendedKeyManager manager) implements TlsIdentity {
    /** Checks that it is there. */
    public Managed {
      requireNonNull(manager, "manager");
    }

    @Override
    public String toString() {
      return "Managed";
    }
  }
}
