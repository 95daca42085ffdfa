package io.volare.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.OpenSsl;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.Address;
import io.volare.rpc.RpcException;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What clients may do to a server that speaks TLS, as the JDK's own sockets meet it. */
@Timeout(60)
class TlsServerTest {
  private static X509Bundle authority;
  private static X509Bundle certificate;

  private final Counting counting = new Counting();
  private final List<Socket> sockets = new ArrayList<>();
  private ServerPort port;

  @BeforeAll
  static void certify() throws Exception {
    authority =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=authority")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
    certificate = issued(builder -> builder.addSanIpAddress("127.0.0.1"));
  }

  private static X509Bundle issued(UnaryOperator<CertificateBuilder> how) throws Exception {
    return how.apply(new CertificateBuilder().ecp256().subject("CN=somebody"))
        .buildIssuedBy(authority);
  }

  private static TlsServerConfig config() {
    return TlsServerConfig.of(
        TlsIdentity.of(
            certificate.getKeyPair().getPrivate(), certificate.getCertificatePathList()));
  }

  private void open(TlsServerConfig config) {
    open(config, Loops.shared());
  }

  private void open(TlsServerConfig config, Loops loops) {
    port =
        ServerPort.builder(Address.tcp("127.0.0.1", 0))
            .offer(counting)
            .tls(config)
            .loops(loops)
            .build();
    port.start();
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    port.stop();
  }

  private Socket plain() throws IOException {
    int number = ((Address.Tcp) port.endpoint().address()).port();
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), number);
    socket.setSoTimeout(20_000);
    sockets.add(socket);
    return socket;
  }

  private SSLSocket secure(@Nullable X509Bundle shown) throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    trusted.setCertificateEntry("authority", authority.getCertificate());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    KeyManager[] keys = shown == null ? null : shown.toKeyManagerFactory().getKeyManagers();
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys, trust.getTrustManagers(), null);
    Socket plain = plain();
    SSLSocket socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(plain, "127.0.0.1", plain.getPort(), true);
    sockets.add(socket);
    return socket;
  }

  /** {@return whether the server greets a client that shows this} */
  private boolean greets(@Nullable X509Bundle shown) throws Exception {
    try {
      return secure(shown).getInputStream().read() == 'h';
    } catch (IOException refused) {
      return false;
    }
  }

  // ---- certificates of clients

  @ParameterizedTest
  @EnumSource(TlsProvider.class)
  void aClientWhoseCertificateHasExpiredIsNotYetValidOrIsForServersIsRefused(TlsProvider provider)
      throws Exception {
    assumeTrue(provider != TlsProvider.OPENSSL || OpenSsl.isAvailable());
    Instant now = Instant.now();
    open(
        config()
            .withClients(TlsTrust.of(List.of(authority.getCertificate())))
            .withProvider(provider));

    assertThat(greets(issued(builder -> builder))).isTrue();
    assertThat(greets(issued(CertificateBuilder::addExtendedKeyUsageClientAuth))).isTrue();
    assertThat(counting.opened).hasValue(2);
    assertThat(
            greets(
                issued(builder ->
                    builder.notBefore(now.minusSeconds(7_200)).notAfter(now.minusSeconds(3_600)))))
        .isFalse();
    assertThat(
            greets(
                issued(builder ->
                    builder.notBefore(now.plusSeconds(3_600)).notAfter(now.plusSeconds(7_200)))))
        .isFalse();
    assertThat(greets(issued(CertificateBuilder::addExtendedKeyUsageServerAuth))).isFalse();
    assertThat(greets(null)).isFalse();
    assertThat(counting.opened).hasValue(2);
  }

  // ---- old versions

  /** A hello of a client that knows nothing newer, with suites that a server of its time had. */
  private static byte[] hello(int version) {
    ByteBuf body = Unpooled.buffer();
    body.writeShort(version).writeZero(32).writeByte(0);
    body.writeShort(6).writeShort(0xc009).writeShort(0xc013).writeShort(0x2f);
    body.writeByte(1).writeByte(0);
    ByteBuf hello = Unpooled.buffer();
    hello.writeByte(0x16).writeShort(0x0301).writeShort(body.readableBytes() + 4);
    hello.writeByte(1).writeMedium(body.readableBytes()).writeBytes(body);
    return ByteBufUtil.getBytes(hello);
  }

  @ParameterizedTest
  @EnumSource(TlsProvider.class)
  void versionsBefore12AreRefusedByAnAlertThatSaysSo(TlsProvider provider) throws Exception {
    assumeTrue(provider != TlsProvider.OPENSSL || OpenSsl.isAvailable());
    open(config().withProvider(provider));

    for (int version : new int[] {0x0300, 0x0301, 0x0302}) {
      Socket socket = plain();
      socket.getOutputStream().write(hello(version));
      DataInputStream in = new DataInputStream(socket.getInputStream());

      assertThat(in.readUnsignedByte()).as("a record of type alert").isEqualTo(21);
      in.skipNBytes(4);
      assertThat(in.readUnsignedByte()).as("fatal").isEqualTo(2);
      assertThat(in.readUnsignedByte()).as("protocol_version").isEqualTo(70);
      assertThat(ends(socket)).isTrue();
    }
    assertThat(counting.opened).hasValue(0);
  }

  private static boolean ends(Socket socket) throws IOException {
    try {
      return socket.getInputStream().readAllBytes().length >= 0;
    } catch (SocketException reset) {
      return true;
    }
  }

  // ---- handshakes that do not end

  private Socket half(int bytes) throws IOException {
    return half(bytes, "127.0.0.1");
  }

  private Socket half(int bytes, String from) throws IOException {
    int number = ((Address.Tcp) port.endpoint().address()).port();
    Socket socket =
        new Socket(InetAddress.getLoopbackAddress(), number, InetAddress.getByName(from), 0);
    socket.setSoTimeout(20_000);
    sockets.add(socket);
    byte[] begun = new byte[5 + bytes];
    begun[0] = 0x16;
    begun[1] = 3;
    begun[2] = 1;
    begun[3] = 0x40; // a record of 16 KiB
    socket.getOutputStream().write(begun);
    return socket;
  }

  @Test
  void ofHandshakesThatDoNotEndTheOldestGiveWay() throws Exception {
    Loops one = Loops.create(1); // several would not take them in the order in which they come
    open(config().withHandshakes(10).withHandshake(Duration.ofMinutes(10)), one);
    List<Socket> begun = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      begun.add(half(1_000));
    }

    assertThat(greets(null)).isTrue();

    while (port.connections() > 11) {
      Thread.onSpinWait();
    }
    int ended = 0;
    for (Socket each : begun) {
      ended += hasEnded(each) ? 1 : 0;
    }
    assertThat(ended).isBetween(20, 21); // the handshake that ended was one of ten for a while
    assertThat(hasEnded(begun.getFirst())).as("the oldest").isTrue();
    assertThat(hasEnded(begun.getLast())).as("the newest").isFalse();
    assertThat(counting.opened).hasValue(1);
    port.close();
    one.close();
  }

  private static boolean hasEnded(Socket socket) throws IOException {
    socket.setSoTimeout(1);
    try {
      return ends(socket);
    } catch (SocketTimeoutException open) {
      return false;
    }
  }

  @Test
  void ofHandshakesOfOneAddressThatDoNotEndItsOwnOldestGiveWayAndNobodyElses() throws Exception {
    Loops one = Loops.create(1); // several would not take them in the order in which they come
    open(
        config()
            .withHandshakes(40)
            .withHandshakesPerAddress(5)
            .withHandshake(Duration.ofMinutes(10)),
        one);
    List<Socket> patient = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      patient.add(half(1_000, "127.0.0.2"));
    }
    List<Socket> greedy = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      greedy.add(half(1_000, "127.0.0.3"));
    }

    assertThat(greets(null)).isTrue(); // after all of them, in their order

    while (port.connections() > 11) {
      Thread.onSpinWait();
    }
    for (Socket each : patient) {
      assertThat(hasEnded(each)).as("a handshake of another address").isFalse();
    }
    for (int i = 0; i < 30; i++) {
      assertThat(hasEnded(greedy.get(i))).as("handshake " + i).isEqualTo(i < 25);
    }
    port.close();
    one.close();
  }

  @Test
  void anAddressMayBeginAgainWhatItHasEnded() throws Exception {
    open(config().withHandshakesPerAddress(1));

    for (int i = 0; i < 5; i++) {
      assertThat(greets(null)).isTrue();
    }
    assertThatThrownBy(() -> config().withHandshakesPerAddress(0))
        .hasMessage("handshakesPerAddress: 0 (expected: >= 1)");
  }

  @Test
  void aHandshakeThatHasEndedNeverGivesWay() throws Exception {
    open(config().withHandshakes(1).withHandshake(Duration.ofMinutes(10)));
    SSLSocket first = secure(null);
    assertThat(first.getInputStream().read()).isEqualTo('h');
    for (int i = 0; i < 5; i++) {
      half(1_000);
    }
    assertThat(greets(null)).isTrue();

    first.getOutputStream().write('x');
    assertThat(first.getInputStream().read()).isEqualTo('x');
  }

  // ---- reading files again

  private static void write(X509Bundle bundle, Path chain, Path key) throws IOException {
    Files.writeString(chain, bundle.getCertificatePathPEM());
    Files.writeString(key, bundle.getPrivateKeyPEM());
  }

  private X509Certificate shown() throws Exception {
    SSLSocket socket = secure(null);
    socket.startHandshake();
    Certificate first = socket.getSession().getPeerCertificates()[0];
    return (X509Certificate) first;
  }

  @Test
  void filesAreReadAgainWhenThatIsAskedFor(@TempDir Path folder) throws Exception {
    Path chain = folder.resolve("chain.pem");
    Path key = folder.resolve("key.pem");
    write(certificate, chain, key);
    open(TlsServerConfig.of(TlsIdentity.pem(chain, key)).withReload(Duration.ofDays(1)));
    SSLSocket open = secure(null);
    assertThat(open.getInputStream().read()).isEqualTo('h');
    assertThat(shown()).isEqualTo(certificate.getCertificate());

    X509Bundle next = issued(builder -> builder.addSanIpAddress("127.0.0.1"));
    write(next, chain, key);
    assertThat(shown()).isEqualTo(certificate.getCertificate());
    port.reloadTls();
    assertThat(shown()).isEqualTo(next.getCertificate());

    Files.writeString(chain, "nothing");
    assertThatThrownBy(port::reloadTls)
        .isInstanceOfSatisfying(
            RpcException.class,
            failure -> assertThat(failure.kind()).isEqualTo(Kind.FAILED_PRECONDITION))
        .hasMessageContaining("the former stays");
    assertThat(shown()).isEqualTo(next.getCertificate());
    open.getOutputStream().write('x');
    assertThat(open.getInputStream().read()).isEqualTo('x');
  }

  @Test
  void aPortWithoutTlsHasNothingToReadAgain() {
    port = ServerPort.builder(Address.tcp("127.0.0.1", 0)).offer(counting).build();
    port.start();

    assertThatThrownBy(port::reloadTls)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("expected: started, with tls");
  }

  /** Says h, and whatever it is told. */
  private static final class Counting implements Protocol {
    private final AtomicInteger opened = new AtomicInteger();

    @Override
    public String name() {
      return "counting";
    }

    @Override
    public Set<String> alpn() {
      return Set.of();
    }

    @Override
    public Match match(ByteBuf first) {
      return Match.YES;
    }

    @Override
    public Connection open(Channel channel, ServerPort port) {
      opened.incrementAndGet();
      channel
          .pipeline()
          .addLast(
              new ChannelInboundHandlerAdapter() {
                @Override
                public void channelActive(ChannelHandlerContext context) {
                  context.writeAndFlush(Unpooled.copiedBuffer(new byte[] {'h'}));
                }

                @Override
                public void channelRead(ChannelHandlerContext context, Object message) {
                  context.writeAndFlush(message);
                }
              });
      return channel::close;
    }
  }
}
