package io.volare.transport.thrift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.netty.pkitesting.X509Bundle;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.Address;
import io.volare.rpc.CallOptions;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcException;
import io.volare.transport.netty.TlsClientConfig;
import io.volare.transport.netty.TlsIdentity;
import io.volare.transport.netty.TlsPeer;
import io.volare.transport.netty.TlsServerConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ThriftTlsTest {
  private final List<ThriftClient> transports = new ArrayList<>();
  private ThriftServer server;

  @AfterEach
  void stop() {
    transports.forEach(ThriftClient::stop);
    if (server != null) {
      server.stop();
    }
  }

  private ThriftServer.Builder echo() {
    return ThriftServer.builder(Address.tcp("127.0.0.1", 0))
        .service(EchoService.binding((context, request) -> request));
  }

  private void serve(ThriftServer.Builder builder) {
    server = builder.build();
    server.start();
  }

  private RpcClient client(ThriftClientConfig config, TlsClientConfig tls) {
    return client(ThriftClient.to(server.endpoint(), config).with(tls));
  }

  private RpcClient client(ThriftClient transport) {
    transports.add(transport);
    return RpcClient.builder("echo").caller("test").transport(transport);
  }

  @ParameterizedTest
  @EnumSource(WireForm.class)
  void answersEachFormInClearAndOverTlsOnOnePort(WireForm form) throws Exception {
    serve(echo().tlsOrPlain(Certificates.server()));
    ThriftClientConfig config = ThriftClientConfig.DEFAULT.withForm(form);

    for (RpcClient client :
        List.of(
            client(config, Certificates.client()),
            client(config.withMultiplexed(1), Certificates.client()),
            client(ThriftClient.to(server.endpoint(), config)))) {
      assertThat(client.call(EchoService.ECHO, "pling")).isEqualTo("pling");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 16_384, 16_385, 1_000_000})
  void carriesMessagesOfAnySize(int bytes) throws Exception {
    serve(echo().tls(Certificates.server()));
    String text = "x".repeat(bytes);

    for (ThriftClientConfig config :
        List.of(ThriftClientConfig.DEFAULT, ThriftClientConfig.MULTIPLEXED)) {
      assertThat(client(config, Certificates.client()).call(EchoService.ECHO, text))
          .isEqualTo(text);
    }
  }

  @Test
  void doesNotAnswerInClearWhereOnlyTlsIsOffered() throws Exception {
    serve(echo().tls(Certificates.server()));
    RpcClient plain = client(ThriftClient.to(server.endpoint(), ThriftClientConfig.DEFAULT));

    assertThatThrownBy(() -> plain.call(EchoService.ECHO, "secret"))
        .isInstanceOf(RpcException.class);
  }

  @Test
  void tellsHandlersWhoCalls() throws Exception {
    serve(
        ThriftServer.builder(Address.tcp("127.0.0.1", 0))
            .service(
                EchoService.binding(
                    (context, request) -> context.endpoint().tags().get(TlsPeer.SUBJECT)))
            .tls(Certificates.server().withClients(Certificates.TRUST)));
    TlsClientConfig orders = Certificates.client().withIdentity(Certificates.identity("CN=orders"));

    assertThat(client(ThriftClientConfig.DEFAULT, orders).call(EchoService.ECHO, "who"))
        .isEqualTo("CN=orders");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void doesNotRunCallsOfClientsWithoutACertificate(boolean multiplexed) throws Exception {
    AtomicInteger ran = new AtomicInteger();
    serve(
        ThriftServer.builder(Address.tcp("127.0.0.1", 0))
            .service(
                EchoService.binding((context, request) -> {
                  ran.incrementAndGet();
                  return request;
                }))
            .tls(Certificates.server().withClients(Certificates.TRUST)));
    RpcClient client =
        client(
            multiplexed ? ThriftClientConfig.MULTIPLEXED : ThriftClientConfig.DEFAULT,
            Certificates.client());

    RpcException failure =
        catchThrowableOfType(RpcException.class, () -> client.call(EchoService.ECHO, "x"));

    assertThat(failure.kind()).isIn(Kind.UNAUTHENTICATED, Kind.UNAVAILABLE);
    assertThat(ran).hasValue(0);
  }

  @Test
  void saysWhyAServerIsNotBelieved() {
    serve(echo().tls(Certificates.server()));
    RpcClient client =
        client(ThriftClientConfig.DEFAULT, Certificates.client().withServerName("wrong.example"));

    RpcException failure =
        catchThrowableOfType(RpcException.class, () -> client.call(EchoService.ECHO, "x"));

    assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(failure.mayHaveExecuted()).isFalse();
    assertThat(failure)
        .hasMessageContaining(": no TLS connection: the certificate is not for this host");
  }

  @Test
  void drainsWithoutAFailedCall() throws Exception {
    serve(echo().tls(Certificates.server()));
    RpcClient client = client(ThriftClientConfig.MULTIPLEXED, Certificates.client());
    client.call(EchoService.ECHO, "before");

    server.drain(Duration.ofSeconds(5));

    assertThat(server.connections()).isZero();
  }

  @Test
  void readsChangedCertificatesUnderLoadWithoutAFailedCall(@TempDir Path folder) throws Exception {
    serveFiles(folder, Duration.ofMillis(10));
    Load load = new Load();

    for (int i = 1; i <= 10; i++) {
      write(Certificates.issued("CN=server " + i), folder);
      load.awaitCalls(20);
    }
    load.end();

    assertThat(load.failures).isEmpty();
    assertThat(load.calls.get()).isGreaterThanOrEqualTo(200);
  }

  @Test
  void readsCertificatesAgainUnderLoadWhenThatIsAskedForWithoutAFailedCall(@TempDir Path folder)
      throws Exception {
    serveFiles(folder, Duration.ofDays(1));
    Load load = new Load();

    for (int i = 1; i <= 10; i++) {
      X509Bundle next = Certificates.issued("CN=server " + i);
      write(next, folder);
      server.reloadTls();
      assertThat(Certificates.shownBy(server.endpoint())).isEqualTo(next.getCertificate());
      load.awaitCalls(20);
    }
    load.end();

    assertThat(load.failures).isEmpty();
    assertThat(load.calls.get()).isGreaterThanOrEqualTo(200);
  }

  @Test
  void aServerWithoutTlsHasNothingToReadAgain() {
    serve(echo());

    assertThatThrownBy(server::reloadTls)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("expected: started, with tls");
  }

  private void serveFiles(Path folder, Duration reload) throws Exception {
    write(Certificates.issued("CN=server 0"), folder);
    TlsIdentity identity = TlsIdentity.pem(folder.resolve("chain.pem"), folder.resolve("key.pem"));
    serve(echo().tls(TlsServerConfig.of(identity).withReload(reload)));
  }

  private static void write(X509Bundle bundle, Path folder) throws Exception {
    Files.writeString(folder.resolve("chain.pem"), bundle.getCertificatePathPEM());
    Files.writeString(folder.resolve("key.pem"), bundle.getPrivateKeyPEM());
  }

  /** Four callers whose connections live for 20 ms, so that handshakes and changes meet. */
  private final class Load {
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger calls = new AtomicInteger();
    private final List<Exception> failures = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new ArrayList<>();

    Load() {
      ThriftClientConfig config =
          ThriftClientConfig.DEFAULT.withMaxAge(Duration.ofMillis(20)).withPool(4);
      RpcClient client =
          client(config, Certificates.client())
              .with(CallOptions.DEFAULT.withTimeout(Duration.ofSeconds(20)));
      for (int i = 0; i < 4; i++) {
        threads.add(Thread.ofVirtual().start(() -> run(client)));
      }
    }

    private void run(RpcClient client) {
      while (!over.get()) {
        try {
          client.call(EchoService.ECHO, "x");
          calls.incrementAndGet();
        } catch (Exception failed) {
          failures.add(failed);
        }
      }
    }

    void awaitCalls(int more) throws InterruptedException {
      int before = calls.get();
      while (calls.get() < before + more && failures.isEmpty()) {
        Thread.sleep(5);
      }
    }

    void end() throws InterruptedException {
      over.set(true);
      for (Thread thread : threads) {
        thread.join();
      }
    }
  }
}
