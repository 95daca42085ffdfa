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

/** The contract over real sockets, in every wire form and both ways to use connections. */
@ParameterizedClass
@MethodSource("configs")
class ThriftContractTest extends TransportContract {
  static Stream<ThriftClientConfig> configs() {
    return Stream.of(WireForm.values())
        .map(ThriftClientConfig.DEFAULT::withForm)
        .flatMap(config -> Stream.of(config, config.withMultiplexed(2)));
  }

  @Parameter ThriftClientConfig config;

  @Override
  protected Running start(ServiceBinding service) {
    ThriftServer server =
        ThriftServer.builder(Address.tcp("127.0.0.1", 0)).service(service).build();
    server.start();
    ThriftClient client = ThriftClient.to(server.endpoint(), config);
    return new Running(server, client, client::stop);
  }

  @Override
  protected Set<Capability> capabilities() {
    Set<Capability> capabilities =
        config.form().hasHeader()
            ? EnumSet.of(Capability.METAINFO, Capability.DEADLINE, Capability.BUSINESS_ERRORS)
            : EnumSet.noneOf(Capability.class);
    if (!config.multiplexed()) {
      capabilities.add(Capability.CANCELLATION);
    }
    return capabilities;
  }

  /** A quarter of them for each way in which metainfo travels. */
  @Override
  protected IntStream seeds() {
    int part = (config.form() == WireForm.TTHEADER ? 0 : 2) + (config.multiplexed() ? 1 : 0);
    return IntStream.range(part * 2_500, (part + 1) * 2_500);
  }

  @Override
  protected MethodDescriptor method(ContractMethod method) {
    return ContractCodecs.method(method);
  }
}
