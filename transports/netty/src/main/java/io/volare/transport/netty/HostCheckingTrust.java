package io.volare.transport.netty;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Adds the check of the host's name to a trust manager that cannot do it. Thread-safe.
 *
 * <p>What the certificate is worth the trust manager says. Then the JDK's own one, made to trust
 * just this certificate, says whether it names the host.
 */
final class HostCheckingTrust extends X509ExtendedTrustManager {
  private final X509TrustManager trust;

  HostCheckingTrust(X509TrustManager trust) {
    this.trust = trust;
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    trust.checkServerTrusted(chain, type);
    jdk(chain[0]).checkServerTrusted(chain, type, engine);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    trust.checkServerTrusted(chain, type);
    jdk(chain[0]).checkServerTrusted(chain, type, socket);
  }

  private static X509ExtendedTrustManager jdk(X509Certificate certificate)
      throws CertificateException {
    try {
      return (X509ExtendedTrustManager) TlsFiles.trusting(List.of(certificate));
    } catch (IOException | GeneralSecurityException impossible) {
      throw new CertificateException(impossible);
    }
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
    trust.checkServerTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
      throws CertificateException {
    trust.checkClientTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
      throws CertificateException {
    trust.checkClientTrusted(chain, type);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
    trust.checkClientTrusted(chain, type);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return trust.getAcceptedIssuers();
  }
}
