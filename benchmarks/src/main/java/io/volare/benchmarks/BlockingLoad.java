package io.volare.benchmarks;

import static java.util.Objects.requireNonNull;

import apache.benchmarks.EchoArgs;
import apache.benchmarks.EchoResult;
import io.volare.benchmarks.idl.EchoServerClient;
import io.volare.benchmarks.idl.Request;
import io.volare.benchmarks.protobuf.EchoClient;
import io.volare.rpc.Endpoint;
import io.volare.rpc.RpcClient;
import io.volare.transport.grpc.GrpcClient;
import io.volare.transport.grpc.GrpcClientConfig;
import io.volare.transport.netty.Execution;
import io.volare.transport.netty.Loops;
import io.volare.transport.thrift.ThriftClient;
import io.volare.transport.thrift.ThriftClientConfig;
import io.volare.transport.thrift.WireForm;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.apache.thrift.TServiceClient;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.apache.thrift.transport.TSocket;
import org.apache.thrift.transport.layered.TFramedTransport;
import org.jspecify.annotations.Nullable;

/** Callers that block, each on a thread of its own: how a client is used in direct style. */
final class BlockingLoad implements Load {
  private final List<Call> callers;
  private final Executor threads;
  private final AutoCloseable connections;
  private final LongAdder answered = new LongAdder();
  private volatile boolean running;

  private BlockingLoad(List<Call> callers, Executor threads, AutoCloseable connections) {
    this.callers = callers;
    this.threads = threads;
    this.connections = connections;
  }

  /** One caller's call: it answers what came back. */
  private interface Call {
    String echo(String text) throws Exception;
  }

  /** Volare's client; its callers are virtual threads unless the options say otherwise. */
  static BlockingLoad volare(Options options) {
    int concurrency = options.number("concurrency", 100);
    ThriftClientConfig pool =
        ThriftClientConfig.DEFAULT
            .withForm(options.choice("protocol", WireForm.TTHEADER))
            .withPool(options.number("connections", concurrency));
    ThriftClientConfig config =
        options.isOn("multiplexed") ? pool.withMultiplexed(pool.connections()) : pool;
    Loops loops = EchoServers.loops(options);
    ThriftClient transport =
        ThriftClient.to(Endpoint.tcp("127.0.0.1", options.number("port", 0)), config).with(loops);
    EchoServerClient client =
        EchoServerClient.of(RpcClient.builder("echo").caller("bench").transport(transport));
    String text = text(options);
    return volare(
        options,
        action -> client.echo(new Request(action, text)).action(),
        loops,
        () -> {
          transport.close();
          loops.close();
        });
  }

  /** Volare's client of gRPC; its callers are virtual threads unless the options say otherwise. */
  static BlockingLoad grpc(Options options) {
    int connections = options.number("connections", 1);
    Loops loops = EchoServers.loops(options);
    GrpcClient transport =
        GrpcClient.to(
                Endpoint.tcp("127.0.0.1", options.number("port", 0)),
                GrpcClientConfig.DEFAULT.withConnections(connections, connections))
            .with(loops);
    EchoClient client =
        EchoClient.of(RpcClient.builder("echo").caller("bench").transport(transport));
    String text = text(options);
    return volare(
        options,
        action -> {
          io.volare.benchmarks.protobuf.Request.Builder request =
              io.volare.benchmarks.protobuf.Request.newBuilder();
          return client.echo(request.setAction(action).setMsg(text).build()).getAction();
        },
        loops,
        () -> {
          transport.close();
          loops.close();
        });
  }

  /** On what threads Volare's clients are called. */
  private enum Callers {
    VIRTUAL,
    PLATFORM,
    /** Virtual threads that the client's event loops carry. */
    AFFINE
  }

  private static BlockingLoad volare(
      Options options, Call call, Loops loops, AutoCloseable connections) {
    Executor threads =
        switch (options.choice("callers", Callers.VIRTUAL)) {
          case PLATFORM -> Thread.ofPlatform().daemon()::start;
          case VIRTUAL -> Thread::startVirtualThread;
          case AFFINE ->
              caller -> loops.group().next().execute(() -> Execution.loopAffine().run(caller));
        };
    int concurrency = options.number("concurrency", 100);
    return new BlockingLoad(Collections.nCopies(concurrency, call), threads, connections);
  }

  private static String text(Options options) {
    return "m".repeat(options.number("size", 1024));
  }

  /** Apache's client: a platform thread and a framed connection for each caller. */
  static BlockingLoad libthrift(Options options) throws Exception {
    int port = options.number("port", 0);
    String text = text(options);
    List<Call> callers = new ArrayList<>();
    List<TFramedTransport> open = new ArrayList<>();
    for (int i = 0; i < options.number("concurrency", 100); i++) {
      TFramedTransport transport = new TFramedTransport(new TSocket("127.0.0.1", port));
      transport.open();
      open.add(transport);
      LibthriftClient client = new LibthriftClient(new TBinaryProtocol(transport));
      callers.add(action -> client.echo(action, text));
    }
    return new BlockingLoad(
        callers, Thread.ofPlatform().daemon()::start, () -> open.forEach(TFramedTransport::close));
  }

  @Override
  public LoadResult run(double seconds) throws Exception {
    Round round = new Round(new CountDownLatch(callers.size()));
    running = true;
    long before = answered.sum();
    long start = System.nanoTime();
    callers.forEach(round::start);
    Thread.sleep((long) (seconds * 1e3));
    running = false;
    round.over.await();
    long end = System.nanoTime();
    Exception first = round.failure.get();
    if (first != null) {
      throw new IllegalStateException("a call failed: " + first, first);
    }
    return new LoadResult(answered.sum() - before, (end - start) / 1e9, round.latency);
  }

  /**
   * All callers' calls for a while. After some calls another thread goes on with a caller's, as
   * threads come and go in a service: what is at the bottom of a thread's stack is interpreted
   * until it has been started often, and the JDK then parks and resumes a virtual thread the slow
   * way.
   */
  private final class Round {
    private static final int CALLS_OF_A_THREAD = 256;

    private final Histogram latency = new ConcurrentHistogram(TimeUnit.SECONDS.toNanos(60), 3);
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private final CountDownLatch over;

    Round(CountDownLatch over) {
      this.over = over;
    }

    void start(Call caller) {
      threads.execute(() -> {
        if (calls(caller)) {
          start(caller);
        } else {
          over.countDown();
        }
      });
    }

    /** {@return whether it is to go on} */
    private boolean calls(Call caller) {
      try {
        for (int made = 0; running && made < CALLS_OF_A_THREAD; made++) {
          long start = System.nanoTime();
          String back = caller.echo("echo");
          if (!back.equals("echo")) {
            throw new IllegalStateException("answer: " + back + " (expected: echo)");
          }
          latency.recordValue(System.nanoTime() - start);
          answered.increment();
        }
      } catch (Exception failed) {
        failure.compareAndSet(null, failed);
        running = false;
      }
      return running;
    }
  }

  @Override
  public long answered() {
    return answered.sum();
  }

  @Override
  public void close() throws Exception {
    connections.close();
  }

  /** What Apache's compiler generates for the method. */
  private static final class LibthriftClient extends TServiceClient {
    LibthriftClient(TBinaryProtocol protocol) {
      super(protocol, protocol);
    }

    String echo(String action, String text) throws org.apache.thrift.TException {
      EchoArgs args = new EchoArgs();
      args.setReq(new apache.benchmarks.Request(action, text));
      sendBase("Echo", args);
      EchoResult result = new EchoResult();
      receiveBase(result, "Echo");
      return requireNonNull(requireNonNull(result.getSuccess()).getAction());
    }
  }
}
