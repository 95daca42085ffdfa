package io.volare.transport.thrift;

import io.volare.rpc.Address;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.ServiceBinding;
import io.volare.transport.contract.Capability;
import io.volare.transport.contract.ContractMethod;
import io.volare.transport.contract.Running;
import io.volare.transport.contract.TransportContract;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract over mutual TLS, both ways to use connections. */
@ParameterizedClass
@MethodSource("configs")
class ThriftTlsContractTest extends TransportContract {
  static Stream<ThriftClientConfig> configs() {
    return Stream.of(ThriftClientConfig.DEFAULT, ThriftClientConfig.MULTIPLEXED);
  }

  @Parameter ThriftClientConfig config;

  @Override
  protected Running start(ServiceBinding service) {
    ThriftServer server =
        ThriftServer.builder(Address.tcp("127.0.0.1", 0))
            .service(service)
            .tls(Certificates.server().withClients(Certificates.TRUST))
            .build();
    server.start();
    ThriftClient client =
        ThriftClient.to(server.endpoint(), config)
            .with(Certificates.client().withIdentity(Certificates.identity("CN=client")));
    return new Running(server, client, client::stop);
  }

  /** TLS carries the frames of {@link ThriftContractTest}, which runs all programs. */
  @Override
  protected IntStream seeds() {
    return IntStream.range(0, 1_000);
  }

  @Override
  protected Set<Capability> capabilities() {
    Set<Capability> capabilities =
        EnumSet.of(Capability.METAINFO, Capability.DEADLINE, Capability.BUSINESS_ERRORS);
    if (!config.multiplexed()) {
      capabilities.add(Capability.CANCELLATION);
    }
    return capabilities;
  }

  @Override
  protected MethodDescriptor method(ContractMethod method) {
    return ContractCodecs.method(method);
  }
}
