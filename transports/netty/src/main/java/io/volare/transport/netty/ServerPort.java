package io.volare.transport.netty;

import static java.util.Objects.requireNonNull;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import io.volare.rpc.Lifecycle;
import io.volare.rpc.RpcException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A TCP port or a Unix domain socket that a server listens on, and the protocols that are spoken
 * there. Thread-safe.
 *
 * <p>A connection is given to the protocol that knows its first bytes; what nobody knows is closed.
 * Where only one protocol is offered nothing is looked at: it gets every connection as it is.
 *
 * <p>A draining port still accepts for 200 ms what was on its way, tells every connection, and
 * waits until they have closed.
 */
public final class ServerPort implements Lifecycle {
  private static final System.Logger LOG = System.getLogger(ServerPort.class.getName());

  /** How long a draining port still accepts connections that were on their way. */
  private static final Duration LAST_ACCEPTS = Duration.ofMillis(200);

  private final Address address;
  private final List<Protocol> protocols;
  private final ServerPortConfig config;
  private final Loops loops;
  private final RareLog log = new RareLog(LOG);
  private final ConcurrentMap<Channel, Protocol.Connection> open = new ConcurrentHashMap<>();
  private final ChannelFutureListener forget = closed -> forget(closed.channel());
  private volatile State state = State.NEW;
  private @Nullable Channel listener;
  private CarrierWatchdog.@Nullable Watch watch;

  private ServerPort(Builder builder) {
    address = builder.address;
    protocols = List.copyOf(builder.protocols);
    config = builder.config;
    loops = builder.loops;
  }

  /** Starts a port; port 0 lets the system choose. */
  public static Builder builder(Address address) {
    return new Builder(address);
  }

  /**
   * {@return where clients reach it, with the port that the system chose}
   *
   * @throws IllegalStateException before it is started
   */
  public synchronized Endpoint endpoint() {
    if (listener == null) {
      throw new IllegalStateException(address + " is not bound yet: call start() first");
    }
    if (address instanceof Address.Tcp(String host, int port)
        && listener.localAddress() instanceof InetSocketAddress bound) {
      return Endpoint.tcp(host, bound.getPort());
    }
    return Endpoint.of(address);
  }

  @Override
  public synchronized void start() {
    if (state == State.READY) {
      return;
    }
    if (state != State.NEW) {
      throw new IllegalStateException(
          address + " was stopped and does not start again: build another server");
    }
    ChannelFuture bound = bootstrap().bind(loops.socketAddress(address)).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw RpcException.notExecuted(
          Kind.FAILED_PRECONDITION,
          address + ": cannot listen here: " + bound.cause().getMessage(),
          bound.cause());
    }
    listener = bound.channel();
    watch = CarrierWatchdog.watch(this::forEachRunner);
    state = State.READY;
  }

  private ServerBootstrap bootstrap() {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops.group())
            .channel(loops.serverChannel(address))
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    accept(channel);
                  }
                });
    if (address instanceof Address.Tcp) {
      bootstrap
          .option(ChannelOption.SO_REUSEADDR, true)
          .option(ChannelOption.SO_BACKLOG, 4096)
          .childOption(ChannelOption.TCP_NODELAY, true)
          .childOption(ChannelOption.SO_KEEPALIVE, true);
    }
    return bootstrap;
  }

  private void accept(Channel channel) {
    if (open.size() >= config.connections()) {
      log.warn(() ->
          "%s: closed a connection from %s: as many are open (limit: %d)"
              .formatted(address, channel.remoteAddress(), config.connections()));
      channel.close();
      return;
    }
    if (protocols.size() == 1) {
      give(channel, protocols.getFirst());
    } else {
      Arrival arrival = new Arrival(this, channel);
      channel.pipeline().addLast(arrival);
      keep(channel, arrival);
    }
    channel.closeFuture().addListener(forget);
  }

  /** On the loop of {@code channel}: it is {@code protocol}'s from now on. */
  void give(Channel channel, Protocol protocol) {
    Protocol.Connection connection = protocol.open(channel, this);
    keep(channel, connection);
    if (isDraining()) {
      connection.announceDrain();
    }
  }

  private void keep(Channel channel, Protocol.Connection connection) {
    open.put(channel, connection);
    if (state == State.ENDED) {
      channel.close();
    }
  }

  private void forget(Channel channel) {
    open.remove(channel);
  }

  /** {@return the address as it was asked for} */
  public Address address() {
    return address;
  }

  List<Protocol> protocols() {
    return protocols;
  }

  ServerPortConfig config() {
    return config;
  }

  RareLog log() {
    return log;
  }

  @Override
  public boolean isReady() {
    return state == State.READY;
  }

  /** {@return whether it is draining or has ended} */
  public boolean isDraining() {
    return state == State.DRAINING || state == State.ENDED;
  }

  @Override
  public void drain(Duration limit) throws InterruptedException {
    synchronized (this) {
      if (state != State.READY && state != State.DRAINING) {
        state = State.ENDED;
        return;
      }
      state = State.DRAINING;
    }
    long end = System.nanoTime() + limit.toNanos();
    announceDrain();
    long lastAccepts = System.nanoTime() + Math.min(LAST_ACCEPTS.toNanos(), limit.toNanos());
    while (System.nanoTime() < lastAccepts) {
      Thread.sleep(10);
      announceDrain();
    }
    closeListener();
    announceDrain();
    while (!open.isEmpty() && System.nanoTime() < end) {
      Thread.sleep(5);
    }
  }

  private void announceDrain() {
    open.values().forEach(Protocol.Connection::announceDrain);
  }

  @Override
  public void stop() {
    state = State.ENDED;
    closeListener();
    open.keySet().forEach(Channel::close);
  }

  private void forEachRunner(Consumer<? super Thread> action) {
    open.values().forEach(connection -> connection.forEachRunner(action));
  }

  private synchronized void closeListener() {
    if (listener != null) {
      listener.close().awaitUninterruptibly(1_000);
    }
    if (watch != null && state == State.ENDED) {
      watch.close();
    }
  }

  /** {@return connections that are open now} */
  public int connections() {
    return open.size();
  }

  @Override
  public String toString() {
    return address + " " + protocols;
  }

  private enum State {
    NEW,
    READY,
    DRAINING,
    ENDED
  }

  /** Collects what a port needs. */
  public static final class Builder {
    private final Address address;
    private final List<Protocol> protocols = new ArrayList<>();
    private ServerPortConfig config = ServerPortConfig.DEFAULT;
    private Loops loops = Loops.shared();

    private Builder(Address address) {
      this.address = requireNonNull(address, "address");
    }

    /**
     * Offers a protocol, besides those offered before.
     *
     * @return this builder
     */
    public Builder offer(Protocol protocol) {
      protocols.add(requireNonNull(protocol, "protocol"));
      return this;
    }

    /**
     * Sets the limits.
     *
     * @return this builder
     */
    public Builder config(ServerPortConfig config) {
      this.config = requireNonNull(config, "config");
      return this;
    }

    /**
     * Sets the event loops; the shared ones unless said otherwise.
     *
     * @return this builder
     */
    public Builder loops(Loops loops) {
      this.loops = requireNonNull(loops, "loops");
      return this;
    }

    /**
     * {@return the port, not yet bound}
     *
     * @throws IllegalStateException if it offers no protocol
     */
    public ServerPort build() {
      if (protocols.isEmpty()) {
        throw new IllegalStateException(address + " offers no protocol: add one with offer(…)");
      }
      return new ServerPort(this);
    }
  }
}
