package io.volare.transport.grpc;

import io.netty.channel.ChannelFuture;
import io.netty.channel.ConnectTimeoutException;
import io.netty.channel.EventLoop;
import io.volare.motore.Deadline;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import io.volare.rpc.EndpointHealth.Signal;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import io.volare.transport.netty.Loops;
import io.volare.transport.netty.PeerDrain;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one client to one endpoint. Thread-safe.
 *
 * <p>How is this designed, and why? What is known is one immutable {@link State}, replaced by
 * compare-and-set, so that callers and loops never wait for each other. A call takes a free stream
 * of a connection that is there, of the loop that carries it if one does. Who finds none registers
 * as waiting, looks again, connects if that is due, and parks; whoever changes what is known, or
 * frees a stream, wakes those who wait.
 *
 * <p>After a connection that could not be made, or was lost before it served a call, the next is
 * tried after a random time up to 100 ms, 160 ms, 256 ms … 30 s, or 1 s where it is refused at
 * once, which costs nobody anything. A call that was served starts this over.
 */
final class Connections {
  private static final long LONGEST_KEEPALIVE_NANOS = Duration.ofHours(2).toNanos();
  private static final double FIRST_PAUSE_MILLIS = 100;
  private static final double FACTOR = 1.6;
  private static final double LONGEST_PAUSE_MILLIS = 30_000;
  private static final double LONGEST_REFUSED_MILLIS = 1_000;

  private final ClientCore core;
  private final Endpoint endpoint;
  private final RequestHead.Cache heads;
  private final AtomicReference<State> state = new AtomicReference<>(State.NEW);
  private final ConcurrentLinkedQueue<Waiter> waiting = new ConcurrentLinkedQueue<>();

  private final PeerDrain peerDrain = new PeerDrain();
  private volatile long keepaliveNanos;
  private volatile boolean mayMeasure = true;

  /** Whose turn it is; a lost update does no harm. */
  private int turn;

  Connections(ClientCore core, Endpoint endpoint) {
    this.core = core;
    this.endpoint = endpoint;
    this.keepaliveNanos = core.config().keepalive().toNanos();
    this.heads = new RequestHead.Cache(core.scheme(), authority(core.config(), endpoint));
  }

  private static String authority(GrpcClientConfig config, Endpoint endpoint) {
    String said = config.authority();
    if (said != null) {
      return said;
    }
    return endpoint.address() instanceof Address.Unix ? "localhost" : endpoint.toString();
  }

  /**
   * What is known at one moment.
   *
   * @param ready connections that take calls, though all their streams may be in use
   * @param opening connections that are being made
   * @param failures in a row
   * @param failed how many there were in all, to see whether one is new
   * @param notBefore when the next connection may be tried, if {@code failures} is not 0
   * @param last the newest failure
   */
  private record State(
      List<ClientConnection> ready,
      int opening,
      int failures,
      long failed,
      long notBefore,
      @Nullable Throwable last) {
    static final State NEW = new State(List.of(), 0, 0, 0, 0, null);

    State opens() {
      return new State(ready, opening + 1, failures, failed, notBefore, last);
    }

    State with(ClientConnection connection) {
      List<ClientConnection> more = new ArrayList<>(ready);
      more.add(connection);
      return new State(List.copyOf(more), opening - 1, failures, failed, notBefore, last);
    }

    State without(ClientConnection connection) {
      List<ClientConnection> fewer = new ArrayList<>(ready);
      fewer.remove(connection);
      return new State(List.copyOf(fewer), opening, failures, failed, notBefore, last);
    }

    State fails(int opened, long pauseNanos, @Nullable Throwable cause) {
      return new State(
          ready, opening - opened, failures + 1, failed + 1, System.nanoTime() + pauseNanos, cause);
    }

    State serves() {
      return new State(ready, opening, 0, failed, 0, null);
    }

    boolean mayTry() {
      return failures == 0 || System.nanoTime() - notBefore >= 0;
    }
  }

  GrpcClientConfig config() {
    return core.config();
  }

  ClientCore core() {
    return core;
  }

  Endpoint endpoint() {
    return endpoint;
  }

  long keepaliveNanos() {
    return keepaliveNanos;
  }

  /** {@return whether windows may be measured by pings} */
  boolean mayMeasure() {
    return mayMeasure;
  }

  /** The server finds that it gets too many pings. */
  void askLess() {
    mayMeasure = false;
    keepaliveNanos = Math.min(keepaliveNanos * 2, LONGEST_KEEPALIVE_NANOS);
  }

  RequestHead.Cache heads() {
    return heads;
  }

  /**
   * {@return a connection with a stream for one call, reserved}
   *
   * @param waitForReady whether to wait where no connection can be made for now
   * @throws InterruptedException if the call was cancelled while it waited
   * @throws RpcException if there is none; nothing was sent
   */
  ClientConnection acquire(RpcContext context, boolean waitForReady) throws InterruptedException {
    State now = state.get();
    ClientConnection free = free(now);
    if (free == null) {
      return waitForOne(context, waitForReady);
    }
    if (now.ready.size() + now.opening < config().connections()
        && now.mayTry()
        && !peerDrain.isOn()) {
      tryToOpen(now, context);
    }
    return free;
  }

  private @Nullable ClientConnection free(State now) {
    int size = now.ready.size();
    int first = size > 1 && config().connections() > 1 ? Math.floorMod(turn++, size) : 0;
    EventLoop carrier = size > 1 ? Loops.carrier() : null;
    ClientConnection near = carrier == null ? null : free(now.ready, first, carrier);
    return near == null ? free(now.ready, first, null) : near;
  }

  /**
   * {@return one with a free stream, now reserved, or null}
   *
   * @param loop whose it has to be, null for any
   */
  private static @Nullable ClientConnection free(
      List<ClientConnection> ready, int first, @Nullable EventLoop loop) {
    int size = ready.size();
    for (int i = 0; i < size; i++) {
      ClientConnection connection = ready.get((first + i) % size);
      if ((loop == null || connection.channel().eventLoop() == loop) && connection.tryReserve()) {
        return connection;
      }
    }
    return null;
  }

  private ClientConnection waitForOne(RpcContext context, boolean waitForReady)
      throws InterruptedException {
    long startNanos = System.nanoTime();
    long failedBefore = state.get().failed;
    Waiter waiter = new Waiter(Thread.currentThread());
    try {
      while (true) {
        waiter.register(waiting);
        State now = state.get();
        ClientConnection free = free(now);
        if (free != null) {
          return free;
        }
        if (mayOpen(now)) {
          peerDrain.checkConnect(context);
          if (now.mayTry()) {
            tryToOpen(now, context);
            continue;
          }
          if (!waitForReady && now.ready.isEmpty()) {
            throw unavailable(context, now);
          }
        }
        if (!waitForReady && now.ready.isEmpty() && now.failed != failedBefore) {
          throw unavailable(context, now);
        }
        park(
            context,
            waiter,
            mayOpen(now) ? now.notBefore - System.nanoTime() : Long.MAX_VALUE,
            startNanos);
      }
    } finally {
      if (!waiter.leave(waiting)) {
        wakeOne();
      }
    }
  }

  /** One at a time, and another one only where streams have run out, not where none is allowed. */
  private boolean mayOpen(State now) {
    return now.opening == 0
        && now.ready.size() < config().mostConnections()
        && (now.ready.isEmpty() || now.ready.stream().anyMatch(one -> one.limit() > 0));
  }

  private void park(RpcContext context, Waiter waiter, long retryNanos, long startNanos)
      throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException(context.target() + ": interrupted before sending");
    }
    Deadline deadline = context.deadline();
    long left =
        deadline.isFinite()
            ? deadline.remainingNanos()
            : config().progress().toNanos() - (System.nanoTime() - startNanos);
    if (left <= 0) {
      throw RpcException.notExecuted(
          Kind.DEADLINE_EXCEEDED,
          "%s: not sent after %d ms: %s"
              .formatted(
                  context.target(),
                  (System.nanoTime() - startNanos) / 1_000_000,
                  state.get().ready.isEmpty() ? "no connection" : "no free stream"));
    }
    waiter.park(Math.min(left, retryNanos));
  }

  private RpcException unavailable(RpcContext context, State now) {
    Throwable last = now.last;
    String why = last == null ? "the connection was lost" : String.valueOf(last.getMessage());
    long pause = now.notBefore - System.nanoTime();
    Kind kind =
        last instanceof RpcException said && !said.mayHaveExecuted()
            ? said.kind()
            : Kind.UNAVAILABLE;
    return new RpcException(
        kind,
        false,
        context.target() + ": no connection: " + why,
        pause > 0 ? Duration.ofNanos(pause) : null,
        last);
  }

  private void tryToOpen(State now, RpcContext context) {
    if (!state.compareAndSet(now, now.opens())) {
      return;
    }
    ClientConnection connection = new ClientConnection(this);
    ChannelFuture connecting;
    try {
      connecting = core.connector().start(endpoint.address(), connection, context.target());
    } catch (RuntimeException unknownHost) {
      failed(unknownHost);
      return;
    }
    connecting.addListener(done -> {
      if (done.isSuccess()) {
        core.opened(connection);
      } else {
        failed(reason((ChannelFuture) done));
      }
    });
  }

  /** {@return why there is no connection, in the words of the connector} */
  private Throwable reason(ChannelFuture failed) {
    try {
      core.connector().await(failed, endpoint.toString(), Deadline.NONE); // it is done already
      return failed.cause();
    } catch (RpcException said) {
      return said;
    } catch (InterruptedException impossible) {
      return impossible;
    }
  }

  private void change(UnaryOperator<State> change) {
    state.updateAndGet(change);
  }

  /** A connection has had its first settings. */
  void ready(ClientConnection connection) {
    change(now -> now.with(connection));
    core.health().report(endpoint, Signal.CONNECTED);
    wakeAll();
  }

  /** A connection could not be made. */
  void failed(@Nullable Throwable cause) {
    long pause = pauseNanos(state.get().failures, cause);
    change(now -> now.fails(1, pause, cause));
    core.health().report(endpoint, Signal.REFUSED);
    wakeAll();
  }

  /** The server has asked to use other connections, and shall not see another one for a moment. */
  void draining() {
    peerDrain.begin();
    core.health().report(endpoint, Signal.DRAINING);
  }

  /** A connection takes no more calls. */
  void gone(ClientConnection connection) {
    change(now -> now.without(connection));
    wakeAll();
  }

  /**
   * The server has sent a connection away and took nothing of it, so the next one waits its turn.
   * This is known before the first caller hears that its call was not taken.
   */
  void wasOfNoUse(ClientConnection connection, RpcException why) {
    long pause = pauseNanos(state.get().failures, why);
    change(now -> now.without(connection).fails(0, pause, why));
    wakeAll();
  }

  /**
   * A connection has closed that was ready before.
   *
   * @param broken whether nobody asked for it
   * @param served whether it was of use, left by this side, or known to be of no use already
   */
  void lost(
      ClientConnection connection, boolean broken, boolean served, @Nullable Throwable cause) {
    long pause = pauseNanos(state.get().failures, cause);
    change(
        now -> !served ? now.without(connection).fails(0, pause, cause) : now.without(connection));
    if (broken) {
      core.health().report(endpoint, Signal.LOST);
    }
    wakeAll();
  }

  private static long pauseNanos(int failures, @Nullable Throwable failure) {
    Throwable cause = failure instanceof RpcException said ? said.getCause() : failure;
    boolean refused =
        cause instanceof ConnectException && !(cause instanceof ConnectTimeoutException);
    double longest = refused ? LONGEST_REFUSED_MILLIS : LONGEST_PAUSE_MILLIS;
    double most = FIRST_PAUSE_MILLIS * Math.pow(FACTOR, Math.min(failures, 20));
    double millis = ThreadLocalRandom.current().nextDouble() * Math.min(longest, most);
    return (long) (millis * 1_000_000);
  }

  /** A call has been served: what failed before is past. */
  void served() {
    if (state.get().failures > 0) {
      change(State::serves);
    }
  }

  /** A stream is free. */
  void freed() {
    if (!waiting.isEmpty()) {
      wakeOne();
    }
  }

  private void wakeOne() {
    Waiter one = waiting.poll();
    if (one != null) {
      one.wake();
    }
  }

  private void wakeAll() {
    for (Waiter one = waiting.poll(); one != null; one = waiting.poll()) {
      one.wake();
    }
  }

  /** {@return whether there is no connection, nor one being made, nor one that waits for one} */
  boolean isEmpty() {
    State now = state.get();
    return now.ready.isEmpty()
        && now.opening == 0
        && waiting.isEmpty()
        && now.mayTry()
        && !peerDrain.isOn();
  }

  /** A thread that waits for a stream. It is in the queue once, or was taken out by its waker. */
  private static final class Waiter {
    private final Thread thread;
    private volatile boolean queued;

    Waiter(Thread thread) {
      this.thread = thread;
    }

    void register(ConcurrentLinkedQueue<Waiter> waiting) {
      if (!queued) {
        queued = true;
        waiting.add(this);
      }
    }

    /** {@return whether nobody has woken it since it registered} */
    boolean leave(ConcurrentLinkedQueue<Waiter> waiting) {
      return waiting.remove(this);
    }

    void park(long nanos) {
      if (queued) {
        LockSupport.parkNanos(this, Math.max(1, nanos));
      }
    }

    void wake() {
      queued = false;
      LockSupport.unpark(thread);
    }
  }
}
