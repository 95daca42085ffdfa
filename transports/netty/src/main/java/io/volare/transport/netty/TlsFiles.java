package io.volare.transport.netty;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/** Reads certificates and keys, and tells whether their files have changed. */
final class TlsFiles {
  private static final String KEY_BEGIN = "-----BEGIN PRIVATE KEY-----";
  private static final String KEY_END = "-----END PRIVATE KEY-----";

  private TlsFiles() {}

  static List<X509Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    List<X509Certificate> read = new ArrayList<>();
    try (InputStream in = Files.newInputStream(file)) {
      for (Certificate each : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        read.add((X509Certificate) each);
      }
    } catch (CertificateException broken) {
      throw new CertificateException(file + ": " + broken.getMessage(), broken);
    }
    if (read.isEmpty()) {
      throw new CertificateException(file + ": no certificate (expected: BEGIN CERTIFICATE)");
    }
    return read;
  }

  /** {@return the key in {@code file}, which belongs to {@code certificate}} */
  static PrivateKey key(Path file, X509Certificate certificate)
      throws IOException, GeneralSecurityException {
    String text = Files.readString(file, StandardCharsets.US_ASCII);
    int begin = text.indexOf(KEY_BEGIN);
    int end = text.indexOf(KEY_END, Math.max(0, begin));
    if (begin < 0 || end < 0) {
      throw new GeneralSecurityException(
          file
              + ": no key (expected: BEGIN PRIVATE KEY, as openssl pkcs8 -topk8 -nocrypt"
              + " writes it)");
    }
    byte[] encoded =
        Base64.getMimeDecoder().decode(text.substring(begin + KEY_BEGIN.length(), end));
    PublicKey certified = certificate.getPublicKey();
    try {
      PrivateKey key =
          KeyFactory.getInstance(certified.getAlgorithm())
              .generatePrivate(new PKCS8EncodedKeySpec(encoded));
      checkPair(key, certified, file);
      return key;
    } catch (InvalidKeySpecException other) {
      throw new GeneralSecurityException(
          file + ": no key that fits the certificate (expected: " + certified.getAlgorithm() + ")");
    }
  }

  /** Two files that are replaced one after the other do not fit for a moment. */
  private static void checkPair(PrivateKey key, PublicKey certified, Path file)
      throws GeneralSecurityException {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> key.getAlgorithm();
        };
    byte[] probe = {1, 2, 3};
    Signature signing = Signature.getInstance(algorithm);
    signing.initSign(key);
    signing.update(probe);
    Signature verifying = Signature.getInstance(algorithm);
    verifying.initVerify(certified);
    verifying.update(probe);
    if (!verifying.verify(signing.sign())) {
      throw new GeneralSecurityException(file + ": the key is not that of the certificate");
    }
  }

  static X509TrustManager trusting(@Nullable List<X509Certificate> authorities)
      throws IOException, GeneralSecurityException {
    KeyStore store = null;
    if (authorities != null) {
      store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (int i = 0; i < authorities.size(); i++) {
        store.setCertificateEntry("authority-" + i, authorities.get(i));
      }
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    for (TrustManager each : factory.getTrustManagers()) {
      if (each instanceof X509TrustManager manager) {
        return manager;
      }
    }
    throw new GeneralSecurityException("this JDK has no trust manager for X.509");
  }

  /** {@return something that is different once one of {@code files} has changed} */
  static String stamp(List<Path> files) {
    StringBuilder stamp = new StringBuilder();
    for (Path file : files) {
      try {
        BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
        stamp.append(now.fileKey()).append(' ').append(now.size()).append(' ');
        stamp.append(now.lastModifiedTime().toInstant()).append('\n');
      } catch (IOException missing) {
        stamp.append("missing\n");
      }
    }
    return stamp.toString();
  }
}
