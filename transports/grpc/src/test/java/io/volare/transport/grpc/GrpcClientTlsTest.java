package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.StringValue;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.volare.motore.AsyncCall;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Services;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcException;
import io.volare.transport.grpc.ScriptedServer.Frame;
import io.volare.transport.grpc.ScriptedServer.Peer;
import io.volare.transport.netty.TlsClientConfig;
import io.volare.transport.netty.TlsTrust;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The client against a server on the JDK's own TLS. */
@Timeout(60)
class GrpcClientTlsTest {
  private static final StringValue HELLO = StringValue.of("hello");

  private static X509Bundle authority;

  private ScriptedServer server;
  private GrpcClient transport;

  @BeforeAll
  static void certify() throws Exception {
    authority =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=authority")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
  }

  private static X509Bundle issued(UnaryOperator<CertificateBuilder> how) throws Exception {
    CertificateBuilder builder =
        new CertificateBuilder().ecp256().subject("CN=server").addSanDnsName("right.example");
    return how.apply(builder).buildIssuedBy(authority);
  }

  private void serve(X509Bundle certificate, @Nullable String alpn) throws Exception {
    SSLContext tls = SSLContext.getInstance("TLS");
    tls.init(certificate.toKeyManagerFactory().getKeyManagers(), null, null);
    server = ScriptedServer.tls(tls, alpn);
  }

  private AsyncCall<@Nullable Object> call(String host) {
    GrpcClientConfig config =
        GrpcClientConfig.DEFAULT.withConnectTimeout(Duration.ofSeconds(10)).withAuthority(host);
    TlsClientConfig tls =
        TlsClientConfig.of(TlsTrust.of(List.of(authority.getCertificate()))).withServerName(host);
    transport = GrpcClient.to(server.endpoint(), config).with(tls);
    RpcClient client = RpcClient.builder("callee").transport(transport);
    return Services.callAsync(() -> client.call(GrpcClientTest.ECHO, HELLO));
  }

  /** The server's part of a handshake that the client breaks off. */
  private RpcException refused(AsyncCall<?> call) {
    AsyncCall<@Nullable Object> accepting = Services.callAsync(() -> server.acceptSilently());
    RpcException refused = (RpcException) catchThrowable(call::join);
    catchThrowable(accepting::join);
    assertThat(refused.kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(refused.mayHaveExecuted()).isFalse();
    return refused;
  }

  @AfterEach
  void stopBoth() throws IOException {
    transport.stop();
    server.close();
  }

  @Test
  void callsOverTlsWithH2ByAlpn() throws Exception {
    serve(issued(builder -> builder), "h2");
    AsyncCall<?> call = call("right.example");
    Peer peer = server.accept();
    Frame frame = peer.next(ScriptedServer.HEADERS);
    Http2Headers headers = peer.headers(frame);
    peer.next(ScriptedServer.DATA);
    peer.answer(frame.stream(), HELLO);

    assertThat(call.join()).isEqualTo(HELLO);
    assertThat(headers.scheme()).hasToString("https");
    assertThat(headers.authority()).hasToString("right.example");
    assertThat(transport).hasToString(server.endpoint() + " gRPC over TLS");
  }

  @Test
  void aCertificateForAnotherHostIsRefused() throws Exception {
    serve(issued(builder -> builder), "h2");

    assertThat(refused(call("wrong.example"))).hasMessageContaining("not for this host");
  }

  @Test
  void anExpiredCertificateIsRefused() throws Exception {
    Instant past = Instant.now().minusSeconds(1_000);
    serve(issued(builder -> builder.notBefore(past.minusSeconds(9)).notAfter(past)), "h2");

    assertThat(refused(call("right.example"))).hasMessageContaining("expired");
  }

  @Test
  void aSelfSignedCertificateIsRefused() throws Exception {
    serve(
        new CertificateBuilder()
            .ecp256()
            .subject("CN=self")
            .setIsCertificateAuthority(true)
            .addSanDnsName("right.example")
            .buildSelfSigned(),
        "h2");

    assertThat(refused(call("right.example"))).hasMessageContaining("self-signed");
  }

  @Test
  void aServerThatDoesNotChooseH2IsRefused() throws Exception {
    serve(issued(builder -> builder), null);

    assertThat(refused(call("right.example"))).hasMessageContaining("ALPN");
  }
}
