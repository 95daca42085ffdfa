package io.volare.transport.grpc;

import static java.util.Objects.requireNonNull;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Layer;
import io.volare.motore.ServiceBuilder;
import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import io.volare.rpc.Lifecycle;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import io.volare.rpc.ServiceBinding;
import io.volare.transport.netty.Execution;
import io.volare.transport.netty.Loops;
import io.volare.transport.netty.RareLog;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Answers gRPC calls on a TCP port or a Unix domain socket: HTTP/2 with prior knowledge.
 * Thread-safe.
 *
 * <p>The event loop reads, checks the limits and decides what never runs: what is too large,
 * unknown or expired. One dispatch later the layers, the decoding and the handler run on one
 * thread, and the response goes back through an outbox that flushes what came together at once.
 */
public final class GrpcServer implements Lifecycle {
  private static final System.Logger LOG = System.getLogger(GrpcServer.class.getName());

  /** How long a draining server still accepts connections that were on their way. */
  private static final Duration LAST_ACCEPTS = Duration.ofMillis(200);

  private final Address address;
  private final GrpcRoutes routes;
  private final ServiceBuilder<RpcContext, Object, @Nullable Object> layers;
  private final Execution execution;
  private final GrpcServerConfig config;
  private final Loops loops;
  private final Set<ServerConnection> connections = ConcurrentHashMap.newKeySet();
  private final UnsentTotal unsent;
  private final @Nullable GrpcHealth health;
  private final RareLog log = new RareLog(LOG);
  private volatile State state = State.NEW;
  private @Nullable Channel listener;

  private GrpcServer(Builder builder) {
    address = builder.address;
    execution = builder.execution;
    layers = execution.isInline() ? builder.layers.nonBlocking() : builder.layers;
    config = builder.config;
    loops = builder.loops;
    unsent = new UnsentTotal(config.unsentBytesInAll(), connections);
    health = builder.health;
    routes = GrpcRoutes.of(services(builder), layers);
  }

  private static Collection<ServiceBinding> services(Builder builder) {
    List<ServiceBinding> all = new ArrayList<>(builder.services.values());
    if (builder.execution.isInline()) {
      all.replaceAll(ServiceBinding::nonBlocking);
    }
    if (builder.reflects) {
      all.addAll(GrpcReflection.of(builder.services.values()));
    }
    return all;
  }

  /** Starts a server; port 0 lets the system choose. */
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
    ChannelFuture bound = bootstrap.bind(loops.socketAddress(address)).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw RpcException.notExecuted(
          Kind.FAILED_PRECONDITION,
          address + ": cannot listen here: " + bound.cause().getMessage(),
          bound.cause());
    }
    listener = bound.channel();
    state = State.READY;
  }

  private void accept(Channel channel) {
    if (connections.size() >= config.connections()) {
      log.warn(() ->
          "%s: closed a connection from %s: as many are open (limit: %d)"
              .formatted(address, channel.remoteAddress(), config.connections()));
      channel.close();
      return;
    }
    ServerConnection connection = new ServerConnection(this, channel);
    connections.add(connection);
    channel.pipeline().addLast(connection);
  }

  void closed(ServerConnection connection) {
    connections.remove(connection);
  }

  @Override
  public boolean isReady() {
    return state == State.READY;
  }

  boolean isDraining() {
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
    if (health != null) {
      health.end();
    }
    connections.forEach(ServerConnection::announceDrain);
    long lastAccepts = System.nanoTime() + Math.min(LAST_ACCEPTS.toNanos(), limit.toNanos());
    while (System.nanoTime() < lastAccepts) {
      Thread.sleep(10);
      connections.forEach(ServerConnection::announceDrain);
    }
    closeListener();
    connections.forEach(ServerConnection::announceDrain);
    while (!connections.isEmpty() && System.nanoTime() < end) {
      Thread.sleep(5);
    }
  }

  @Override
  public void stop() {
    state = State.ENDED;
    closeListener();
    connections.forEach(ServerConnection::closeNow);
  }

  private synchronized void closeListener() {
    if (listener != null) {
      listener.close().awaitUninterruptibly(1_000);
    }
  }

  GrpcServerConfig config() {
    return config;
  }

  /** Where what peers do wrong is told, a line a second at most. */
  RareLog log() {
    return log;
  }

  UnsentTotal unsent() {
    return unsent;
  }

  Execution execution() {
    return execution;
  }

  GrpcRoutes routes() {
    return routes;
  }

  /** {@return connections that are open now} */
  public int connections() {
    return connections.size();
  }

  /** {@return bytes of responses that wait for their peers} */
  long heldBytes() {
    return connections.stream().mapToLong(connection -> connection.room().takenBytes()).sum();
  }

  @Override
  public String toString() {
    return address + " " + routes + " on " + execution + " behind " + layers;
  }

  private enum State {
    NEW,
    READY,
    DRAINING,
    ENDED
  }

  /** Collects what a server needs. */
  public static final class Builder {
    private final Address address;
    private final Map<String, ServiceBinding> services = new LinkedHashMap<>();
    private ServiceBuilder<RpcContext, Object, @Nullable Object> layers = ServiceBuilder.create();
    private Execution execution = Execution.virtualThreads();
    private GrpcServerConfig config = GrpcServerConfig.DEFAULT;
    private Loops loops = Loops.shared();
    private @Nullable GrpcHealth health;
    private boolean reflects;

    private Builder(Address address) {
      this.address = requireNonNull(address, "address");
    }

    /**
     * Offers a service.
     *
     * @return this builder
     * @throws IllegalArgumentException if a service of this name was added before
     */
    public Builder service(ServiceBinding service) {
      if (services.putIfAbsent(service.service(), service) != null) {
        throw new IllegalArgumentException(
            "service: " + service.service() + " (expected: a name that was not added before)");
      }
      return this;
    }

    /**
     * Offers the health service; once the server drains, nothing serves any more.
     *
     * @return this builder
     */
    public Builder health(GrpcHealth health) {
      this.health = requireNonNull(health, "health");
      return service(health.binding());
    }

    /**
     * Offers reflection, which tells anybody who asks what is offered and what its messages are.
     *
     * @return this builder
     */
    public Builder reflection() {
      reflects = true;
      return this;
    }

    /**
     * Adds a layer inside those added before; it sees requests before they are decoded.
     *
     * @return this builder
     */
    public Builder layer(Layer<RpcContext, Object, @Nullable Object> layer) {
      layers = layers.layer(layer);
      return this;
    }

    /**
     * Takes a stack composed elsewhere, in place of the layers added so far.
     *
     * @return this builder
     */
    public Builder layers(ServiceBuilder<RpcContext, Object, @Nullable Object> layers) {
      this.layers = requireNonNull(layers, "layers");
      return this;
    }

    /**
     * Sets where calls are answered; virtual threads unless said otherwise.
     *
     * @return this builder
     */
    public Builder execution(Execution execution) {
      this.execution = requireNonNull(execution, "execution");
      return this;
    }

    /**
     * Sets the limits.
     *
     * @return this builder
     */
    public Builder config(GrpcServerConfig config) {
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
     * {@return the server, not yet started}
     *
     * @throws IllegalStateException if it offers no service, two layers stand in an order that
     *     their placements exclude, or a layer blocks where calls are answered inline
     */
    public GrpcServer build() {
      if (services.isEmpty()) {
        throw new IllegalStateException(address + " offers no service: add one with service(…)");
      }
      return new GrpcServer(this);
    }
  }
}
