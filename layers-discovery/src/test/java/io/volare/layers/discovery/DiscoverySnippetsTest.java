package io.volare.layers.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.volare.motore.Service;
import io.volare.rpc.Discovery;
import io.volare.rpc.Endpoint;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcContext;
import org.junit.jupiter.api.Test;

class DiscoverySnippetsTest {
  @Test
  void inAClient() throws Exception {
    Service<RpcContext, Object, Object> transport =
        (context, request) -> context.endpoint() + " says " + request;
    // @start region="use"
    Discovery discovery =
        StaticDiscovery.of(
            "inventory", Endpoint.tcp("10.0.0.7", 9000), Endpoint.tcp("10.0.0.8", 9000));
    RpcClient client =
        RpcClient.builder("inventory")
            .layer(DiscoveryLayer.of(DiscoveryConfig.of(discovery)))
            .transport(transport);
    // @end

    assertThat(client.call(TestMethod.call().method(), "hello")).asString().endsWith("says hello");
  }
}
