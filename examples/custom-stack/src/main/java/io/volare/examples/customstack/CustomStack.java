package io.volare.examples.customstack;

import io.volare.examples.customstack.idl.Stock;
import io.volare.examples.customstack.idl.StockClient;
import io.volare.examples.customstack.idl.StockServer;
import io.volare.layers.discovery.DiscoveryConfig;
import io.volare.layers.discovery.DiscoveryLayer;
import io.volare.layers.discovery.LoadBalancer;
import io.volare.layers.discovery.StaticDiscovery;
import io.volare.layers.ratelimit.ConcurrencyLimitConfig;
import io.volare.layers.ratelimit.ConcurrencyLimitLayer;
import io.volare.layers.retry.RetryConfig;
import io.volare.layers.retry.RetryLayer;
import io.volare.layers.timeout.TimeoutConfig;
import io.volare.layers.timeout.TimeoutLayer;
import io.volare.motore.CallContext;
import io.volare.motore.Layer;
import io.volare.motore.ServiceBuilder;
import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcContext;
import io.volare.transport.netty.Execution;
import io.volare.transport.thrift.ThriftClient;
import io.volare.transport.thrift.ThriftClientConfig;
import io.volare.transport.thrift.ThriftServer;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A client's stack with a layer of one's own, composed, printed, used, and refused where wrong. */
public final class CustomStack {
  private CustomStack() {}

  /**
   * The first of the two instances is not running; {@code audited} says whether to keep a journal.
   */
  public static void main(String[] audited) throws Exception {
    Optional<AuditLayer> audit =
        audited.length == 0 ? Optional.empty() : Optional.of(new AuditLayer(CustomStack::journal));
    try (ThriftServer server = server(Execution.virtualThreads());
        ThriftClient transport = ThriftClient.create(ThriftClientConfig.MULTIPLEXED)) {
      server.start();
      ServiceBuilder<RpcContext, Object, @Nullable Object> stack =
          stack(audit, Endpoint.tcp("127.0.0.1", 1), server.endpoint());
      RpcClient client =
          RpcClient.builder("stock").caller("shop").layers(stack).transport(transport);

      System.out.println("client: " + client);
      System.out.println("server: " + server);
      System.out.println("apples: " + StockClient.of(client).count("apple"));
    }
    refused("the other way round", () -> inside(retry(), timeout()).service((c, r) -> r));
    refused("on an event loop", () -> server(Execution.inline()));
  }

  /** Outermost first: what is added first meets a request first. */
  private static ServiceBuilder<RpcContext, Object, @Nullable Object> stack(
      Optional<AuditLayer> audit, Endpoint... instances) {
    DiscoveryConfig instancesInTurn =
        DiscoveryConfig.of(StaticDiscovery.of("stock", instances))
            .withBalancer(LoadBalancer.roundRobin());
    return ServiceBuilder.<RpcContext, Object, @Nullable Object>create()
        .layer(audit) // one line for a call
        .layer(timeout()) // all attempts together
        .layerWhen(CallContext::idempotent, retry()) // the others go past it
        .layer(DiscoveryLayer.of(instancesInTurn)) // each attempt may go elsewhere
        .layer(TimeoutLayer.of(TimeoutConfig.perAttempt(Duration.ofMillis(800))));
  }

  private static Layer<RpcContext, Object, @Nullable Object> timeout() {
    return TimeoutLayer.of(TimeoutConfig.perCall(Duration.ofSeconds(2)));
  }

  private static Layer<RpcContext, Object, @Nullable Object> retry() {
    return RetryLayer.of(RetryConfig.create());
  }

  private static ServiceBuilder<RpcContext, Object, @Nullable Object> inside(
      Layer<RpcContext, Object, @Nullable Object> outer,
      Layer<RpcContext, Object, @Nullable Object> inner) {
    return ServiceBuilder.<RpcContext, Object, @Nullable Object>create().layer(outer).layer(inner);
  }

  private static ThriftServer server(Execution execution) {
    Stock stock = String::length;
    ConcurrencyLimitConfig patient =
        ConcurrencyLimitConfig.of(64).withMaxWait(Duration.ofMillis(100));
    return ThriftServer.builder(Address.tcp("127.0.0.1", 0))
        .layer(ConcurrencyLimitLayer.of(patient))
        .execution(execution)
        .service(StockServer.bind(stock))
        .build();
  }

  private static void journal(String line) {
    System.out.println("journal: " + line);
  }

  private static void refused(String what, Runnable composing) {
    try {
      composing.run();
      System.out.println(what + ": not refused");
    } catch (IllegalStateException refusal) {
      System.out.println(what + ": " + refusal.getMessage());
    }
  }
}
