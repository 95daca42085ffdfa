package com.example;

import com.example.inventory.Inventory;
import com.example.inventory.InventoryClient;
import com.example.inventory.InventoryServer;
import com.example.inventory.Item;
import com.example.inventory.NotFound;
import io.volare.rpc.Address;
import io.volare.rpc.RpcClient;
import io.volare.transport.thrift.ThriftClient;
import io.volare.transport.thrift.ThriftClientConfig;
import io.volare.transport.thrift.ThriftServer;
import java.util.List;

/** Serves an inventory and asks it, over a socket. */
public final class Main {
  private Main() {}

  /** Ends with 0 if both answers are as they should be. */
  public static void main(String[] arguments) throws Exception {
    Inventory handler =
        id -> {
          if (id.equals("none")) {
            throw new NotFound(id);
          }
          return new Item(id, 3, List.of("A1"));
        };
    ThriftServer server =
        ThriftServer.builder(Address.tcp("127.0.0.1", 0))
            .service(InventoryServer.bind(handler))
            .build();
    server.start();
    try (ThriftClient transport = ThriftClient.to(server.endpoint(), ThriftClientConfig.DEFAULT)) {
      InventoryClient client =
          InventoryClient.of(RpcClient.builder("inventory").transport(transport));
      Item item = client.getItem("bolt");
      if (!item.equals(new Item("bolt", 3, List.of("A1")))) {
        throw new IllegalStateException("wrong item: " + item);
      }
      try {
        client.getItem("none");
        throw new IllegalStateException("an item that is not there was found");
      } catch (NotFound missing) {
        System.out.println("served " + item + ", and missed " + missing.id());
      }
    } finally {
      server.stop();
    }
  }
}
