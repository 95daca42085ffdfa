package io.volare.integrations.junit;

import io.volare.motore.Layer;
import io.volare.motore.Service;
import io.volare.rpc.Endpoint;
import io.volare.rpc.Lifecycle;
import io.volare.rpc.RpcContext;
import io.volare.rpc.ServiceBinding;
import io.volare.transport.inprocess.InProcessClient;
import io.volare.transport.inprocess.InProcessServer;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A server that runs, and the way to it.
 *
 * @param server started
 * @param endpoint where it is
 * @param transport sends calls there
 * @param closing ends what the transport holds
 * @param check fails if something was not given back; after everything has ended
 */
record Host(
    Lifecycle server,
    Endpoint endpoint,
    Service<RpcContext, Object, @Nullable Object> transport,
    Runnable closing,
    Check check) {
  /** Starts a host of its own for each use. */
  @FunctionalInterface
  interface Starter {
    Host start(
        List<ServiceBinding> services, List<Layer<RpcContext, Object, @Nullable Object>> layers);
  }

  /** Fails if something was not given back. */
  @FunctionalInterface
  interface Check {
    void run() throws InterruptedException;
  }

  static Host inProcess(
      List<ServiceBinding> services, List<Layer<RpcContext, Object, @Nullable Object>> layers) {
    String name = "test-" + UUID.randomUUID();
    InProcessServer.Builder builder = InProcessServer.builder(name);
    layers.forEach(builder::layer);
    services.forEach(builder::service);
    InProcessServer server = builder.build();
    server.start();
    return new Host(server, server.endpoint(), InProcessClient.to(name), () -> {}, () -> {});
  }
}
