package io.volare.registry.etcd;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A certificate for 127.0.0.1 that trusts itself, for both sides; made by the JDK's keytool. */
final class TestTls {
  private static final char[] PASSWORD = "changeit".toCharArray();

  private final Path folder;
  private final KeyStore store;

  TestTls(Path folder) throws Exception {
    this.folder = folder;
    Path file = folder.resolve("store.p12");
    Process keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                "etcd",
                "-keyalg",
                "EC",
                "-dname",
                "CN=etcd",
                "-ext",
                "SAN=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-storepass",
                "changeit",
                "-keystore",
                file.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("keytool.out").toFile())
            .start();
    if (keytool.waitFor() != 0) {
      throw new IllegalStateException(Files.readString(folder.resolve("keytool.out")));
    }
    store = KeyStore.getInstance(file.toFile(), PASSWORD);
    write("cert.pem", "CERTIFICATE", store.getCertificate("etcd").getEncoded());
    write("key.pem", "PRIVATE KEY", store.getKey("etcd", PASSWORD).getEncoded());
  }

  private void write(String file, String type, byte[] content) throws Exception {
    Files.writeString(
        folder.resolve(file),
        "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
            .formatted(type, Base64.getMimeEncoder().encodeToString(content)));
  }

  /** {@return options for a server that speaks TLS only, and wants a certificate from clients} */
  List<String> serverOptions() {
    Path certificate = folder.resolve("cert.pem");
    return List.of(
        "--cert-file=" + certificate,
        "--key-file=" + folder.resolve("key.pem"),
        "--client-cert-auth",
        "--trusted-ca-file=" + certificate);
  }

  /** {@return a client that trusts the certificate, and shows it if it should} */
  SSLContext client(boolean withCertificate) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    Certificate certificate = store.getCertificate("etcd");
    trusted.setCertificateEntry("etcd", certificate);
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(store, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(withCertificate ? keys.getKeyManagers() : null, trust.getTrustManagers(), null);
    return context;
  }
}
