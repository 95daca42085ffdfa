package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.volare.rpc.Address;
import io.volare.transport.netty.TlsIdentity;
import io.volare.transport.netty.TlsServerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server that speaks TLS, as the JDK's own sockets meet it. */
@Timeout(30)
class GrpcServerTlsTest {
  private X509Bundle certificate;
  private GrpcServer server;

  @BeforeEach
  void start() throws Exception {
    certificate = selfSigned();
    TlsIdentity identity =
        TlsIdentity.of(certificate.getKeyPair().getPrivate(), certificate.getCertificatePathList());
    server =
        GrpcServer.builder(Address.tcp("127.0.0.1", 0))
            .service(EchoService.binding(EchoService::answer))
            .tlsOrPlain(TlsServerConfig.of(identity))
            .build();
    server.start();
  }

  private static X509Bundle selfSigned() throws Exception {
    return new CertificateBuilder()
        .ecp256()
        .subject("CN=server")
        .addSanIpAddress("127.0.0.1")
        .setIsCertificateAuthority(true)
        .buildSelfSigned();
  }

  @AfterEach
  void stop() {
    server.stop();
  }

  private SSLSocket connect(String... protocols) throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    trusted.setCertificateEntry("server", certificate.getCertificate());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    Address.Tcp address = (Address.Tcp) server.endpoint().address();
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(address.host(), address.port());
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(protocols);
    socket.setSSLParameters(parameters);
    socket.setSoTimeout(10_000);
    socket.startHandshake();
    return socket;
  }

  @Test
  void callsAreAnsweredOverTlsAndInClearOnOnePort() throws Exception {
    try (RawPeer secret = RawPeer.over(connect("h2"));
        RawPeer plain = RawPeer.connect(server.endpoint())) {
      secret.stillServes(1);
      secret.stillServes(3);
      plain.stillServes(1);
    }
  }

  @Test
  void whoDoesNotSayH2IsRefused() {
    assertThatThrownBy(
            () -> {
              try (SSLSocket socket = connect("http/1.1")) {
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
                throw new IOException("closed");
              }
            })
        .isInstanceOf(IOException.class);
  }

  @Test
  void drainingSaysGoodbyeOverTls() throws Exception {
    try (RawPeer peer = RawPeer.over(connect("h2"))) {
      peer.stillServes(1);

      Thread drainer =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  server.drain(Duration.ofSeconds(10));
                } catch (InterruptedException impossible) {
                  throw new IllegalStateException(impossible);
                }
              });

      assertThat(peer.await(RawPeer.GOAWAY).error()).isZero();
      assertThat(peer.end()).isNotNull();
      drainer.join();
    }
  }

  @Test
  void callsThatRunDoNotNoticeThatFilesAreReadAgain(@TempDir Path folder) throws Exception {
    Path chain = folder.resolve("chain.pem");
    Path key = folder.resolve("key.pem");
    write(certificate, chain, key);
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    server.stop();
    server =
        GrpcServer.builder(Address.tcp("127.0.0.1", 0))
            .service(
                EchoService.binding((context, request) -> {
                  started.countDown();
                  release.await();
                  return request;
                }))
            .tls(TlsServerConfig.of(TlsIdentity.pem(chain, key)).withReload(Duration.ofDays(1)))
            .build();
    server.start();
    try (RawPeer running = RawPeer.over(connect("h2"))) {
      running.unary(1, "x").flush();
      started.await();

      certificate = selfSigned();
      write(certificate, chain, key);
      server.reloadTls();

      try (RawPeer next = RawPeer.over(connect("h2"))) {
        next.unary(1, "x").flush();
        release.countDown();
        assertThat(next.trailers(1).get("grpc-status")).hasToString("0");
      }
      assertThat(running.trailers(1).get("grpc-status")).hasToString("0");
      running.stillServes(3);
    }
  }

  private static void write(X509Bundle bundle, Path chain, Path key) throws IOException {
    Files.writeString(chain, bundle.getCertificatePathPEM());
    Files.writeString(key, bundle.getPrivateKeyPEM());
  }
}
