package io.volare.examples.trace;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.volare.examples.trace.idl.Inventory;
import io.volare.examples.trace.idl.InventoryClient;
import io.volare.examples.trace.idl.InventoryServer;
import io.volare.examples.trace.idl.Orders;
import io.volare.examples.trace.idl.OrdersClient;
import io.volare.examples.trace.idl.OrdersServer;
import io.volare.examples.trace.idl.Prices;
import io.volare.examples.trace.idl.PricesClient;
import io.volare.examples.trace.idl.PricesServer;
import io.volare.examples.trace.idl.Warehouse;
import io.volare.examples.trace.idl.WarehouseClient;
import io.volare.examples.trace.idl.WarehouseServer;
import io.volare.layers.telemetry.TelemetryConfig;
import io.volare.layers.telemetry.TelemetryLayer;
import io.volare.metainfo.Carrying;
import io.volare.rpc.Address;
import io.volare.rpc.Lifecycle;
import io.volare.rpc.RpcClient;
import io.volare.rpc.ServiceBinding;
import io.volare.transport.thrift.ThriftClient;
import io.volare.transport.thrift.ThriftClientConfig;
import io.volare.transport.thrift.ThriftServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * One order over three hops: orders asks inventory, which asks the warehouse, while a fork asks for
 * the price. Four servers, real sockets, one trace.
 */
public final class Trace implements AutoCloseable {
  private final InMemorySpanExporter spans = InMemorySpanExporter.create();
  private final OpenTelemetry openTelemetry =
      OpenTelemetrySdk.builder()
          .setTracerProvider(
              SdkTracerProvider.builder()
                  .addSpanProcessor(SimpleSpanProcessor.create(spans))
                  .build())
          .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
          .build();
  private final List<Lifecycle> running = new ArrayList<>();

  private Trace() {}

  /** Places one order and prints its trace. */
  public static void main(String[] arguments) throws Exception {
    try (Trace shop = new Trace()) {
      Orders orders = shop.open();
      System.out.println(orders.place("apple"));
      System.out.print(SpanTree.of(shop.spans.getFinishedSpanItems()));
    }
  }

  private Orders open() {
    Warehouse warehouse =
        WarehouseClient.of(serve("inventory", "warehouse", WarehouseServer.bind(String::length)));
    Prices prices = PricesClient.of(serve("orders", "prices", PricesServer.bind(item -> 12.5)));
    Inventory inventory =
        InventoryClient.of(serve("orders", "inventory", InventoryServer.bind(warehouse::look)));
    Orders orders = item -> place(item, inventory, prices);
    return OrdersClient.of(serve("edge", "orders", OrdersServer.bind(orders)));
  }

  /** The price is looked up in a fork while this thread counts. */
  private static String place(String item, Inventory inventory, Prices prices)
      throws InterruptedException {
    try (ExecutorService forks = Executors.newThreadPerTaskExecutor(Carrying.virtualThreads())) {
      Future<Double> price = forks.submit(() -> prices.price(item));
      int pieces = inventory.count(item);
      return String.format(Locale.ROOT, "%d x %s at %.2f", pieces, item, resultOf(price));
    }
  }

  private static double resultOf(Future<Double> price) throws InterruptedException {
    try {
      return price.get();
    } catch (java.util.concurrent.ExecutionException failed) {
      throw new IllegalStateException("no price", failed);
    }
  }

  /** {@return a client of the service, which runs behind a server of its own} */
  private RpcClient serve(String caller, String name, ServiceBinding service) {
    TelemetryConfig config = TelemetryConfig.of(openTelemetry);
    ThriftServer server =
        ThriftServer.builder(Address.tcp("127.0.0.1", 0))
            .layer(TelemetryLayer.of(config)) // a span for what is answered
            .service(service)
            .build();
    server.start();
    ThriftClient transport = ThriftClient.to(server.endpoint(), ThriftClientConfig.MULTIPLEXED);
    running.add(server);
    running.add(transport);
    return RpcClient.builder(name)
        .caller(caller)
        .layer(TelemetryLayer.of(config)) // a span for what is asked
        .transport(transport);
  }

  @Override
  public void close() {
    running.reversed().forEach(Lifecycle::stop);
  }
}
