package io.volare.layers.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.OpenTelemetry;
import io.volare.motore.Service;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcContext;
import org.junit.jupiter.api.Test;

class TelemetrySnippetsTest {
  @Test
  void inAClient() {
    OpenTelemetry openTelemetry = OpenTelemetry.noop();
    Service<RpcContext, Object, Object> transport = (context, request) -> request;
    // @start region="use"
    RpcClient client =
        RpcClient.builder("inventory")
            .layer(TelemetryLayer.of(TelemetryConfig.of(openTelemetry)))
            .transport(transport);
    // @end

    assertThat(client).hasToString(" > Telemetry > inventory");
  }
}
