package io.volare.transport.netty;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.X509TrustManager;

/** Whose certificates one side of TLS believes. Immutable. */
public sealed interface TlsTrust {
  /** {@return the authorities that this JDK trusts} */
  static TlsTrust system() {
    return new System();
  }

  /** {@return the authorities in a PEM file, which is read again when it changes} */
  static TlsTrust pem(Path authorities) {
    return new Pem(authorities);
  }

  /** {@return these authorities} */
  static TlsTrust of(List<X509Certificate> authorities) {
    return new Held(authorities);
  }

  /**
   * {@return what {@code manager} believes}
   *
   * <p>A client checks the host's name beside it, also where {@code manager} is not an {@link
   * javax.net.ssl.X509ExtendedTrustManager} and could not do so.
   */
  static TlsTrust of(X509TrustManager manager) {
    return new Managed(manager);
  }

  /** The authorities that this JDK trusts. */
  record System() implements TlsTrust {}

  /**
   * Authorities in a PEM file.
   *
   * @param authorities the file
   */
  record Pem(Path authorities) implements TlsTrust {
    /** Checks that it is there. */
    public Pem {
      requireNonNull(authorities, "authorities");
    }
  }

  /**
   * Authorities that are at hand.
   *
   * @param authorities their certificates
   */
  record Held(List<X509Certificate> authorities) implements TlsTrust {
    /** Checks that there is one. */
    public Held {
      authorities = List.copyOf(authorities);
      if (authorities.isEmpty()) {
        throw new IllegalArgumentException("authorities: 0 certificates (expected: >= 1)");
      }
    }

    @Override
    public String toString() {
      return "Held["
          + authorities.stream().map(each -> each.getSubjectX500Principal().getName()).toList()
          + "]";
    }
  }

  /**
   * Whatever a trust manager believes.
   *
   * @param manager decides for each connection
   */
  record Managed(X509TrustManager manager) implements TlsTrust {
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
