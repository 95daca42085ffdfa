package io.volare.integrations.junit;

import io.netty.util.ResourceLeakDetector;
import io.volare.motore.Layer;
import io.volare.rpc.Address;
import io.volare.rpc.RpcContext;
import io.volare.rpc.ServiceBinding;
import io.volare.transport.contract.LeakExtension;
import io.volare.transport.thrift.ThriftClient;
import io.volare.transport.thrift.ThriftClientConfig;
import io.volare.transport.thrift.ThriftServer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Thrift on a free port of the loopback. Loaded only where it is asked for. */
final class ThriftHost {
  private static final LeakExtension LEAKS = new LeakExtension();

  static {
    if (System.getProperty("io.netty.leakDetection.level") == null) {
      ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
    }
    LEAKS.watch();
  }

  private ThriftHost() {}

  static Host start(
      List<ServiceBinding> services, List<Layer<RpcContext, Object, @Nullable Object>> layers) {
    ThriftServer.Builder builder = ThriftServer.builder(Address.tcp("127.0.0.1", 0));
    layers.forEach(builder::layer);
    services.forEach(builder::service);
    ThriftServer server = builder.build();
    server.start();
    ThriftClient client = ThriftClient.to(server.endpoint(), ThriftClientConfig.DEFAULT);
    return new Host(server, server.endpoint(), client, client::stop, LEAKS::check);
  }
}
