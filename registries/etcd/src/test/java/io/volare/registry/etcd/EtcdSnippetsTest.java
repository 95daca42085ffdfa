package io.volare.registry.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.volare.layers.discovery.DiscoveryConfig;
import io.volare.layers.discovery.DiscoveryLayer;
import io.volare.motore.Service;
import io.volare.rpc.Endpoint;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcContext;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class EtcdSnippetsTest {
  @TempDir Path folder;

  @Test
  void inAServerAndAClient() throws Exception {
    Service<RpcContext, Object, Object> transport =
        (context, request) -> context.endpoint() + " says " + request;
    try (EtcdServer etcd = new EtcdServer(folder)) {
      String member = etcd.address();
      // @start region="register"
      EtcdConfig config = EtcdConfig.of(member);
      EtcdRegistration registration =
          EtcdRegistration.of(config, "inventory", Endpoint.tcp("10.0.0.7", 9000));
      // @end
      // @start region="use"
      EtcdDiscovery discovery = EtcdDiscovery.of(config); // one for all clients
      RpcClient client =
          RpcClient.builder("inventory")
              .layer(DiscoveryLayer.of(DiscoveryConfig.of(discovery)))
              .transport(transport);
      // @end

      assertThat(client.call(METHOD, "hello")).isEqualTo("10.0.0.7:9000 says hello");
      registration.close();
      discovery.close();
    }
  }

  private static final Method METHOD =
      new Method("Inventory", "GetItem", MethodDescriptor.Kind.UNARY, true);

  private record Method(String service, String name, Kind kind, boolean idempotent)
      implements MethodDescriptor {}
}
