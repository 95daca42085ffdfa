package io.volare.examples.demo;

import io.volare.examples.demo.idl.OrderEvent;
import io.volare.examples.demo.idl.OrderRequest;
import io.volare.examples.demo.idl.OrdersClient;
import io.volare.examples.demo.idl.Step;
import io.volare.metainfo.MetaInfo;
import io.volare.rpc.RpcException;
import io.volare.rpc.Source;
import java.util.ArrayList;
import java.util.List;

/**
 * An order that went through, as its events told it.
 *
 * @param events in the order in which they came
 */
record Placed(List<OrderEvent> events) {
  /** Places an order and reads its events to the end. */
  static Placed by(OrdersClient orders, String item, int pieces) throws InterruptedException {
    List<OrderEvent> events = new ArrayList<>();
    try (Source<OrderEvent> stream = orders.place(request(item, pieces))) {
      for (OrderEvent event : stream) {
        events.add(event);
        tell(item, event);
      }
    }
    return new Placed(events);
  }

  /** The same; a failure is told, and leaves no events. */
  static Placed orNothing(OrdersClient orders, String item) throws InterruptedException {
    try {
      return by(orders, item, 1);
    } catch (RpcException failed) {
      System.out.println("  edge: " + failed.getMessage());
      return new Placed(List.of());
    }
  }

  static OrderRequest request(String item, int pieces) {
    return OrderRequest.newBuilder().setItem(item).setPieces(pieces).build();
  }

  /** Tells the person who watches, unless the call is a quiet one. */
  static void tell(String item, OrderEvent event) {
    MetaInfo bound = MetaInfo.currentOrNull();
    if (bound == null || bound.persistent(Seen.QUIET) == null) {
      System.out.println("  edge: " + item + " " + event.getStep());
    }
  }

  List<Step> steps() {
    return events.stream().map(OrderEvent::getStep).toList();
  }

  String countedBy() {
    return events.isEmpty() ? "nobody" : events.getLast().getCountedBy();
  }

  /** {@return what each service saw of the call, the nearest first} */
  List<String> seen() {
    return events.stream().flatMap(event -> event.getSeenList().stream()).toList();
  }
}
