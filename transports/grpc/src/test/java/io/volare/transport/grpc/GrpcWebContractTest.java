package io.volare.transport.grpc;

import com.google.protobuf.StringValue;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import io.volare.codec.protobuf.ProtobufMethod;
import io.volare.rpc.Address;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcClient;
import io.volare.rpc.ServiceBinding;
import io.volare.transport.contract.Capability;
import io.volare.transport.contract.ContractMethod;
import io.volare.transport.contract.Running;
import io.volare.transport.contract.TransportContract;
import io.volare.transport.netty.TlsIdentity;
import io.volare.transport.netty.TlsServerConfig;
import java.net.http.HttpClient;
import java.security.KeyStore;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The contract over gRPC-Web, as the JDK's client of HTTP speaks it: a handler and its caller see
 * no difference. Streams apart, of which browsers have one kind: {@link GrpcWebTest} has that.
 */
@ParameterizedClass
@MethodSource("variants")
class GrpcWebContractTest extends TransportContract {
  private static final MethodDescriptor WARM_UP =
      new ProtobufMethod<>(
          ContractMethod.SERVICE,
          "Echo",
          MethodDescriptor.Kind.UNARY,
          false,
          StringValue.parser(),
          StringValue.parser());

  private static X509Bundle certificate;

  @Parameter Variant variant;

  static Stream<Variant> variants() {
    return Stream.of(
        new Variant(HttpClient.Version.HTTP_1_1, false, false),
        new Variant(HttpClient.Version.HTTP_1_1, false, true),
        new Variant(HttpClient.Version.HTTP_1_1, true, false),
        new Variant(HttpClient.Version.HTTP_2, true, false),
        new Variant(HttpClient.Version.HTTP_2, true, true));
  }

  record Variant(HttpClient.Version version, boolean tls, boolean text) {}

  @BeforeAll
  static void certify() throws Exception {
    certificate =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=contract")
            .addSanIpAddress("127.0.0.1")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
  }

  @Override
  protected Running start(ServiceBinding service) {
    GrpcServer.Builder builder =
        GrpcServer.builder(Address.tcp("127.0.0.1", 0))
            .service(ContractMessages.overProtobuf(service))
            .web(GrpcWebConfig.DEFAULT);
    if (variant.tls) {
      builder.tls(
          TlsServerConfig.of(
              TlsIdentity.of(
                  certificate.getKeyPair().getPrivate(), certificate.getCertificatePathList())));
    }
    GrpcServer server = builder.build();
    server.start();
    HttpClient http =
        HttpClient.newBuilder().version(variant.version).sslContext(trusting()).build();
    WebClient client =
        new WebClient(http, variant.tls ? "https" : "http", server.endpoint(), variant.text);
    warmUp(client);
    return new Running(server, ContractMessages.overNotes(client), http::shutdownNow);
  }

  private static SSLContext trusting() {
    try {
      KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      trusted.setCertificateEntry("server", certificate.getCertificate());
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (Exception failed) {
      throw new IllegalStateException(failed);
    }
  }

  /** A first call loads classes and shakes hands, for longer than the shortest deadline. */
  private static void warmUp(WebClient client) {
    try {
      RpcClient.builder("warm").transport(client).call(WARM_UP, StringValue.of("x"));
    } catch (Exception failed) {
      throw new IllegalStateException(failed);
    }
  }

  @Override
  protected Set<Capability> capabilities() {
    return EnumSet.complementOf(EnumSet.of(Capability.STREAMS));
  }

  /** A small part of them: how metainfo is written is gRPC's, which has the others. */
  @Override
  protected IntStream seeds() {
    return IntStream.range(0, 200);
  }

  @Override
  protected MethodDescriptor method(ContractMethod method) {
    return ContractMessages.method(method);
  }
}
