package com.example;

import io.volare.layers.discovery.DiscoveryConfig;
import io.volare.layers.discovery.DiscoveryLayer;
import io.volare.layers.discovery.StaticDiscovery;
import io.volare.rpc.Endpoint;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcClient;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Calls spread over two instances. */
public final class Main {
  private Main() {}

  /** Fails unless it works. */
  public static void main(String[] arguments) throws Exception {
    Endpoint first = Endpoint.tcp("10.0.0.7", 9000);
    Endpoint second = Endpoint.tcp("10.0.0.8", 9000);
    Set<Endpoint> asked = ConcurrentHashMap.newKeySet();
    RpcClient client =
        RpcClient.builder("inventory")
            .layer(
                DiscoveryLayer.of(
                    DiscoveryConfig.of(StaticDiscovery.of("inventory", first, second))))
            .transport((context, request) -> {
              asked.add(context.endpoint());
              return request;
            });

    for (int i = 0; i < 100; i++) {
      client.call(new Method("Inventory", "Count"), "tea");
    }

    if (!asked.equals(Set.of(first, second))) {
      throw new AssertionError("asked " + asked);
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
