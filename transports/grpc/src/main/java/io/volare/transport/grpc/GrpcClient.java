package io.volare.transport.grpc;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.MessageLite;
import io.volare.codec.protobuf.ProtobufMethod;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Service;
import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import io.volare.rpc.EndpointHealth;
import io.volare.rpc.Lifecycle;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import io.volare.transport.netty.Loops;
import io.volare.transport.netty.TlsClientConfig;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Sends calls to gRPC servers over TCP or a Unix domain socket, and waits for their answers.
 * Thread-safe.
 *
 * <p>A call encodes on its own thread, hands the bytes to an event loop, parks until its response
 * is there, its deadline passes or it is interrupted, and decodes on its own thread again. It may
 * therefore run on any thread but an event loop. A method that streams returns a {@link
 * io.volare.rpc.Duplex} once its request was handed to a connection.
 *
 * <p>A call goes to another connection if no byte of it was written, and once if the server says
 * that it did not look at it; this is not a retry, and nobody sees it.
 */
public final class GrpcClient implements Service<RpcContext, Object, @Nullable Object>, Lifecycle {
  private final GrpcClientConfig config;
  private final GrpcCallOptions usual;
  private final @Nullable Endpoint fixed;
  private final Loops loops;
  private final EndpointHealth health;
  private final @Nullable TlsClientConfig tls;
  private final ClientCore core;
  private final ConcurrentHashMap<Address, Connections> endpoints = new ConcurrentHashMap<>();
  private final LongAdder begun = new LongAdder();
  private final LongAdder ended = new LongAdder();
  private volatile boolean ready = true;

  private GrpcClient(
      @Nullable Endpoint fixed,
      GrpcClientConfig config,
      Loops loops,
      EndpointHealth health,
      @Nullable TlsClientConfig tls) {
    this.fixed = fixed;
    this.config = requireNonNull(config, "config");
    this.usual = GrpcCallOptions.of(config);
    this.loops = loops;
    this.health = health;
    this.tls = tls;
    core = new ClientCore(config, health, loops, tls);
  }

  /** {@return a client that goes where a layer or the call's options say} */
  public static GrpcClient create(GrpcClientConfig config) {
    return new GrpcClient(null, config, Loops.shared(), EndpointHealth.shared(), null);
  }

  /** {@return a client that goes to {@code endpoint} unless the call says other} */
  public static GrpcClient to(Endpoint endpoint, GrpcClientConfig config) {
    return new GrpcClient(
        requireNonNull(endpoint, "endpoint"),
        config,
        Loops.shared(),
        EndpointHealth.shared(),
        null);
  }

  /** {@return this client on other loops, with its own connections} */
  public GrpcClient with(Loops loops) {
    return new GrpcClient(fixed, config, requireNonNull(loops, "loops"), health, tls);
  }

  /** {@return this client reporting to {@code health}, with its own connections} */
  public GrpcClient with(EndpointHealth health) {
    return new GrpcClient(fixed, config, loops, requireNonNull(health, "health"), tls);
  }

  /**
   * {@return this client over TLS with {@code h2} by ALPN, with its own connections}
   *
   * @throws RpcException of kind {@code FAILED_PRECONDITION} if its files cannot be used
   */
  public GrpcClient with(TlsClientConfig tls) {
    return new GrpcClient(fixed, config, loops, health, requireNonNull(tls, "tls"));
  }

  /**
   * Makes one call.
   *
   * @return the response; for a method that streams, a {@link io.volare.rpc.Duplex}
   * @throws InterruptedException if the calling thread is interrupted; the stream is reset and the
   *     connection stays
   * @throws GrpcStatusException if the server answered with a status other than 0
   * @throws RpcException if the call failed in another way
   * @throws IllegalStateException on an event loop, which must not wait for itself
   */
  @Override
  public @Nullable Object call(RpcContext context, Object request) throws Exception {
    if (Loops.isLoopThread()) {
      throw new IllegalStateException(
          context.target()
              + ": called on event loop "
              + Thread.currentThread().getName()
              + ", which would wait for itself: call from a virtual thread");
    }
    ProtobufMethod<MessageLite, MessageLite> method = ProtobufMethod.of(context.method());
    Endpoint endpoint = endpoint(context);
    checkCallable(context);
    GrpcCallOptions options = GrpcCallOptions.of(context, usual);
    begun.increment();
    if (context.method().kind().isStream()) {
      return stream(new StreamingCall(context, method, options, connections(endpoint)), request);
    }
    try {
      return new UnaryCall(context, method, options, connections(endpoint)).run(request);
    } finally {
      ended.increment();
    }
  }

  private Object stream(StreamingCall call, Object request) throws Exception {
    boolean open = false;
    try {
      Object ends = call.open(request, ended::increment);
      open = true;
      return ends;
    } finally {
      if (!open) {
        ended.increment();
      }
    }
  }

  private Endpoint endpoint(RpcContext context) {
    Endpoint endpoint = context.endpoint();
    if (endpoint != null) {
      return endpoint;
    }
    if (fixed == null) {
      throw RpcException.notExecuted(
          Kind.FAILED_PRECONDITION,
          context.target()
              + ": no endpoint (name one by GrpcClient.to, a discovery layer or"
              + " CallOptions.withEndpoint)");
    }
    context.endpoint(fixed);
    return fixed;
  }

  private void checkCallable(RpcContext context) throws InterruptedException {
    if (context.deadline().isExpired()) {
      throw RpcException.notExecuted(
          Kind.DEADLINE_EXCEEDED, context.target() + ": the deadline had passed before sending");
    }
    if (Thread.interrupted()) {
      throw new InterruptedException(context.target() + ": interrupted before sending");
    }
    if (!ready) {
      throw RpcException.notExecuted(
          Kind.UNAVAILABLE, context.target() + ": the client was stopped; build another");
    }
  }

  private Connections connections(Endpoint endpoint) {
    Connections known = endpoints.get(endpoint.address());
    if (known != null) {
      return known;
    }
    endpoints.values().removeIf(Connections::isEmpty); // whom nobody calls any more
    return endpoints.computeIfAbsent(
        endpoint.address(), address -> new Connections(core, endpoint));
  }

  /** Ready from the moment it is built; connections are made when they are needed. */
  @Override
  public void start() {
    if (!ready) {
      throw new IllegalStateException(
          "a gRPC client that was stopped does not start again: build another");
    }
  }

  @Override
  public boolean isReady() {
    return ready;
  }

  @Override
  public void drain(Duration limit) throws InterruptedException {
    ready = false;
    long end = System.nanoTime() + limit.toNanos();
    while (calls() > 0 && System.nanoTime() - end < 0) {
      Thread.sleep(2);
    }
  }

  @Override
  public void stop() {
    ready = false;
    core.stop();
  }

  /** {@return calls that are being made now, streams that are open included} */
  public long calls() {
    long over = ended.sum();
    return begun.sum() - over;
  }

  /** {@return connections that are open now} */
  public int connections() {
    return core.open();
  }

  /** {@return connections that are open and take calls} */
  int taking() {
    return core.taking();
  }

  /** {@return endpoints that it keeps something of} */
  int endpoints() {
    return endpoints.size();
  }

  /** {@return streams that are open or about to be, over all connections} */
  public int streams() {
    return core.streams();
  }

  @Override
  public String toString() {
    return (fixed == null ? "" : fixed + " ") + "gRPC" + (tls == null ? "" : " over TLS");
  }
}
