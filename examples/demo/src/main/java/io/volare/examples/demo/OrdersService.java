package io.volare.examples.demo;

import io.opentelemetry.api.OpenTelemetry;
import io.volare.examples.demo.idl.Inventory;
import io.volare.examples.demo.idl.InventoryClient;
import io.volare.examples.demo.idl.NoSuchItem;
import io.volare.examples.demo.idl.OrderEvent;
import io.volare.examples.demo.idl.OrderRequest;
import io.volare.examples.demo.idl.Orders;
import io.volare.examples.demo.idl.OrdersServer;
import io.volare.examples.demo.idl.Step;
import io.volare.examples.demo.idl.Stock;
import io.volare.examples.demo.idl.UnknownItem;
import io.volare.layers.discovery.DiscoveryConfig;
import io.volare.layers.discovery.DiscoveryLayer;
import io.volare.layers.discovery.LoadBalancer;
import io.volare.layers.discovery.StaticDiscovery;
import io.volare.layers.ratelimit.RateLimitConfig;
import io.volare.layers.ratelimit.RateLimitLayer;
import io.volare.layers.retry.RetryConfig;
import io.volare.layers.retry.RetryLayer;
import io.volare.layers.retry.RetryListener;
import io.volare.layers.telemetry.TelemetryConfig;
import io.volare.layers.telemetry.TelemetryLayer;
import io.volare.metainfo.MetaInfo;
import io.volare.motore.CallContext;
import io.volare.rpc.Address;
import io.volare.rpc.CallOptions;
import io.volare.rpc.Endpoint;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcContext;
import io.volare.rpc.Sink;
import io.volare.transport.grpc.GrpcCode;
import io.volare.transport.grpc.GrpcServer;
import io.volare.transport.grpc.GrpcStatusException;
import io.volare.transport.thrift.ThriftClient;
import io.volare.transport.thrift.ThriftClientConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/** Takes orders by gRPC, and asks the inventory by Thrift before it confirms one. */
final class OrdersService implements Orders {
  private final Inventory inventory;

  private OrdersService(Inventory inventory) {
    this.inventory = inventory;
  }

  /** Arguments: the folder for spans, and the ports of the inventory's instances. */
  public static void main(String[] arguments) {
    OpenTelemetry openTelemetry = SpanFile.openTelemetry(Path.of(arguments[0]), "orders");
    Endpoint[] instances =
        Stream.of(arguments)
            .skip(1)
            .map(port -> Endpoint.tcp("127.0.0.1", Integer.parseInt(port)))
            .toArray(Endpoint[]::new);
    ThriftClient transport = ThriftClient.create(ThriftClientConfig.DEFAULT);
    RpcClient client =
        RpcClient.builder("inventory")
            .caller("orders")
            .options(CallOptions.DEFAULT.withTimeout(Duration.ofSeconds(20)))
            .layer(RetryLayer.of(RetryConfig.create().withListener(new SaysWhenItRetries())))
            .layer(TelemetryLayer.of(TelemetryConfig.of(openTelemetry))) // inside: one span a try
            .layer(
                DiscoveryLayer.of(
                    DiscoveryConfig.of(StaticDiscovery.of("inventory", instances))
                        .withBalancer(LoadBalancer.roundRobin())))
            .transport(transport);
    GrpcServer server =
        GrpcServer.builder(Address.tcp("127.0.0.1", 0))
            .layer(TelemetryLayer.of(TelemetryConfig.of(openTelemetry)))
            .layer(
                RateLimitLayer.of(
                    RateLimitConfig.<RpcContext>perSecond(2)
                        .withBurst(30)
                        .withKey(RpcContext::caller)))
            .service(OrdersServer.bind(new OrdersService(InventoryClient.of(client))))
            .reflection()
            .build();
    System.out.println("  orders calls by: " + client);
    ServiceProcess.serve(server, server::endpoint, transport);
  }

  @Override
  public void place(OrderRequest request, Sink<OrderEvent> events) throws InterruptedException {
    events.send(event(Step.RECEIVED).addSeen(Seen.by("orders")).build());
    Stock stock = count(request.getItem());
    events.send(
        event(Step.COUNTED).setCountedBy(stock.countedBy()).addAllSeen(stock.seen()).build());
    if (stock.pieces() < request.getPieces()) {
      throw GrpcStatusException.of(
          GrpcCode.FAILED_PRECONDITION, "only " + stock.pieces() + " of " + request.getItem());
    }
    MetaInfo metaInfo = MetaInfo.current();
    String countedBy = metaInfo.downstream("counted-by");
    metaInfo.setBackward("counted-by", countedBy == null ? "nobody" : countedBy);
    events.send(event(Step.CONFIRMED).setCountedBy(stock.countedBy()).build());
  }

  private static OrderEvent.Builder event(Step step) {
    return OrderEvent.newBuilder().setStep(step);
  }

  /** What Thrift declares is a status with a detail in gRPC. */
  private Stock count(String item) throws InterruptedException {
    try {
      return inventory.count(item);
    } catch (UnknownItem unknown) {
      throw GrpcStatusException.of(GrpcCode.NOT_FOUND, "no such item: " + unknown.item())
          .withDetail(NoSuchItem.newBuilder().setItem(unknown.item()).build());
    }
  }

  /** Tells the person who watches. */
  private static final class SaysWhenItRetries implements RetryListener {
    @Override
    public void retrying(CallContext attempt, Duration pause, Exception failure) {
      System.out.println(
          "  orders: attempt "
              + attempt.attempt()
              + " failed, trying another: "
              + failure.getMessage());
    }
  }
}
