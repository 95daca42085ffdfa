package io.volare.examples.demo;

import io.volare.examples.demo.idl.Inventory;
import io.volare.examples.demo.idl.InventoryServer;
import io.volare.examples.demo.idl.Stock;
import io.volare.examples.demo.idl.UnknownItem;
import io.volare.layers.telemetry.TelemetryConfig;
import io.volare.layers.telemetry.TelemetryLayer;
import io.volare.metainfo.MetaInfo;
import io.volare.rpc.Address;
import io.volare.transport.thrift.ThriftServer;
import java.nio.file.Path;
import java.util.List;

/** Counts what is on the shelf. Started twice, as {@code inventory-1} and {@code inventory-2}. */
final class InventoryService implements Inventory {
  /** How long counting snails takes: longer than anybody waits for it. */
  static final long SNAIL_MILLIS = 8_000;

  private final String name;

  private InventoryService(String name) {
    this.name = name;
  }

  /** Arguments: the instance's name, and the folder for spans. */
  public static void main(String[] arguments) {
    String name = arguments[0];
    ThriftServer server =
        ThriftServer.builder(Address.tcp("127.0.0.1", 0))
            .layer(
                TelemetryLayer.of(
                    TelemetryConfig.of(SpanFile.openTelemetry(Path.of(arguments[1]), name))))
            .service(InventoryServer.bind(new InventoryService(name)))
            .build();
    ServiceProcess.serve(server, server::endpoint);
  }

  @Override
  public Stock count(String item) throws UnknownItem, InterruptedException {
    String seen = Seen.by(name);
    MetaInfo.current().setBackward("counted-by", name);
    switch (item) {
      case "unicorn" -> throw new UnknownItem(item);
      case "snail" -> Thread.sleep(SNAIL_MILLIS);
      case "banana-skin" -> {
        if (name.equals("inventory-1")) {
          System.out.println("  " + name + ": killed in the middle of the call");
          Runtime.getRuntime().halt(137);
        }
      }
      default -> {}
    }
    return new Stock(item, 42, name, List.of(seen));
  }
}
