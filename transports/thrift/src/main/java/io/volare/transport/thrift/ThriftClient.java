package io.volare.transport.thrift;

import static java.util.Objects.requireNonNull;

import io.volare.motore.Failure.Kind;
import io.volare.motore.Service;
import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import io.volare.rpc.EndpointHealth;
import io.volare.rpc.Lifecycle;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import io.volare.transport.netty.Connector;
import io.volare.transport.netty.Loops;
import io.volare.transport.netty.TlsClientConfig;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Sends calls to Thrift servers over TCP or a Unix domain socket, and waits for their replies.
 * Thread-safe.
 *
 * <p>A call encodes on its own thread, hands the bytes to an event loop, parks until its reply is
 * there, its deadline passes or it is interrupted, and decodes on its own thread again. It may
 * therefore run on any thread but an event loop.
 *
 * <p>Who releases what: the request belongs to the calling thread until the loop writes it, then to
 * the channel; a reply is an array, which the garbage collector takes.
 *
 * <p>A call goes to another connection only if no byte of it was written; this is not a retry, and
 * nobody sees it.
 */
public final class ThriftClient
    implements Service<RpcContext, Object, @Nullable Object>, Lifecycle {
  private static final Duration SWEEP = Duration.ofMillis(250);

  private final ThriftClientConfig config;
  private final @Nullable Endpoint fixed;
  private final Loops loops;
  private final EndpointHealth health;
  private final @Nullable TlsClientConfig tls;
  private final ClientCore core;
  private final Request.Cache requests;
  private final ConcurrentHashMap<Address, ConnectionPool> pools = new ConcurrentHashMap<>();
  private final LongAdder begun = new LongAdder();
  private final LongAdder ended = new LongAdder();
  private volatile State state = State.READY;
  private @Nullable Future<?> sweeping;

  private ThriftClient(
      @Nullable Endpoint fixed,
      ThriftClientConfig config,
      Loops loops,
      EndpointHealth health,
      @Nullable TlsClientConfig tls) {
    this.fixed = fixed;
    this.config = requireNonNull(config, "config");
    this.loops = loops;
    this.health = health;
    this.tls = tls;
    Connector plain = Connector.of(loops, config.connectTimeout());
    core = new ClientCore(config, health, tls == null ? plain : plain.withTls(tls, Set.of()));
    requests = new Request.Cache(config);
  }

  /** {@return a client that goes where a layer or the call's options say} */
  public static ThriftClient create(ThriftClientConfig config) {
    return new ThriftClient(null, config, Loops.shared(), EndpointHealth.shared(), null);
  }

  /** {@return a client that goes to {@code endpoint} unless the call says other} */
  public static ThriftClient to(Endpoint endpoint, ThriftClientConfig config) {
    return new ThriftClient(endpoint, config, Loops.shared(), EndpointHealth.shared(), null);
  }

  /** {@return this client on other loops, with its own connections} */
  public ThriftClient with(Loops loops) {
    return new ThriftClient(fixed, config, requireNonNull(loops, "loops"), health, tls);
  }

  /** {@return this client reporting to {@code health}, with its own connections} */
  public ThriftClient with(EndpointHealth health) {
    return new ThriftClient(fixed, config, loops, requireNonNull(health, "health"), tls);
  }

  /**
   * {@return this client over TLS, with its own connections} Needs {@code io.netty:netty-handler}
   * on the class path.
   *
   * @throws RpcException of kind {@code FAILED_PRECONDITION} if its files cannot be used
   */
  public ThriftClient with(TlsClientConfig tls) {
    return new ThriftClient(fixed, config, loops, health, requireNonNull(tls, "tls"));
  }

  /**
   * Makes one call.
   *
   * @throws InterruptedException if the calling thread is interrupted. A multiplexed connection
   *     stays and a late reply is dropped; a ping-pong connection is closed
   * @throws RpcException if the call failed in a way that the IDL does not declare
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
    Endpoint endpoint = endpoint(context);
    long limitNanos = context.deadline().remainingNanos();
    checkCallable(context, limitNanos);
    begun.increment();
    try {
      if (state != State.READY) {
        throw stopped(context);
      }
      return new ClientCall(context, config, pool(endpoint), limitNanos)
          .run(requests.of(context), request);
    } finally {
      ended.increment();
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
              + ": no endpoint (name one by ThriftClient.to, a discovery layer or"
              + " CallOptions.withEndpoint)");
    }
    context.endpoint(fixed);
    return fixed;
  }

  private static void checkCallable(RpcContext context, long limitNanos)
      throws InterruptedException {
    if (context.method().kind().isStream()) {
      throw RpcException.notExecuted(
          Kind.UNIMPLEMENTED, context.target() + ": streams are not carried by this transport");
    }
    if (limitNanos <= 0) {
      throw RpcException.notExecuted(
          Kind.DEADLINE_EXCEEDED, context.target() + ": the deadline had passed before sending");
    }
    if (Thread.interrupted()) {
      throw new InterruptedException(context.target() + ": interrupted before sending");
    }
  }

  private static RpcException stopped(RpcContext context) {
    return RpcException.notExecuted(
        Kind.UNAVAILABLE, context.target() + ": the client was stopped; build another");
  }

  private ConnectionPool pool(Endpoint endpoint) {
    ConnectionPool pool = pools.get(endpoint.address());
    return pool != null ? pool : pools.computeIfAbsent(endpoint.address(), a -> open(endpoint));
  }

  private ConnectionPool open(Endpoint endpoint) {
    startSweeping();
    return config.multiplexed()
        ? new MultiplexedPool(core, endpoint)
        : new PingPongPool(core, endpoint);
  }

  private synchronized void startSweeping() {
    if (sweeping == null && state == State.READY) {
      sweeping =
          loops
              .group()
              .next()
              .scheduleWithFixedDelay(
                  this::sweep, SWEEP.toMillis(), SWEEP.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private void sweep() {
    long now = System.nanoTime();
    pools.forEach((address, pool) -> {
      if (pool.evict(now) && pools.remove(address, pool)) {
        pool.retire();
      }
    });
  }

  /** Ready from the moment it is built; connections are made when they are needed. */
  @Override
  public synchronized void start() {
    if (state != State.READY) {
      throw new IllegalStateException(
          "a Thrift client that was stopped does not start again: build another");
    }
  }

  @Override
  public boolean isReady() {
    return state == State.READY;
  }

  @Override
  public void drain(Duration limit) throws InterruptedException {
    endTaking();
    long end = System.nanoTime() + limit.toNanos();
    while (calls() > 0 && System.nanoTime() < end) {
      Thread.sleep(2);
    }
  }

  @Override
  public void stop() {
    endTaking();
    core.stop();
  }

  private synchronized void endTaking() {
    state = State.ENDED;
    if (sweeping != null) {
      sweeping.cancel(false);
    }
  }

  /** {@return calls that are being made now} */
  public long calls() {
    long over = ended.sum();
    return begun.sum() - over;
  }

  /** {@return connections that are open now} */
  public int connections() {
    return core.open();
  }

  /** {@return requests that wait for a reply, over all connections} */
  public int pendingCalls() {
    return core.pending();
  }

  /** {@return replies that nobody waited for any more, and those with an unknown sequence id} */
  public long lateReplies() {
    return core.dropped();
  }

  @Override
  public String toString() {
    return (fixed == null ? "thrift" : fixed.toString())
        + " "
        + config.form()
        + (config.multiplexed() ? " multiplexed" : " ping-pong")
        + (tls == null ? "" : " over TLS");
  }

  private enum State {
    READY,
    ENDED
  }
}
