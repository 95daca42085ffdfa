package io.volare.protoc.tests;

import com.google.protobuf.Empty;
import io.volare.protoc.tests.shop.Inventory;
import io.volare.protoc.tests.shop.Item;
import io.volare.protoc.tests.shop.Stock;
import io.volare.protoc.tests.shop.parts.PartsOuterClass.Part;
import io.volare.protoc.tests.shop.parts.PartsOuterClass.Total;
import io.volare.rpc.Sink;
import io.volare.rpc.Source;
import java.util.concurrent.CountDownLatch;

/** The service as a person writes it: blocking methods and for-loops. */
final class Store implements Inventory {
  final CountDownLatch cancelled = new CountDownLatch(1);

  static Item item(String name) {
    return Item.newBuilder().setName(name).build();
  }

  static Stock stock(String name, int count) {
    return Stock.newBuilder().setItem(item(name)).setCount(count).build();
  }

  @Override
  public Stock count(Item item) {
    if (item.getName().isEmpty()) {
      throw new IllegalStateException("an item without a name");
    }
    return stock(item.getName(), item.getName().length());
  }

  @Override
  public void list(Empty all, Sink<Stock> responses) throws InterruptedException {
    try {
      for (int i = 1; i <= 1000; i++) {
        responses.send(stock("item", i));
      }
    } catch (InterruptedException | RuntimeException stopped) {
      cancelled.countDown();
      throw stopped;
    }
  }

  @Override
  public Total putAway(Source<Stock> arriving) {
    long count = 0;
    for (Stock stock : arriving) {
      if (stock.getCount() < 0) {
        throw new IllegalArgumentException("count: " + stock.getCount() + " (expected: >= 0)");
      }
      count += stock.getCount();
    }
    return Total.newBuilder().setCount(count).build();
  }

  @Override
  public void watch(Source<Item> items, Sink<Stock> responses) throws InterruptedException {
    for (Item item : items) {
      responses.send(count(item));
    }
  }

  @Override
  @Deprecated
  public Empty set(Stock stock) {
    return Empty.getDefaultInstance();
  }

  @Override
  public Part.List parts(Item item) {
    return Part.List.newBuilder().addPart(Part.newBuilder().setName(item.getName())).build();
  }
}
