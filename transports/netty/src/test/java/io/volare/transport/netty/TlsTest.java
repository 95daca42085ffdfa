package io.volare.transport.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslHandler;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.ReferenceCountUtil;
import io.volare.motore.Deadline;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Time;
import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import io.volare.rpc.RpcException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class TlsTest {
  private static X509Bundle authority;
  private static X509Bundle server;
  private static X509Bundle client;

  private final Greeting greeting = new Greeting("hello", Set.of());
  private ServerPort port;

  @BeforeAll
  static void certify() throws Exception {
    authority = authority("CN=authority");
    server = issued(authority, builder -> builder.addSanDnsName("right.example"));
    client =
        issued(
            authority,
            builder ->
                builder
                    .addSanDnsName("client.example")
                    .addSanUriName(java.net.URI.create("spiffe://example/orders")));
  }

  private static X509Bundle authority(String name) throws Exception {
    return new CertificateBuilder()
        .ecp256()
        .subject(name)
        .setIsCertificateAuthority(true)
        .buildSelfSigned();
  }

  private static X509Bundle issued(
      X509Bundle authority, java.util.function.UnaryOperator<CertificateBuilder> names)
      throws Exception {
    return names
        .apply(new CertificateBuilder().ecp256().subject("CN=somebody"))
        .buildIssuedBy(authority);
  }

  private static TlsIdentity identity(X509Bundle bundle) {
    return TlsIdentity.of(bundle.getKeyPair().getPrivate(), bundle.getCertificatePathList());
  }

  private static TlsTrust trust(X509Bundle authority) {
    return TlsTrust.of(List.of(authority.getCertificate()));
  }

  private static TlsClientConfig right() {
    return TlsClientConfig.of(trust(authority)).withServerName("right.example");
  }

  @AfterEach
  void stop() {
    if (port != null) {
      port.stop();
    }
  }

  private void open(TlsServerConfig config) {
    port = ServerPort.builder(Address.tcp("127.0.0.1", 0)).offer(greeting).tls(config).build();
    port.start();
  }

  /** {@return what the server says first} */
  private String greeted(TlsClientConfig config) throws InterruptedException {
    return greeted(config, Set.of());
  }

  private String greeted(TlsClientConfig config, Set<String> alpn) throws InterruptedException {
    BlockingQueue<String> received = new LinkedBlockingQueue<>();
    Connector connector = Connector.of(Loops.shared(), Duration.ofSeconds(5)).withTls(config, alpn);
    Channel channel = connect(connector, port.endpoint().address(), received, 5);
    try {
      return String.valueOf(received.poll(5, TimeUnit.SECONDS));
    } finally {
      channel.close();
    }
  }

  private static Channel connect(
      Connector connector, Address address, BlockingQueue<String> received, int seconds)
      throws InterruptedException {
    ChannelFuture connecting = connector.start(address, new Collecting(received), "Test/test");
    boolean done = false;
    try {
      Channel channel =
          connector.await(
              connecting, "Test/test", Deadline.after(Duration.ofSeconds(seconds), Time.SYSTEM));
      done = true;
      return channel;
    } finally {
      if (!done) {
        connecting.cancel(false);
      }
    }
  }

  private RpcException refused(TlsClientConfig config) {
    return catchThrowableOfType(RpcException.class, () -> greeted(config));
  }

  enum TrustKind {
    PEM,
    CERTIFICATES,
    EXTENDED_MANAGER,
    PLAIN_MANAGER;

    TlsTrust of(X509Bundle authority) throws Exception {
      X509TrustManager manager = TlsFiles.trusting(List.of(authority.getCertificate()));
      return switch (this) {
        case PEM -> TlsTrust.pem(authority.toTempRootCertPem().toPath());
        case CERTIFICATES -> trust(authority);
        case EXTENDED_MANAGER -> TlsTrust.of(manager);
        case PLAIN_MANAGER -> TlsTrust.of(new Plain(manager));
      };
    }
  }

  record Cell(TlsProvider provider, TrustKind trust) {}

  static Stream<Cell> cells() {
    return Stream.of(TlsProvider.JDK, TlsProvider.OPENSSL)
        .filter(provider -> provider == TlsProvider.JDK || OpenSsl.isAvailable())
        .flatMap(provider -> Stream.of(TrustKind.values()).map(kind -> new Cell(provider, kind)));
  }

  @ParameterizedTest
  @MethodSource("cells")
  void takesACertificateOfTheRightHostAndNoOther(Cell cell) throws Exception {
    X509Bundle both =
        issued(
            authority, names -> names.addSanDnsName("right.example").addSanIpAddress("127.0.0.1"));
    TlsClientConfig config =
        TlsClientConfig.of(cell.trust().of(authority)).withProvider(cell.provider());

    open(TlsServerConfig.of(identity(both)).withProvider(cell.provider()));
    assertThat(greeted(config)).isEqualTo("hello"); // by its address
    assertThat(greeted(config.withServerName("right.example"))).isEqualTo("hello");
    RpcException wrong = refused(config.withServerName("wrong.example"));
    RpcException wrongAddress = refused(config.withServerName("127.0.0.2"));

    for (RpcException failure : List.of(wrong, wrongAddress)) {
      assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE);
      assertThat(failure.mayHaveExecuted()).isFalse();
      assertThat(failure).hasMessageContaining("the certificate is not for this host");
    }
    assertThat(greeted(config.withServerName("wrong.example").withInsecureAnyHost()))
        .isEqualTo("hello");
  }

  @ParameterizedTest
  @MethodSource("cells")
  void refusesACertificateOfAnAuthorityThatIsNotTrusted(Cell cell) throws Exception {
    TlsClientConfig config =
        TlsClientConfig.of(cell.trust().of(authority("CN=other")))
            .withServerName("right.example")
            .withProvider(cell.provider());
    open(TlsServerConfig.of(identity(server)).withProvider(cell.provider()));

    RpcException failure = refused(config);

    assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(failure)
        .hasMessageStartingWith("Test/test: no TLS connection: ")
        .hasMessageContaining("self-signed or of an authority that is not trusted");
    assertThat(refused(config.withInsecureAnyHost())).isNotNull();
  }

  @ParameterizedTest
  @EnumSource(TlsProvider.class)
  void refusesAnExpiredAndASelfSignedCertificateInWords(TlsProvider provider) throws Exception {
    assumeTrue(provider != TlsProvider.OPENSSL || OpenSsl.isAvailable());
    X509Bundle expired =
        issued(
            authority,
            builder ->
                builder
                    .addSanDnsName("right.example")
                    .notBefore(Instant.now().minusSeconds(7200))
                    .notAfter(Instant.now().minusSeconds(3600)));
    X509Bundle selfSigned =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=self")
            .addSanDnsName("right.example")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();

    open(TlsServerConfig.of(identity(expired)));
    RpcException late = refused(right().withProvider(provider));
    port.stop();
    open(TlsServerConfig.of(identity(selfSigned)));
    RpcException unknown = refused(right().withProvider(provider));

    assertThat(late).hasMessageContaining("the certificate has expired");
    assertThat(unknown).hasMessageContaining("the certificate is self-signed");
  }

  @ParameterizedTest
  @EnumSource(TlsProvider.class)
  void speaksTls13And12AndNothingOlder(TlsProvider provider) {
    assumeTrue(provider != TlsProvider.OPENSSL || OpenSsl.isAvailable());
    TlsServerConfig config = TlsServerConfig.of(identity(server)).withProvider(provider);
    SslHandler handler =
        TlsContext.server(config, Set.of()).handler(UnpooledByteBufAllocator.DEFAULT);

    assertThat(handler.engine().getEnabledProtocols())
        .contains("TLSv1.3", "TLSv1.2")
        .doesNotContain("SSLv3", "TLSv1", "TLSv1.1");
    assertThat(handler.getHandshakeTimeoutMillis()).isEqualTo(10_000);
    ReferenceCountUtil.release(handler.engine());
  }

  @ParameterizedTest
  @EnumSource(TlsProvider.class)
  void knowsClientsByTheirCertificates(TlsProvider provider) throws Exception {
    assumeTrue(provider != TlsProvider.OPENSSL || OpenSsl.isAvailable());
    open(TlsServerConfig.of(identity(server)).withClients(trust(authority)).withProvider(provider));

    String answer = greeted(right().withIdentity(identity(client)).withProvider(provider));

    assertThat(answer).isEqualTo("hello");
    assertThat(greeting.peers.poll(5, TimeUnit.SECONDS).tags())
        .containsEntry(TlsPeer.VERSION, "TLSv1.3")
        .containsEntry(TlsPeer.SUBJECT, "CN=somebody")
        .containsEntry(TlsPeer.DNS, "client.example")
        .containsEntry(TlsPeer.URI, "spiffe://example/orders");
  }

  @Test
  void doesNotServeClientsWhoseCertificateIsMissingOrOfAnotherAuthority() throws Exception {
    open(TlsServerConfig.of(identity(server)).withClients(trust(authority)));
    X509Bundle stranger = issued(authority("CN=other"), builder -> builder);

    for (TlsClientConfig config : List.of(right(), right().withIdentity(identity(stranger)))) {
      String outcome;
      try {
        outcome = greeted(config);
      } catch (RpcException refused) {
        outcome = "refused";
      }
      assertThat(outcome).isIn("refused", "null", "closed", "UNAUTHENTICATED");
    }
    assertThat(greeting.peers).isEmpty();
  }

  @Test
  void tellsHandlersThatAConnectionIsEncryptedWhereClientsNeedNoCertificate() throws Exception {
    open(TlsServerConfig.of(identity(server)));

    greeted(right());

    assertThat(greeting.peers.poll(5, TimeUnit.SECONDS).tags())
        .containsOnly(java.util.Map.entry(TlsPeer.VERSION, "TLSv1.3"));
  }

  @Test
  void choosesTheProtocolThatAlpnNames() throws Exception {
    Greeting named = new Greeting("named", Set.of("h9"));
    port =
        ServerPort.builder(Address.tcp("127.0.0.1", 0))
            .offer(greeting)
            .offer(named)
            .tls(TlsServerConfig.of(identity(server)))
            .build();
    port.start();

    assertThat(greeted(right(), Set.of("h9"))).isEqualTo("named");
    assertThat(greeted(right())).isEqualTo("hello");
    RpcException failure =
        catchThrowableOfType(RpcException.class, () -> greeted(right(), Set.of("h10")));
    assertThat(failure).hasMessageContaining("the server chose null by ALPN (expected: [h10])");
  }

  @Test
  void refusesAConnectionThatNamesNoProtocolWhereAllHaveNames() throws Exception {
    Greeting named = new Greeting("named", Set.of("h9"));
    port =
        ServerPort.builder(Address.tcp("127.0.0.1", 0))
            .offer(named)
            .tls(TlsServerConfig.of(identity(server)))
            .build();
    port.start();

    assertThat(greeted(right())).isEqualTo("closed");
    assertThat(named.peers).isEmpty();
  }

  @Test
  void speaksTlsAndClearOnOnePortWhereBothAreAllowed() throws Exception {
    port =
        ServerPort.builder(Address.tcp("127.0.0.1", 0))
            .offer(new Greeting("echo", Set.of()))
            .tlsOrPlain(TlsServerConfig.of(identity(server)))
            .build();
    port.start();

    try (Socket plain = plain()) {
      plain.getOutputStream().write("x".getBytes(US_ASCII));
      assertThat(new String(plain.getInputStream().readNBytes(4), US_ASCII)).isEqualTo("echo");
    }
    assertThat(greeted(right())).isEqualTo("echo");
  }

  private Socket plain() throws IOException {
    int number = ((Address.Tcp) port.endpoint().address()).port();
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), number);
    socket.setSoTimeout(5_000);
    return socket;
  }

  @Test
  void closesWhoDoesNotSpeakTlsAndWhoDoesNotEndTheHandshake() throws Exception {
    open(TlsServerConfig.of(identity(server)).withHandshake(Duration.ofMillis(300)));

    try (Socket silent = plain();
        Socket half = plain();
        Socket clear = plain()) {
      half.getOutputStream().write(new byte[] {0x16, 3, 1, 2, 0, 1});
      clear.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(US_ASCII));

      for (Socket socket : List.of(clear, silent, half)) {
        assertThat(endsWithin5Seconds(socket)).isTrue();
      }
    }
    assertThat(greeting.peers).isEmpty();
  }

  private static boolean endsWithin5Seconds(Socket socket) throws IOException {
    try {
      socket.getInputStream().readAllBytes(); // an alert, if anything
      return true;
    } catch (SocketException reset) {
      return true;
    }
  }

  @Test
  void saysThatAPeerDoesNotSpeakTlsAndThatItIsSilent() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Address address = Address.tcp("127.0.0.1", other.getLocalPort());
      Connector connector =
          Connector.of(Loops.shared(), Duration.ofSeconds(5)).withTls(right(), Set.of());

      RpcException late =
          catchThrowableOfType(
              RpcException.class,
              () -> connect(connector, address, new LinkedBlockingQueue<>(), 1));
      assertThat(late.kind()).isEqualTo(Kind.DEADLINE_EXCEEDED);
      assertThat(late.mayHaveExecuted()).isFalse();
      other.accept().close();

      Thread.ofVirtual()
          .start(() -> {
            try (Socket accepted = other.accept()) {
              accepted.getOutputStream().write("220 mail.example ESMTP\r\n".getBytes(US_ASCII));
              accepted.getInputStream().readAllBytes();
            } catch (IOException ended) {
              // the client closes
            }
          });
      assertThatThrownBy(() -> connect(connector, address, new LinkedBlockingQueue<>(), 5))
          .hasMessage("Test/test: no TLS connection: the peer does not speak TLS");
    }
  }

  @ParameterizedTest
  @EnumSource(TlsProvider.class)
  void servesChangedFilesWithoutARefusedConnection(TlsProvider provider, @TempDir Path folder)
      throws Exception {
    assumeTrue(provider != TlsProvider.OPENSSL || OpenSsl.isAvailable());
    Path chain = folder.resolve("chain.pem");
    Path key = folder.resolve("key.pem");
    Path authorities = folder.resolve("authorities.pem");
    write(server, chain, key);
    Files.writeString(authorities, authority.getCertificatePEM());
    open(
        TlsServerConfig.of(TlsIdentity.pem(chain, key))
            .withReload(Duration.ofMillis(20))
            .withProvider(provider));
    TlsClientConfig config =
        TlsClientConfig.of(TlsTrust.pem(authorities))
            .withServerName("right.example")
            .withReload(Duration.ofMillis(1))
            .withProvider(provider);
    Connector connector =
        Connector.of(Loops.shared(), Duration.ofSeconds(5)).withTls(config, Set.of());
    X509Bundle next = issued(authority, builder -> builder.addSanDnsName("right.example"));

    boolean changed = false;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    for (int i = 0; !changed && System.nanoTime() < end; i++) {
      if (i == 5) {
        Files.writeString(chain, "half of it"); // as while it is being written
      }
      if (i == 15) {
        write(next, chain, key);
      }
      BlockingQueue<String> received = new LinkedBlockingQueue<>();
      Channel channel = connect(connector, port.endpoint().address(), received, 5);
      changed = shown(channel).equals(next.getCertificate());
      assertThat(received.poll(5, TimeUnit.SECONDS)).isEqualTo("hello");
      channel.close();
    }
    assertThat(changed).isTrue();
  }

  private static X509Certificate shown(Channel channel) throws Exception {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    return (X509Certificate) tls.engine().getSession().getPeerCertificates()[0];
  }

  private static void write(X509Bundle bundle, Path chain, Path key) throws IOException {
    Files.writeString(chain, bundle.getCertificatePathPEM());
    Files.writeString(key, bundle.getPrivateKeyPEM());
  }

  @Test
  void doesNotStartWithFilesThatCannotBeUsedAndSaysWhy(@TempDir Path folder) throws Exception {
    Path chain = folder.resolve("chain.pem");
    Path key = folder.resolve("key.pem");
    Files.writeString(chain, server.getCertificatePathPEM());
    Files.writeString(key, client.getPrivateKeyPEM());

    assertThatThrownBy(() -> open(TlsServerConfig.of(TlsIdentity.pem(chain, key))))
        .isInstanceOf(RpcException.class)
        .hasMessageContaining("the key is not that of the certificate");
    Files.writeString(key, "-----BEGIN EC PRIVATE KEY-----");
    assertThatThrownBy(() -> open(TlsServerConfig.of(TlsIdentity.pem(chain, key))))
        .hasMessageContaining("expected: BEGIN PRIVATE KEY");
    Files.writeString(chain, "");
    assertThatThrownBy(() -> open(TlsServerConfig.of(TlsIdentity.pem(chain, key))))
        .hasMessageContaining("no certificate");
  }

  @Test
  void printsNothingOfAKey() {
    String key = String.valueOf(server.getKeyPair().getPrivate());

    assertThat(TlsServerConfig.of(identity(server)).toString())
        .contains("CN=somebody")
        .doesNotContain(key);
    assertThat(right().withIdentity(identity(client)).toString()).doesNotContain(key);
  }

  @Test
  void refusesSettingsThatMakeNoSense() {
    assertThatThrownBy(() -> TlsClientConfig.DEFAULT.withHandshake(Duration.ZERO))
        .hasMessage("handshake: PT0S (expected: >= 1 ms)");
    assertThatThrownBy(() -> TlsServerConfig.of(identity(server)).withReload(Duration.ZERO))
        .hasMessage("reload: PT0S (expected: >= 1 ms)");
    assertThatThrownBy(() -> TlsTrust.of(List.of()))
        .hasMessage("authorities: 0 certificates (expected: >= 1)");
    assertThat(TlsClientConfig.DEFAULT.insecureAnyHost()).isFalse();
  }

  @Test
  void asksForAHostsNameWhereTheAddressHasNone(@TempDir Path folder) {
    Connector connector =
        Connector.of(Loops.shared(), Duration.ofSeconds(1))
            .withTls(TlsClientConfig.of(trust(authority)), Set.of());

    assertThatThrownBy(() ->
            connector.start(
                Address.unix(folder.resolve("s")),
                new Collecting(new LinkedBlockingQueue<>()),
                "Test/test"))
        .hasMessageContaining("TlsClientConfig.withServerName");
  }

  /** Knows certificates, and not what they are for. */
  private record Plain(X509TrustManager manager) implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws java.security.cert.CertificateException {
      manager.checkClientTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws java.security.cert.CertificateException {
      manager.checkServerTrusted(chain, type);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return manager.getAcceptedIssuers();
    }
  }

  /** Says one word as soon as a connection is active. */
  private static final class Greeting implements Protocol {
    final BlockingQueue<Endpoint> peers = new LinkedBlockingQueue<>();
    private final String word;
    private final Set<String> alpn;

    Greeting(String word, Set<String> alpn) {
      this.word = word;
      this.alpn = alpn;
    }

    @Override
    public String name() {
      return word;
    }

    @Override
    public Set<String> alpn() {
      return alpn;
    }

    @Override
    public Match match(ByteBuf first) {
      return Match.startsWith(first, new byte[] {'x'});
    }

    @Override
    public Connection open(Channel channel, ServerPort port) {
      peers.add(ServerPort.peer(channel));
      channel
          .pipeline()
          .addLast(
              new ChannelInboundHandlerAdapter() {
                @Override
                public void channelActive(ChannelHandlerContext context) {
                  context.writeAndFlush(Unpooled.copiedBuffer(word, US_ASCII));
                }

                @Override
                public void channelRead(ChannelHandlerContext context, Object message) {
                  ((ByteBuf) message).release();
                }
              });
      return channel::close;
    }
  }

  /** Keeps what comes, and why nothing more will. */
  private static final class Collecting extends ChannelInboundHandlerAdapter {
    private final BlockingQueue<String> received;

    Collecting(BlockingQueue<String> received) {
      this.received = received;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      received.add(bytes.toString(US_ASCII));
      bytes.release();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      received.add("closed");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
      received.add(failure instanceof RpcException typed ? typed.kind().name() : "closed");
      context.close();
    }
  }
}
