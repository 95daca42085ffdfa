package com.example;

import io.opentelemetry.api.OpenTelemetry;
import io.volare.layers.telemetry.TelemetryConfig;
import io.volare.layers.telemetry.TelemetryLayer;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcClient;

/** Calls in spans, with the API alone. */
public final class Main {
  private Main() {}

  /** Fails unless it works. */
  public static void main(String[] arguments) throws Exception {
    RpcClient client =
        RpcClient.builder("inventory")
            .layer(TelemetryLayer.of(TelemetryConfig.of(OpenTelemetry.noop())))
            .transport((context, request) -> request + " at " + context.target());

    Object answer = client.call(new Method("Inventory", "Count"), "tea");

    if (!answer.equals("tea at Inventory/Count")) {
      throw new AssertionError(answer);
    }
  }

  private record Method(String service, String name) implements MethodDescriptor {
    @Override
    public Kind kind() {
      return Kind.UNARY;
    }

    @Override
    public boolean idempotent() {
      return true;
    }
  }
}
