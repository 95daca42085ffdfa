package io.volare.transport.inprocess;

import io.volare.rpc.ServiceBinding;
import io.volare.transport.contract.Capability;
import io.volare.transport.contract.Running;
import io.volare.transport.contract.TransportContract;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;

class InProcessContractTest extends TransportContract {
  @Override
  protected Running start(ServiceBinding service) {
    String name = UUID.randomUUID().toString();
    InProcessServer server = InProcessServer.builder(name).service(service).build();
    server.start();
    return new Running(server, InProcessClient.to(name), () -> {});
  }

  @Override
  protected Set<Capability> capabilities() {
    return EnumSet.allOf(Capability.class);
  }
}
