package io.volare.transport.thrift;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import io.volare.transport.netty.TlsClientConfig;
import io.volare.transport.netty.TlsIdentity;
import io.volare.transport.netty.TlsServerConfig;
import io.volare.transport.netty.TlsTrust;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** An authority, and what it has signed for the tests. */
final class Certificates {
  static final X509Bundle AUTHORITY = make(true, "CN=authority");
  static final TlsTrust TRUST = TlsTrust.of(List.of(AUTHORITY.getCertificate()));

  private Certificates() {}

  /** {@return a new certificate of {@code subject} for 127.0.0.1 and localhost} */
  static X509Bundle issued(String subject) {
    return make(false, subject);
  }

  private static X509Bundle make(boolean authority, String subject) {
    CertificateBuilder builder = new CertificateBuilder().ecp256().subject(subject);
    try {
      return authority
          ? builder.setIsCertificateAuthority(true).buildSelfSigned()
          : builder
              .addSanIpAddress("127.0.0.1")
              .addSanDnsName("localhost")
              .buildIssuedBy(AUTHORITY);
    } catch (Exception impossible) {
      throw new AssertionError(impossible);
    }
  }

  static TlsIdentity identity(String subject) {
    X509Bundle bundle = issued(subject);
    return TlsIdentity.of(bundle.getKeyPair().getPrivate(), bundle.getCertificatePathList());
  }

  static TlsServerConfig server() {
    return TlsServerConfig.of(identity("CN=server"));
  }

  static TlsClientConfig client() {
    return TlsClientConfig.of(TRUST);
  }

  /** {@return the certificate that a client which believes the authority is shown at a TCP port} */
  static Certificate shownBy(Endpoint endpoint) throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    trusted.setCertificateEntry("authority", AUTHORITY.getCertificate());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    Address.Tcp at = (Address.Tcp) endpoint.address();
    try (SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(at.host(), at.port())) {
      socket.startHandshake();
      return socket.getSession().getPeerCertificates()[0];
    }
  }
}
