package io.volare.integrations.libthrift;

import io.volare.codec.thrift.Binary;
import io.volare.integrations.libthrift.idl.Inventory;
import io.volare.integrations.libthrift.idl.Shelf;
import io.volare.integrations.libthrift.idl.Stock;
import io.volare.integrations.libthrift.idl.UnknownItem;
import java.util.List;
import java.util.Map;

/** The tests' service, against the code that Volare's compiler generates. */
final class VolareInventory {
  private VolareInventory() {}

  /** A handler that asks {@code shop}. */
  record Handler(Shop shop) implements Inventory {
    @Override
    public int count(String item) throws UnknownItem, InterruptedException {
      try {
        return shop.count(item);
      } catch (NoSuchItem unknown) {
        throw new UnknownItem(unknown.getMessage());
      } catch (InterruptedException | RuntimeException asItIs) {
        throw asItIs;
      } catch (Exception other) {
        throw new IllegalStateException(other);
      }
    }

    @Override
    public Stock restock(Stock stock, int pieces, boolean urgent) {
      return stock(stock.item(), stock.pieces() + pieces, urgent ? Shelf.LOW : Shelf.HIGH);
    }

    @Override
    public Binary label(Binary picture, int copies) {
      byte[] bytes = new byte[picture.size() * copies];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = picture.at(i % picture.size());
      }
      return Binary.of(bytes);
    }

    @Override
    public void empty() {
      shop.note("emptied");
    }

    @Override
    public void note(String text) {
      shop.note(text);
    }
  }

  /** Calls a client. */
  record Caller(Inventory inventory) implements Shop {
    @Override
    public int count(String item) throws Exception {
      try {
        return inventory.count(item);
      } catch (UnknownItem unknown) {
        throw new NoSuchItem(unknown.item());
      }
    }

    @Override
    public String restock(String item, int pieces, boolean urgent) throws Exception {
      Stock restocked = inventory.restock(stock(item, 40, Shelf.HIGH), pieces, urgent);
      Stock expected = stock(item, 40 + pieces, urgent ? Shelf.LOW : Shelf.HIGH);
      return restocked.equals(expected) ? "as expected" : restocked.toString();
    }

    @Override
    public byte[] label(byte[] picture, int copies) throws Exception {
      return inventory.label(Binary.of(picture), copies).toArray();
    }

    @Override
    public void empty() throws Exception {
      inventory.empty();
    }

    @Override
    public void note(String text) {
      try {
        inventory.note(text);
      } catch (InterruptedException cancelled) {
        throw new IllegalStateException(cancelled);
      }
    }
  }

  private static Stock stock(String item, int pieces, Shelf shelf) {
    return Stock.builder()
        .item(item)
        .pieces(pieces)
        .places(List.of("left"))
        .lots(Map.of("a", 1L << 40))
        .shelf(shelf)
        .label(Binary.of((byte) 1, (byte) 2))
        .price(0.5)
        .counted(true)
        .parts(List.of(Stock.builder().item("part of " + item).pieces(1).build()))
        .build();
  }
}
