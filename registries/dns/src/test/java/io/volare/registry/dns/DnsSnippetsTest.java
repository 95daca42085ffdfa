package io.volare.registry.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.volare.layers.discovery.DiscoveryConfig;
import io.volare.layers.discovery.DiscoveryLayer;
import io.volare.motore.Service;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcContext;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class DnsSnippetsTest {
  @Test
  void inAClient() throws Exception {
    Service<RpcContext, Object, Object> transport =
        (context, request) -> context.endpoint() + " says " + request;
    try (ScriptedDns dns = new ScriptedDns()) {
      dns.hosts("inventory.prod.example", 5, "10.0.0.7");
      InetSocketAddress nameServer = dns.address();
      // @start region="use"
      DnsConfig config =
          DnsConfig.of(nameServer) // or DnsConfig.system()
              .withNames(service -> DnsName.hosts(service + ".prod.example", 9000));
      DnsDiscovery discovery = DnsDiscovery.of(config); // one for all clients, closed at the end
      RpcClient client =
          RpcClient.builder("inventory")
              .layer(DiscoveryLayer.of(DiscoveryConfig.of(discovery)))
              .transport(transport);
      // @end

      assertThat(client.call(METHOD, "hello")).isEqualTo("10.0.0.7:9000 says hello");
      discovery.close();
    }
  }

  private static final Method METHOD =
      new Method("Inventory", "GetItem", MethodDescriptor.Kind.UNARY, true);

  private record Method(String service, String name, Kind kind, boolean idempotent)
      implements MethodDescriptor {}
}
