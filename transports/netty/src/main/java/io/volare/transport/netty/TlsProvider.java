package io.volare.transport.netty;

/** Who does the cryptography of TLS. */
public enum TlsProvider {
  /** OpenSSL where netty-tcnative is on the class path and loads, the JDK otherwise. */
  FASTEST,
  /** The JDK. */
  JDK,
  /** OpenSSL or BoringSSL, by netty-tcnative. */
  OPENSSL
}
