package io.volare.benchmarks;

import static java.util.Objects.requireNonNull;

import apache.benchmarks.EchoArgs;
import apache.benchmarks.EchoResult;
import apache.benchmarks.Request;
import apache.benchmarks.Response;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import org.apache.thrift.ProcessFunction;
import org.apache.thrift.TBaseProcessor;
import org.apache.thrift.TProcessor;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.server.TServer;
import org.apache.thrift.server.TThreadPoolServer;
import org.apache.thrift.server.TThreadedSelectorServer;
import org.apache.thrift.transport.TNonblockingServerSocket;
import org.apache.thrift.transport.TServerSocket;
import org.apache.thrift.transport.layered.TFramedTransport;

/** Apache's servers with its own generated structs; they speak framed. */
final class LibthriftEcho implements RunningServer {
  /**
   * Of its own 50, thousands of connections that open at once wait seconds for the next attempt.
   */
  private static final int BACKLOG = 4_096;

  private final TServer server;
  private final int port;

  private LibthriftEcho(TServer server, int port) {
    this.server = server;
    this.port = port;
    Thread.ofPlatform().daemon().name("libthrift-accept").start(server::serve);
  }

  /** Which server. */
  enum Mode {
    /** Selectors that read, call and write: its fastest, for handlers that do not block. */
    SELECTOR,
    /** The same with a pool that calls. */
    WORKERS,
    /** A thread for each connection. */
    POOL
  }

  static LibthriftEcho start(int port, Mode mode, int selectors) throws Exception {
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    if (mode == Mode.POOL) {
      TServerSocket socket =
          new TServerSocket(
              new TServerSocket.ServerSocketTransportArgs().bindAddr(address).backlog(BACKLOG));
      TThreadPoolServer.Args args =
          new TThreadPoolServer.Args(socket)
              .processor(processor())
              .transportFactory(new TFramedTransport.Factory())
              .protocolFactory(new TBinaryProtocol.Factory())
              .maxWorkerThreads(20_000);
      return new LibthriftEcho(
          new TThreadPoolServer(args), socket.getServerSocket().getLocalPort());
    }
    TNonblockingServerSocket socket =
        new TNonblockingServerSocket(
            new TNonblockingServerSocket.NonblockingAbstractServerSocketArgs()
                .bindAddr(address)
                .backlog(BACKLOG));
    TThreadedSelectorServer.Args args =
        new TThreadedSelectorServer.Args(socket)
            .processor(processor())
            .transportFactory(new TFramedTransport.Factory())
            .protocolFactory(new TBinaryProtocol.Factory())
            .selectorThreads(selectors)
            .workerThreads(mode == Mode.WORKERS ? 16 : 0);
    TThreadedSelectorServer server =
        new TThreadedSelectorServer(args) {
          @Override
          protected void gracefullyShutdownInvokerPool() {
            if (mode == Mode.WORKERS) { // without workers the original fails here
              super.gracefullyShutdownInvokerPool();
            }
          }
        };
    return new LibthriftEcho(server, socket.getPort());
  }

  private static TProcessor processor() {
    return new TBaseProcessor<Handler>(
        request -> new Response(request.getAction(), request.getMsg()),
        Map.of("Echo", new Echo())) {};
  }

  @Override
  public int port() {
    return port;
  }

  @Override
  public void close() {
    server.stop();
  }

  private interface Handler {
    Response echo(Request request);
  }

  /** What Apache's compiler generates for the method, as libthrift 0.25 wants it. */
  private static final class Echo extends ProcessFunction<Handler, EchoArgs, EchoResult> {
    Echo() {
      super("Echo");
    }

    @Override
    public boolean isOneway() {
      return false;
    }

    @Override
    public EchoResult getResult(Handler handler, EchoArgs args) {
      EchoResult result = getEmptyResultInstance();
      result.setSuccess(handler.echo(requireNonNull(args.getReq())));
      return result;
    }

    @Override
    public EchoArgs getEmptyArgsInstance() {
      return new EchoArgs();
    }

    @Override
    public EchoResult getEmptyResultInstance() {
      return new EchoResult();
    }
  }
}
