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
import io.volare.transport.netty.TlsClientConfig;
import io.volare.transport.netty.TlsIdentity;
import io.volare.transport.netty.TlsServerConfig;
import io.volare.transport.netty.TlsTrust;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract over real sockets: TCP, TLS and a Unix domain socket, plain and compressed. */
@ParameterizedClass
@MethodSource("variants")
class GrpcContractTest extends TransportContract {
  static Stream<Variant> variants() {
    GrpcClientConfig usual = GrpcClientConfig.DEFAULT.withConnectTimeout(Duration.ofSeconds(10));
    return Stream.of(
        new Variant("tcp", usual),
        new Variant("unix", usual),
        new Variant("tls", usual),
        new Variant("gzip", usual.withCompression(Compression.GZIP)),
        new Variant("four connections", usual.withConnections(4, 8)));
  }

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

  record Variant(String name, GrpcClientConfig config) {
    boolean is(String other) {
      return name.equals(other);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  @BeforeAll
  static void certify() throws Exception {
    certificate =
        new CertificateBuilder()
            .ecp256()
            .subject("CN=contract")
            .addSanDnsName("contract.example")
            .setIsCertificateAuthority(true)
            .buildSelfSigned();
  }

  @Override
  protected Running start(ServiceBinding service) {
    GrpcServer.Builder builder =
        GrpcServer.builder(variant.is("unix") ? socketFile() : Address.tcp("127.0.0.1", 0))
            .service(ContractMessages.overProtobuf(service));
    if (variant.is("tls")) {
      builder.tls(
          TlsServerConfig.of(
              TlsIdentity.of(
                  certificate.getKeyPair().getPrivate(), certificate.getCertificatePathList())));
    }
    GrpcServer server = builder.build();
    server.start();
    GrpcClient plain = GrpcClient.to(server.endpoint(), variant.config);
    GrpcClient client = variant.is("tls") ? plain.with(trusting()) : plain;
    warmUp(client);
    return new Running(server, ContractMessages.overNotes(client), client::stop);
  }

  private static TlsClientConfig trusting() {
    TlsTrust trust = TlsTrust.of(List.of(certificate.getCertificate()));
    return TlsClientConfig.of(trust).withServerName("contract.example");
  }

  /**
   * A first call loads classes and shakes hands, for longer than the contract's shortest deadline.
   */
  private static void warmUp(GrpcClient client) {
    try {
      RpcClient.builder("warm").transport(client).call(WARM_UP, StringValue.of("x"));
    } catch (Exception failed) {
      throw new IllegalStateException(failed);
    }
  }

  private static Address socketFile() {
    try {
      Path folder = Files.createTempDirectory("grpc");
      folder.toFile().deleteOnExit();
      return Address.unix(folder.resolve("s"));
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  @Override
  protected Set<Capability> capabilities() {
    return EnumSet.allOf(Capability.class);
  }

  /** A fifth of them for each variant. */
  @Override
  protected IntStream seeds() {
    int part = variants().map(Variant::name).toList().indexOf(variant.name());
    return IntStream.range(part * 2_000, (part + 1) * 2_000);
  }

  @Override
  protected MethodDescriptor method(ContractMethod method) {
    return ContractMessages.method(method);
  }
}
