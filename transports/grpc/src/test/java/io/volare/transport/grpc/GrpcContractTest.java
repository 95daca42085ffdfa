package io.volare.transport.grpc;

import com.google.protobuf.StringValue;
import io.volare.codec.protobuf.ProtobufMethod;
import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcClient;
import io.volare.rpc.ServiceBinding;
import io.volare.transport.contract.Capability;
import io.volare.transport.contract.ContractMethod;
import io.volare.transport.contract.Running;
import io.volare.transport.contract.TransportContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract over real sockets: TCP and a Unix domain socket, plain and compressed. */
@ParameterizedClass
@MethodSource("variants")
class GrpcContractTest extends TransportContract {
  static Stream<Variant> variants() {
    GrpcClientConfig usual = GrpcClientConfig.DEFAULT.withConnectTimeout(Duration.ofSeconds(10));
    return Stream.of(
        new Variant("tcp", false, usual),
        new Variant("unix", true, usual),
        new Variant("gzip", false, usual.withCompression(Compression.GZIP)),
        new Variant("four connections", false, usual.withConnections(4, 8)));
  }

  private static final MethodDescriptor WARM_UP =
      new ProtobufMethod<>(
          ContractMethod.SERVICE,
          "Echo",
          MethodDescriptor.Kind.UNARY,
          false,
          StringValue.parser(),
          StringValue.parser());

  private static boolean warm;

  @Parameter Variant variant;

  record Variant(String name, boolean unix, GrpcClientConfig config) {
    @Override
    public String toString() {
      return name;
    }
  }

  @Override
  protected Running start(ServiceBinding service) {
    GrpcServer server =
        GrpcServer.builder(variant.unix ? socketFile() : Address.tcp("127.0.0.1", 0))
            .service(ContractMessages.overProtobuf(service))
            .build();
    server.start();
    Endpoint endpoint = server.endpoint();
    GrpcClient client = GrpcClient.to(endpoint, variant.config);
    warmUp(client);
    return new Running(server, ContractMessages.overNotes(client), client::stop);
  }

  /** The first call of a process loads HTTP/2, for longer than the contract's shortest deadline. */
  private static synchronized void warmUp(GrpcClient client) {
    if (warm) {
      return;
    }
    try {
      RpcClient.builder("warm").transport(client).call(WARM_UP, StringValue.of("x"));
    } catch (Exception failed) {
      throw new IllegalStateException(failed);
    }
    warm = true;
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

  /** A quarter of them for each variant. */
  @Override
  protected IntStream seeds() {
    int part = variants().map(Variant::name).toList().indexOf(variant.name());
    return IntStream.range(part * 2_500, (part + 1) * 2_500);
  }

  @Override
  protected MethodDescriptor method(ContractMethod method) {
    return ContractMessages.method(method);
  }
}
