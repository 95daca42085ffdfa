import io.volare.interop.cases.Cases;
import io.volare.interop.cases.Choice;
import io.volare.interop.cases.Color;
import io.volare.interop.cases.Everything;
import io.volare.interop.cases.Later;
import io.volare.interop.cases.Oops;
import io.volare.interop.cases.Point;
import io.volare.interop.cases.Request;
import io.volare.interop.cases.Response;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.thrift.TApplicationException;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.server.TThreadPoolServer;
import org.apache.thrift.transport.TServerSocket;
import org.apache.thrift.transport.TSocket;
import org.apache.thrift.transport.TTransport;
import org.apache.thrift.transport.TTransportException;
import org.apache.thrift.transport.TTransportFactory;
import org.apache.thrift.transport.layered.TFramedTransport;

/** One server and one client over Apache Thrift for Java, for the matrix in interop/run. */
public final class Peer {
  private static final int MAX_BYTES = 16 * 1024 * 1024;

  private final int port;
  private final boolean framed;

  private Peer(int port, boolean framed) {
    this.port = port;
    this.framed = framed;
  }

  public static void main(String[] args) throws Exception {
    Map<String, String> options = new HashMap<>();
    for (int i = 1; i < args.length; i += 2) {
      options.put(args[i], args[i + 1]);
    }
    Peer peer =
        new Peer(Integer.parseInt(options.get("--port")), options.get("--wire").equals("framed"));
    if (args[0].equals("server")) {
      peer.serve();
      return;
    }
    boolean failed = false;
    for (String name : options.get("--case").split(",")) {
      String result = "ok";
      try {
        peer.run(name);
      } catch (Exception | AssertionError failure) {
        failed = true;
        result = String.valueOf(failure).replace('\n', ' ');
      }
      System.out.println(name + " " + result);
    }
    System.exit(failed ? 1 : 0);
  }

  private void serve() throws Exception {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    TThreadPoolServer.Args args =
        new TThreadPoolServer.Args(new TServerSocket(address))
            .processor(new Cases.Processor<>(new Handler()))
            .protocolFactory(new TBinaryProtocol.Factory())
            .minWorkerThreads(80);
    if (framed) {
      args.transportFactory(new TFramedTransport.Factory(MAX_BYTES));
    } else {
      args.transportFactory(new TTransportFactory());
    }
    System.out.println("READY");
    new TThreadPoolServer(args).serve();
  }

  private static final class Handler implements Cases.Iface {
    private final Set<String> logged = ConcurrentHashMap.newKeySet();

    @Override
    public Response Echo(Request req) throws TException {
      String[] words = req.getMsg().split(":", 2);
      String rest = words.length > 1 ? words[1] : "";
      String text = req.getMsg();
      switch (words[0]) {
        case "oops":
          throw new Oops("because", 7);
        case "err":
          throw new TApplicationException(TApplicationException.INTERNAL_ERROR, "went wrong");
        case "sleep":
          sleep(Long.parseLong(rest));
          break;
        case "logged":
          text = logged.contains(rest) ? "yes" : "no";
          break;
        default:
      }
      return new Response(req.getAction(), text);
    }

    @Override
    public Everything Swap(Everything all) {
      return all;
    }

    @Override
    public void Ping() {}

    @Override
    public void Log(Request req) {
      logged.add(req.getMsg());
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private static Everything everything() {
    List<Map<String, Point>> points = List.of(Map.of("p", new Point(1, -2)), Map.of());
    Everything all =
        new Everything()
            .setYes(true)
            .setTiny((byte) -8)
            .setSmall((short) -300)
            .setMedium(1 << 30)
            .setLarge(-(1L << 60))
            .setReal(0.1)
            .setText("h\u00e9llo \u2603 \ud834\udd1e")
            .setRaw(ByteBuffer.wrap(new byte[] {0, 1, (byte) 0xfe, (byte) 0xff}))
            .setColor(Color.BLUE)
            .setChoice(Choice.number(42))
            .setNames(List.of("a", "", "c"))
            .setIds(new HashSet<>(Set.of(7)))
            .setCounts(Map.of("one", 1L, "", -1L))
            .setNested(Map.of(5, points, 6, List.of()))
            .setColors(List.of(Color.RED, Color.GREEN))
            .setAfter_fifteen("sixteen")
            .setFar(new Point(3, 4));
    return all.setVery_far(1L << 40);
  }

  private TTransport open(int limit) throws TTransportException {
    TTransport socket = new TSocket("127.0.0.1", port, limit);
    TTransport transport = framed ? new TFramedTransport(socket, MAX_BYTES) : socket;
    transport.open();
    return transport;
  }

  private Cases.Client connect(int limit) throws TTransportException {
    return new Cases.Client(new TBinaryProtocol(open(limit)));
  }

  private static String echo(Cases.Client calls, String text) throws TException {
    return calls.Echo(new Request("a", text)).getMsg();
  }

  private static void expect(Cases.Client calls, String sent, String expected) throws TException {
    String got = echo(calls, sent);
    check(got.equals(expected), sent + ": expected " + expected + ", got " + got);
  }

  private static void check(boolean good, String otherwise) {
    if (!good) {
      throw new AssertionError(otherwise);
    }
  }

  private static <X extends Exception> X thrown(Class<X> type, Callable<String> call)
      throws Exception {
    try {
      throw new AssertionError("expected " + type.getSimpleName() + ", got " + call.call());
    } catch (Exception failure) {
      if (type.isInstance(failure)) {
        return type.cast(failure);
      }
      throw failure;
    }
  }

  private void run(String name) throws Exception {
    Cases.Client calls = connect(20_000);
    switch (name) {
      case "echo":
        calls.Ping();
        expect(calls, "hi", "hi");
        break;
      case "all":
        Everything got = calls.Swap(everything());
        check(got.equals(everything()), "got " + got);
        break;
      case "big":
        String big = "0123456789abcdef".repeat(3 << 16);
        check(echo(calls, big).equals(big), "another text");
        break;
      case "concurrent":
        concurrent();
        break;
      case "declared":
        Oops oops = thrown(Oops.class, () -> echo(calls, "oops"));
        check(oops.getWhy().equals("because") && oops.getCode() == 7, oops.toString());
        break;
      case "application":
        TApplicationException failure =
            thrown(TApplicationException.class, () -> echo(calls, "err"));
        check(failure.getMessage().contains("went wrong"), failure.toString());
        expect(calls, "hi", "hi");
        break;
      case "unknown":
        Later.Client later = new Later.Client(new TBinaryProtocol(open(20_000)));
        TApplicationException unknown =
            thrown(TApplicationException.class, () -> later.Missing("x"));
        check(unknown.getType() == 1 || unknown.getType() == 20, unknown.toString());
        break;
      case "oneway":
        String token = Long.toString(System.nanoTime(), 36);
        calls.Log(new Request("a", token));
        for (int i = 0; i < 40 && !echo(calls, "logged:" + token).equals("yes"); i++) {
          sleep(50);
        }
        expect(calls, "logged:" + token, "yes");
        break;
      case "timeout":
        long start = System.nanoTime();
        TTransportException late =
            thrown(TTransportException.class, () -> echo(connect(300), "sleep:2000"));
        check(late.getType() == TTransportException.TIMED_OUT, late.toString());
        check(System.nanoTime() - start < 1_500_000_000L, "late");
        break;
      default:
        throw new AssertionError("no such case");
    }
  }

  private void concurrent() throws Exception {
    ExecutorService workers = Executors.newFixedThreadPool(64);
    List<Future<?>> running = new ArrayList<>();
    for (int n = 0; n < 64; n++) {
      int worker = n;
      running.add(
          workers.submit(() -> {
            Cases.Client calls = connect(20_000);
            for (int i = 0; i < 50; i++) {
              expect(calls, "call " + i + " of " + worker, "call " + i + " of " + worker);
            }
            return null;
          }));
    }
    for (Future<?> each : running) {
      each.get();
    }
    workers.shutdown();
  }
}
