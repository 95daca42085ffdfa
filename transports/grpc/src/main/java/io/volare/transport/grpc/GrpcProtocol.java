package io.volare.transport.grpc;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.volare.motore.Layer;
import io.volare.motore.ServiceBuilder;
import io.volare.rpc.RpcContext;
import io.volare.rpc.ServiceBinding;
import io.volare.transport.netty.Execution;
import io.volare.transport.netty.Executions;
import io.volare.transport.netty.Protocol;
import io.volare.transport.netty.RareLog;
import io.volare.transport.netty.ServerPort;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * gRPC services, to be offered on a port, besides other protocols if there are any: what {@link
 * GrpcServer} does on one of its own. Thread-safe.
 *
 * <p>Its limits of connections are the port's; what its configuration says of them is not looked
 * at.
 */
public final class GrpcProtocol implements Protocol {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private static final System.Logger LOG = System.getLogger(GrpcServer.class.getName());

  private final GrpcRoutes routes;
  private final ServiceBuilder<RpcContext, Object, @Nullable Object> layers;
  private final Executions executions;
  private final GrpcServerConfig config;
  private final Set<ServerConnection> connections = ConcurrentHashMap.newKeySet();
  private final UnsentTotal unsent;
  private final @Nullable GrpcHealth health;
  private final @Nullable GrpcWebConfig web;
  private final @Nullable GrpcChannelz channelz;
  private final @Nullable ShownServer shown;
  private final RareLog log = new RareLog(LOG);

  private GrpcProtocol(Builder builder) {
    executions = builder.ownOnThreads();
    layers = builder.layers;
    config = builder.config;
    unsent = new UnsentTotal(config.unsentBytesInAll(), connections);
    health = builder.health;
    web = builder.web;
    channelz = builder.shownBy;
    shown = channelz == null ? null : new ShownServer();
    List<ServiceBinding> all = new ArrayList<>(builder.services.values());
    if (builder.reflects) {
      all.addAll(GrpcReflection.of(builder.services.values()));
    }
    executions.checkKnown(all);
    routes = GrpcRoutes.of(all, layers, executions);
  }

  /** Starts with no service. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public String name() {
    return "gRPC";
  }

  @Override
  public Set<String> alpn() {
    return Set.of("h2");
  }

  @Override
  public Match match(ByteBuf first) {
    return Match.startsWith(first, PREFACE);
  }

  @Override
  public Connection open(Channel channel, ServerPort port) {
    ServerConnection connection = connection(channel, port);
    channel.pipeline().addLast(connection);
    return connection;
  }

  /** {@return a connection that answers {@code channel}, to be added to its pipeline} */
  ServerConnection connection(Channel channel, ServerPort port) {
    ServerConnection connection = new ServerConnection(this, channel);
    connections.add(connection);
    SocketCounts counts = connection.counts();
    if (counts != null) {
      counts.server().add(counts.id(), connection);
      listens(port);
    }
    return connection;
  }

  /** From any thread: this is offered on {@code port}, which is open. */
  void listens(ServerPort port) {
    if (channelz != null && shown != null) {
      channelz.listens(shown, port);
    }
  }

  /** {@return where its calls count; null where nobody shows it} */
  @Nullable ShownServer shown() {
    return shown;
  }

  /**
   * {@return the same services over HTTP/1.1, as browsers call them: a protocol to be offered
   * beside this one} Over HTTP/2 this one answers them itself.
   *
   * @throws IllegalStateException if gRPC-Web was not asked for
   */
  public Protocol overHttp1() {
    if (web == null) {
      throw new IllegalStateException("gRPC-Web is not offered: ask for it with web(…)");
    }
    return new Http1Protocol(this);
  }

  @Nullable GrpcWebConfig web() {
    return web;
  }

  /** The port is draining, as one of its connections has heard. */
  void draining() {
    if (health != null) {
      health.end();
    }
  }

  void closed(ServerConnection connection) {
    connections.remove(connection);
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

  GrpcRoutes routes() {
    return routes;
  }

  @Override
  public String toString() {
    return routes + " on " + executions + " behind " + layers;
  }

  /** {@return bytes of responses that wait for their peers} */
  long heldBytes() {
    return connections.stream().mapToLong(connection -> connection.room().takenBytes()).sum();
  }

  /** {@return handlers that run or are about to} */
  long handlers() {
    return connections.stream().mapToLong(ServerConnection::handlers).sum();
  }

  /** Collects what is offered. */
  public static final class Builder {
    private final Map<String, ServiceBinding> services = new LinkedHashMap<>();
    private ServiceBuilder<RpcContext, Object, @Nullable Object> layers = ServiceBuilder.create();
    private Executions executions = Executions.all(Execution.virtualThreads());
    private GrpcServerConfig config = GrpcServerConfig.DEFAULT;

    private @Nullable GrpcHealth health;
    private @Nullable GrpcWebConfig web;
    private @Nullable GrpcChannelz shownBy;
    private boolean reflects;
    private boolean offersChannelz;

    private Builder() {}

    /**
     * Offers the health service; once the port drains, nothing serves any more.
     *
     * @return this builder
     */
    public Builder health(GrpcHealth health) {
      this.health = requireNonNull(health, "health");
      return service(health.binding());
    }

    /**
     * Answers gRPC-Web too, from browsers: over HTTP/2, and over HTTP/1.1 where the port offers
     * {@link GrpcProtocol#overHttp1}.
     *
     * @return this builder
     */
    public Builder web(GrpcWebConfig web) {
      this.web = requireNonNull(web, "web");
      return this;
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
     * Offers gRPC's introspection, which tells anybody who asks who is connected and what the calls
     * of each are: of this port, and of those that are {@linkplain #shownBy shown} by {@code
     * channelz}. It belongs on a port that is not public.
     *
     * @return this builder
     */
    public Builder channelz(GrpcChannelz channelz) {
      service(channelz.binding());
      offersChannelz = true;
      return shownBy(channelz);
    }

    /**
     * Has its calls and connections counted, to be seen where {@code channelz} is offered.
     *
     * @return this builder
     */
    public Builder shownBy(GrpcChannelz channelz) {
      shownBy = requireNonNull(channelz, "channelz");
      return this;
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
      executions = executions.withUsual(execution);
      return this;
    }

    /**
     * Sets where the calls of one service or one method are answered.
     *
     * @param target a service's name, or {@code service/method}; the method's counts more. A stream
     *     that is named as {@link Execution#inline()} is refused by {@code build}; those that only
     *     their service or server wants inline are answered on virtual threads, for they wait
     * @return this builder
     */
    public Builder execution(String target, Execution execution) {
      executions = executions.with(target, execution);
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

    /** What comes with the server waits for its peers, and so never runs on a loop. */
    private Executions ownOnThreads() {
      Executions all = executions;
      if (health != null) {
        all = all.with(GrpcHealth.SERVICE, Execution.virtualThreads());
      }
      if (offersChannelz) {
        all = all.with(GrpcChannelz.SERVICE, Execution.virtualThreads());
      }
      for (String version : reflects ? GrpcReflection.SERVICES : List.<String>of()) {
        all = all.with(version, Execution.virtualThreads());
      }
      return all;
    }

    /**
     * {@return the protocol with all that was added}
     *
     * @throws IllegalStateException if it offers no service, two layers stand in an order that
     *     their placements exclude, a layer blocks where calls are answered inline, or an execution
     *     is set for what is not offered
     */
    public GrpcProtocol build() {
      if (services.isEmpty()) {
        throw new IllegalStateException("no service is offered: add one with service(…)");
      }
      return new GrpcProtocol(this);
    }
  }
}
