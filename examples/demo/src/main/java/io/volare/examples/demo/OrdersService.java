package io.volare.examples.demo;

import io.opentelemetry.api.OpenTelemetry;
import io.volare.examples.demo.idl.Inventory;
import io.volare.examples.demo.idl.InventoryClient;
import io.volare.examples.demo.idl.Order;
import io.volare.examples.demo.idl.Orders;
import io.volare.examples.demo.idl.OrdersServer;
import io.volare.examples.demo.idl.SoldOut;
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
import io.volare.transport.thrift.ThriftClient;
import io.volare.transport.thrift.ThriftClientConfig;
import io.volare.transport.thrift.ThriftServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Takes orders, and asks the inventory before it confirms one. */
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
    ThriftClient transport = ThriftClient.create(ThriftClientConfig.MULTIPLEXED);
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
    ThriftServer server =
        ThriftServer.builder(Address.tcp("127.0.0.1", 0))
            .layer(TelemetryLayer.of(TelemetryConfig.of(openTelemetry)))
            .layer(
                RateLimitLayer.of(
                    RateLimitConfig.<RpcContext>perSecond(20).withKey(RpcContext::caller)))
            .service(OrdersServer.bind(new OrdersService(InventoryClient.of(client))))
            .build();
    System.out.println("  orders calls by: " + client);
    ServiceProcess.serve(server, transport);
  }

  @Override
  public Order place(String item, int pieces) throws SoldOut, UnknownItem, InterruptedException {
    List<String> seen = new ArrayList<>();
    seen.add(Seen.by("orders"));
    Stock stock = inventory.count(item);
    seen.addAll(stock.seen());
    if (stock.pieces() < pieces) {
      throw new SoldOut(item);
    }
    MetaInfo metaInfo = MetaInfo.current();
    String countedBy = metaInfo.downstream("counted-by");
    metaInfo.setBackward("counted-by", countedBy == null ? "nobody" : countedBy);
    return new Order(item, pieces, stock.countedBy(), seen);
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
