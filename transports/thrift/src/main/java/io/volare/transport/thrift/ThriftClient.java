package io.volare.transport.thrift;

import static java.util.Objects.requireNonNull;

import io.volare.codec.thrift.ApplicationError;
import io.volare.codec.thrift.ThriftMessage;
import io.volare.codec.thrift.ThriftMethod;
import io.volare.codec.thrift.ThriftProtocolException;
import io.volare.codec.thrift.ThriftReader;
import io.volare.metainfo.MetaInfo;
import io.volare.metainfo.Names;
import io.volare.motore.Deadline;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Service;
import io.volare.rpc.Address;
import io.volare.rpc.BusinessException;
import io.volare.rpc.Endpoint;
import io.volare.rpc.EndpointHealth;
import io.volare.rpc.Lifecycle;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import io.volare.transport.netty.Loops;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Sends Thrift calls to the endpoint that the call's context names, or to a fixed one. Thread-safe.
 *
 * <p>The caller's thread encodes, parks until the reply or the deadline, and decodes. A call whose
 * connection turns out to be closed, or asked not to be used, moves to another one as long as no
 * byte of it was written. Threads of event loops are refused: they would wait for themselves.
 */
public final class ThriftClient
    implements Service<RpcContext, Object, @Nullable Object>, Lifecycle {
  /** How often a call may find that its connection has just been closed. */
  private static final int MOST_MOVES = 8;

  private final @Nullable Endpoint fixed;
  private final ThriftClientConfig config;
  private final Loops loops;
  private final EndpointHealth health;
  private final ConcurrentHashMap<Address, ConnectionPool> pools = new ConcurrentHashMap<>();
  private final AtomicInteger running = new AtomicInteger();
  private volatile boolean ended;

  private ThriftClient(
      @Nullable Endpoint fixed, ThriftClientConfig config, Loops loops, EndpointHealth health) {
    this.fixed = fixed;
    this.config = requireNonNull(config, "config");
    this.loops = loops;
    this.health = health;
  }

  /** {@return a client that goes where a layer or the call's options say} */
  public static ThriftClient create(ThriftClientConfig config) {
    return new ThriftClient(null, config, Loops.shared(), EndpointHealth.shared());
  }

  /** {@return a client that goes to {@code endpoint} unless the call says other} */
  public static ThriftClient to(Endpoint endpoint, ThriftClientConfig config) {
    return new ThriftClient(endpoint, config, Loops.shared(), EndpointHealth.shared());
  }

  /** {@return this client on other loops, with its own connections} */
  public ThriftClient with(Loops loops) {
    return new ThriftClient(fixed, config, requireNonNull(loops, "loops"), health);
  }

  /** {@return this client reporting to {@code health}, with its own connections} */
  public ThriftClient with(EndpointHealth health) {
    return new ThriftClient(fixed, config, loops, requireNonNull(health, "health"));
  }

  @Override
  public @Nullable Object call(RpcContext context, Object arguments) throws Exception {
    refuseLoopThreads(context);
    Endpoint endpoint = endpointOf(context);
    Deadline deadline = context.deadline();
    long limit = deadline.remainingNanos();
    if (limit <= 0) {
      throw RpcException.notExecuted(
          Kind.DEADLINE_EXCEEDED, context.target() + ": the deadline had passed before sending");
    }
    ThriftMethod<Object, @Nullable Object> method = ThriftMethod.of(context.method());
    running.incrementAndGet();
    Request request = Request.encode(method, arguments, context, config);
    try {
      Object outcome = exchange(pool(endpoint), request, context, limit);
      return outcome instanceof Frame reply ? read(reply, method, context) : null;
    } finally {
      request.bytes().release();
      running.decrementAndGet();
    }
  }

  private static void refuseLoopThreads(RpcContext context) {
    if (Loops.isLoopThread()) {
      throw new IllegalStateException(
          context.target()
              + ": called from the event loop "
              + Thread.currentThread().getName()
              + ", which would wait for itself: a handler that calls others must not be inline");
    }
  }

  private Endpoint endpointOf(RpcContext context) {
    Endpoint endpoint = context.endpoint();
    if (endpoint == null) {
      if (fixed == null) {
        throw RpcException.notExecuted(
            Kind.FAILED_PRECONDITION,
            context.target()
                + ": no endpoint: add a discovery layer, set one with CallOptions.withEndpoint, or"
                + " create the client with ThriftClient.to");
      }
      endpoint = fixed;
      context.endpoint(endpoint);
    }
    return endpoint;
  }

  private ConnectionPool pool(Endpoint endpoint) {
    if (ended) {
      throw RpcException.notExecuted(Kind.UNAVAILABLE, endpoint + ": the client is closed");
    }
    ConnectionPool known = pools.get(endpoint.address());
    return known != null
        ? known
        : pools.computeIfAbsent(
            endpoint.address(), address -> new ConnectionPool(endpoint, config, loops, health));
  }

  private Object exchange(ConnectionPool pool, Request request, RpcContext context, long limitNanos)
      throws InterruptedException {
    boolean oneway = context.method().kind() == MethodDescriptor.Kind.ONEWAY;
    for (int move = 0; move < MOST_MOVES; move++) {
      ClientConnection connection = pool.take(context.target(), context.deadline());
      try {
        PendingCall call = connection.send(request, oneway);
        context.wire().sent(request.bytes().readableBytes(), System.nanoTime());
        Object outcome = call.await(context.deadline());
        if (outcome == null) {
          throw late(context, call, limitNanos);
        }
        if (outcome instanceof RpcException failure) {
          throw failed(context, failure);
        }
        if (outcome != PendingCall.NOT_WRITTEN) {
          return outcome;
        }
      } finally {
        pool.giveBack(connection);
      }
    }
    throw RpcException.notExecuted(
        Kind.UNAVAILABLE,
        context.target() + ": " + MOST_MOVES + " connections were closed before the request");
  }

  private static RpcException late(RpcContext context, PendingCall call, long limitNanos) {
    long limit = TimeUnit.NANOSECONDS.toMillis(limitNanos);
    long after = TimeUnit.NANOSECONDS.toMillis(limitNanos - context.deadline().remainingNanos());
    return new RpcException(
        Kind.DEADLINE_EXCEEDED,
        call.isWritten(),
        "%s: no response after %d ms (limit: %d ms)".formatted(context.target(), after, limit),
        null,
        null);
  }

  private static RpcException failed(RpcContext context, RpcException failure) {
    return new RpcException(
        failure.kind(),
        failure.mayHaveExecuted(),
        context.method().fullName() + " at " + failure.getMessage(),
        failure.retryAfter(),
        failure);
  }

  private @Nullable Object read(
      Frame reply, ThriftMethod<Object, @Nullable Object> method, RpcContext context)
      throws Exception {
    try {
      context.wire().received(reply.size());
      if (reply.header() != null) {
        receiveMetaInfo(reply.header(), context.metaInfo());
        BusinessException business = BizStatus.read(reply.header());
        if (business != null) {
          throw business;
        }
      }
      ThriftReader in = new ThriftReader(reply.message(), config.thrift());
      ThriftMessage envelope = ThriftMessage.read(in);
      if (envelope.type() == ThriftMessage.EXCEPTION) {
        throw ApplicationError.read(in).toFailure(context.target());
      }
      if (envelope.type() != ThriftMessage.REPLY || !envelope.name().equals(method.name())) {
        throw new ThriftProtocolException(
            "%s: a message of type %d for method %s (expected: a reply for %s)"
                .formatted(context.target(), envelope.type(), envelope.name(), method.name()));
      }
      return method.result().read(in);
    } finally {
      reply.release();
    }
  }

  private static void receiveMetaInfo(TtHeader header, MetaInfo metaInfo) {
    header.forEachString((name, value) -> {
      if (!metaInfo.receiveBackward(Names.RPC, name, value) && !BackwardKeys.isReserved(name)) {
        metaInfo.receiveRawBackward(name, value);
      }
    });
  }

  /** {@return connections that are open now, over all endpoints} */
  public int connections() {
    return pools.values().stream().mapToInt(ConnectionPool::open).sum();
  }

  /** {@return replies on open connections that came after their callers had given up} */
  public int lateReplies() {
    return pools.values().stream().mapToInt(ConnectionPool::late).sum();
  }

  /** Does nothing: a client connects with its first call. */
  @Override
  public void start() {
    if (ended) {
      throw new IllegalStateException("the client was stopped and does not start again");
    }
  }

  @Override
  public boolean isReady() {
    return !ended;
  }

  @Override
  public void drain(Duration limit) throws InterruptedException {
    ended = true;
    long end = System.nanoTime() + limit.toNanos();
    while (running.get() > 0 && System.nanoTime() < end) {
      Thread.sleep(5);
    }
    pools.values().forEach(ConnectionPool::drain);
  }

  @Override
  public void stop() {
    ended = true;
    pools.values().forEach(ConnectionPool::close);
  }

  @Override
  public String toString() {
    return (fixed == null ? "thrift" : fixed.toString())
        + " "
        + config.form()
        + (config.multiplexed() ? " multiplexed" : " ping-pong");
  }
}
