package io.volare.transport.thrift;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.volare.motore.Deadline;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import io.volare.rpc.EndpointHealth;
import io.volare.rpc.EndpointHealth.Signal;
import io.volare.rpc.RpcException;
import io.volare.transport.netty.Loops;
import java.net.SocketAddress;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a client to one endpoint. Thread-safe.
 *
 * <p>With one call at a time, {@code idle} is a stack: the connection used last is used next, and
 * what a lull leaves over grows old and is closed. Multiplexed, calls go round the {@code shared}
 * connections; {@code connecting} makes one caller connect while the others wait for it.
 */
final class ConnectionPool {
  private final Endpoint endpoint;
  private final ThriftClientConfig config;
  private final Loops loops;
  private final EndpointHealth health;
  private final ConcurrentLinkedDeque<ClientConnection> idle = new ConcurrentLinkedDeque<>();
  private final Semaphore permits;
  private final AtomicReferenceArray<@Nullable ClientConnection> shared;
  private final ReentrantLock connecting = new ReentrantLock();
  private final AtomicInteger turn = new AtomicInteger();
  private final Set<ClientConnection> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  ConnectionPool(Endpoint endpoint, ThriftClientConfig config, Loops loops, EndpointHealth health) {
    this.endpoint = endpoint;
    this.config = config;
    this.loops = loops;
    this.health = health;
    this.permits = new Semaphore(config.connections());
    this.shared = new AtomicReferenceArray<>(config.multiplexed() ? config.connections() : 0);
  }

  int open() {
    return open.size();
  }

  int late() {
    return open.stream().mapToInt(ClientConnection::late).sum();
  }

  /** {@return a connection to send one call on, to be given back} */
  ClientConnection take(String target, Deadline deadline) throws InterruptedException {
    if (config.multiplexed()) {
      return takeShared(target, deadline);
    }
    if (!tryAcquire(deadline)) {
      throw RpcException.notExecuted(
          Kind.DEADLINE_EXCEEDED,
          target
              + ": all "
              + config.connections()
              + " connections were in use until the deadline passed");
    }
    try {
      for (ClientConnection used = idle.pollFirst(); used != null; used = idle.pollFirst()) {
        if (used.isUsable()) {
          return used;
        }
      }
      return connect(target, deadline);
    } catch (Throwable failure) {
      permits.release();
      throw failure;
    }
  }

  private boolean tryAcquire(Deadline deadline) throws InterruptedException {
    if (permits.tryAcquire()) {
      return true;
    }
    if (!deadline.isFinite()) {
      permits.acquire();
      return true;
    }
    return permits.tryAcquire(Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
  }

  void giveBack(ClientConnection connection) {
    if (config.multiplexed()) {
      return;
    }
    if (connection.isUsable() && !closed) {
      idle.addFirst(connection);
    }
    permits.release();
  }

  private ClientConnection takeShared(String target, Deadline deadline)
      throws InterruptedException {
    int slot = Math.floorMod(turn.getAndIncrement(), shared.length());
    ClientConnection connection = shared.get(slot);
    if (connection != null && connection.isUsable()) {
      return connection;
    }
    connecting.lockInterruptibly();
    try {
      connection = shared.get(slot);
      if (connection == null || !connection.isUsable()) {
        connection = connect(target, deadline);
        shared.set(slot, connection);
      }
      return connection;
    } finally {
      connecting.unlock();
    }
  }

  private ClientConnection connect(String target, Deadline deadline) throws InterruptedException {
    if (closed) {
      throw RpcException.notExecuted(Kind.UNAVAILABLE, target + ": the client is closed");
    }
    long limit = Math.min(config.connectTimeout().toNanos(), deadline.remainingNanos());
    int millis = (int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(limit));
    ClientConnection[] made = new ClientConnection[1];
    ChannelFuture connected = bootstrap(millis, made).connect(remote(target));
    if (!connected.await(millis + 100L)) {
      connected.cancel(true);
    }
    if (!connected.isSuccess()) {
      connected.addListener(done -> connected.channel().close());
      health.report(endpoint, Signal.REFUSED);
      throw refused(target, connected.cause(), millis);
    }
    ClientConnection connection = made[0];
    open.add(connection);
    connected.channel().closeFuture().addListener(gone -> forget(connection));
    health.report(endpoint, Signal.CONNECTED);
    return connection;
  }

  private Bootstrap bootstrap(int millis, ClientConnection[] made) {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loops.group())
            .channel(loops.channel(endpoint.address()))
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, millis)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    made[0] = new ClientConnection(channel, endpoint, config, health);
                    channel.pipeline().addLast(made[0]);
                  }
                });
    if (endpoint.address() instanceof Address.Tcp) {
      bootstrap.option(ChannelOption.TCP_NODELAY, true).option(ChannelOption.SO_KEEPALIVE, true);
    }
    return bootstrap;
  }

  private SocketAddress remote(String target) {
    SocketAddress remote = loops.socketAddress(endpoint.address());
    if (remote instanceof java.net.InetSocketAddress tcp && tcp.isUnresolved()) {
      throw RpcException.notExecuted(
          Kind.UNAVAILABLE, target + ": the host name " + tcp.getHostString() + " is not known");
    }
    return remote;
  }

  private RpcException refused(String target, @Nullable Throwable cause, int millis) {
    String what =
        cause instanceof io.netty.channel.ConnectTimeoutException || cause == null
            ? "no connection after " + millis + " ms (limit: " + millis + " ms)"
            : "no connection: " + cause.getMessage();
    return new RpcException(Kind.UNAVAILABLE, false, target + ": " + what, null, cause);
  }

  private void forget(ClientConnection connection) {
    open.remove(connection);
    idle.remove(connection);
    for (int slot = 0; slot < shared.length(); slot++) {
      shared.compareAndSet(slot, connection, null);
    }
  }

  /** Takes no new calls and lets the running ones end. */
  void drain() {
    closed = true;
    open.forEach(ClientConnection::retireSoon);
  }

  void close() {
    closed = true;
    open.forEach(ClientConnection::closeNow);
  }
}
