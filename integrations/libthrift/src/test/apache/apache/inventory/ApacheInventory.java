package apache.inventory;

import io.volare.integrations.libthrift.ApacheSide;
import io.volare.integrations.libthrift.Libthrift;
import io.volare.integrations.libthrift.NoSuchItem;
import io.volare.integrations.libthrift.Shop;
import io.volare.rpc.RpcClient;
import io.volare.rpc.ServiceBinding;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import org.apache.thrift.TApplicationException;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.server.TServer;
import org.apache.thrift.server.TThreadPoolServer;
import org.apache.thrift.transport.TServerSocket;
import org.apache.thrift.transport.TSocket;
import org.apache.thrift.transport.TTransport;
import org.apache.thrift.transport.layered.TFramedTransport;

/** What is written against the code that Apache's compiler generates; compiled with it. */
public final class ApacheInventory implements ApacheSide {
  @Override
  public ServiceBinding bind(Shop shop) {
    Handler handler = new Handler(shop);
    // @start region="use"
    // a server: what was behind libthrift's server goes behind ours
    ServiceBinding binding = Libthrift.bind(handler, Inventory.Processor::new);
    // @end
    return binding;
  }

  @Override
  public Shop client(RpcClient client) {
    // @start region="client"
    // a client: thread-safe, over any stack of layers
    Inventory.Iface inventory = Libthrift.client(Inventory.Iface.class, client);
    // @end
    return new Caller(inventory);
  }

  @Override
  public ServiceBinding bindCounterOnly(Shop shop) {
    return Libthrift.bind(new Handler(shop), Counter.Processor::new);
  }

  @Override
  public Running socket(int port, boolean framed) throws Exception {
    TSocket socket = new TSocket("127.0.0.1", port, 5_000);
    TTransport transport = framed ? new TFramedTransport(socket) : socket;
    transport.open();
    Inventory.Iface client = new Inventory.Client(new TBinaryProtocol(transport));
    return new Running(port, new Caller(client), transport::close);
  }

  @Override
  public Running server(Shop shop) throws Exception {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    TServerSocket socket = new TServerSocket(new InetSocketAddress(loopback, 0), 5_000);
    TServer server =
        new TThreadPoolServer(
            new TThreadPoolServer.Args(socket)
                .processor(new Inventory.Processor<>(new Handler(shop)))
                .transportFactory(new TFramedTransport.Factory())
                .stopTimeoutVal(1));
    Thread serving = Thread.ofPlatform().name("libthrift's server").start(server::serve);
    return new Running(
        socket.getServerSocket().getLocalPort(),
        null,
        () -> {
          server.stop();
          serving.join();
        });
  }

  /** A handler as users of libthrift write them. */
  private static final class Handler implements Inventory.Iface {
    private final Shop shop;

    Handler(Shop shop) {
      this.shop = shop;
    }

    @Override
    public int count(String item) throws UnknownItem, TException {
      if (item.equals("application exception")) {
        throw new TApplicationException(TApplicationException.PROTOCOL_ERROR, "not that");
      }
      try {
        return shop.count(item);
      } catch (NoSuchItem unknown) {
        throw new UnknownItem(unknown.getMessage());
      } catch (TException | RuntimeException asItIs) {
        throw asItIs;
      } catch (Exception other) {
        throw new TException(other);
      }
    }

    @Override
    public Stock restock(Stock stock, int pieces, boolean urgent) {
      Stock restocked = new Stock(stock);
      restocked.setPieces(stock.getPieces() + pieces);
      if (urgent) {
        restocked.setShelf(Shelf.LOW);
      }
      return pieces == 0 ? null : restocked;
    }

    @Override
    public ByteBuffer label(ByteBuffer picture, int copies) {
      ByteBuffer label = ByteBuffer.allocate(picture.remaining() * copies);
      for (int i = 0; i < copies; i++) {
        label.put(picture.duplicate());
      }
      return label.flip();
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

  /** Calls as users of libthrift do. */
  private static final class Caller implements Shop {
    private final Inventory.Iface inventory;

    Caller(Inventory.Iface inventory) {
      this.inventory = inventory;
    }

    @Override
    public int count(String item) throws Exception {
      try {
        return inventory.count(item);
      } catch (UnknownItem unknown) {
        throw new NoSuchItem(unknown.getItem());
      }
    }

    @Override
    public String restock(String item, int pieces, boolean urgent) throws Exception {
      Stock stock = new Stock(item, 40);
      stock.addToPlaces("left");
      stock.putToLots("a", 1L << 40);
      stock.setShelf(Shelf.HIGH);
      stock.setLabel(new byte[] {1, 2});
      stock.setPrice(0.5);
      stock.setCounted(true);
      stock.addToParts(new Stock("part of " + item, 1));
      Stock restocked = inventory.restock(stock, pieces, urgent);
      Stock expected = new Stock(stock);
      expected.setPieces(40 + pieces);
      expected.setShelf(urgent ? Shelf.LOW : Shelf.HIGH);
      return restocked.equals(expected) ? "as expected" : restocked.toString();
    }

    @Override
    public byte[] label(byte[] picture, int copies) throws Exception {
      ByteBuffer label = inventory.label(ByteBuffer.wrap(picture), copies);
      byte[] bytes = new byte[label.remaining()];
      label.get(bytes);
      return bytes;
    }

    @Override
    public void empty() throws Exception {
      inventory.empty();
    }

    @Override
    public void note(String text) {
      try {
        inventory.note(text);
      } catch (TException failed) {
        throw new IllegalStateException(failed);
      }
    }

    @Override
    public String toString() {
      return inventory.toString();
    }
  }
}
