package io.volare.transport.thrift;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.volare.motore.Layer;
import io.volare.motore.Service;
import io.volare.motore.ServiceBuilder;
import io.volare.rpc.InboundRequest;
import io.volare.rpc.RpcContext;
import io.volare.rpc.ServiceBinding;
import io.volare.transport.netty.Execution;
import io.volare.transport.netty.Executions;
import io.volare.transport.netty.Protocol;
import io.volare.transport.netty.RareLog;
import io.volare.transport.netty.ServerPort;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Thrift services, to be offered on a port, besides other protocols if there are any: what {@link
 * ThriftServer} does on one of its own. Thread-safe.
 *
 * <p>Its limits of connections are the port's; what its configuration says of them is not looked
 * at.
 */
public final class ThriftProtocol implements Protocol {
  private static final System.Logger LOG = System.getLogger(ThriftServer.class.getName());

  private final Routes routes;
  private final ServiceBuilder<RpcContext, Object, @Nullable Object> layers;
  private final Executions executions;
  private final ThriftServerConfig config;
  private final Set<ServerConnection> connections = ConcurrentHashMap.newKeySet();
  private final Unsent unsent;
  private final RareLog log = new RareLog(LOG);

  private ThriftProtocol(Builder builder) {
    executions = builder.executions;
    layers = builder.layers;
    config = builder.config;
    unsent = new Unsent(config.unsentBytes(), connections);
    executions.checkKnown(builder.services.values());
    routes = Routes.of(builder.services.values(), layers, executions);
  }

  /** Starts with no service. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public String name() {
    return "Thrift";
  }

  @Override
  public Match match(ByteBuf first) {
    return Frame.match(first);
  }

  @Override
  public Connection open(Channel channel, ServerPort port) {
    ServerConnection connection = new ServerConnection(this, port, channel);
    connections.add(connection);
    channel.pipeline().addLast(connection);
    return connection;
  }

  void closed(ServerConnection connection) {
    connections.remove(connection);
  }

  ThriftServerConfig config() {
    return config;
  }

  /** Where what peers do wrong is told, a line a second at most. */
  RareLog log() {
    return log;
  }

  Unsent unsent() {
    return unsent;
  }

  Routes routes() {
    return routes;
  }

  @Override
  public String toString() {
    return routes + " on " + executions + " behind " + layers;
  }

  static Service<RpcContext, Object, @Nullable Object> decodingBefore(
      Service<RpcContext, Object, @Nullable Object> handler) {
    return (context, request) -> handler.call(context, ((InboundRequest) request).decode());
  }

  /** Collects what is offered. */
  public static final class Builder {
    private final Map<String, ServiceBinding> services = new LinkedHashMap<>();
    private ServiceBuilder<RpcContext, Object, @Nullable Object> layers = ServiceBuilder.create();
    private Executions executions = Executions.all(Execution.virtualThreads());
    private ThriftServerConfig config = ThriftServerConfig.DEFAULT;

    private Builder() {}

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
     * @param target a service's name, or {@code service/method}; the method's counts more
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
    public Builder config(ThriftServerConfig config) {
      this.config = requireNonNull(config, "config");
      return this;
    }

    /**
     * {@return the protocol with all that was added}
     *
     * @throws IllegalStateException if it offers no service, two layers stand in an order that
     *     their placements exclude, a layer blocks where calls are answered inline, or an execution
     *     is set for what is not offered
     */
    public ThriftProtocol build() {
      if (services.isEmpty()) {
        throw new IllegalStateException("no service is offered: add one with service(…)");
      }
      return new ThriftProtocol(this);
    }
  }
}
