package io.volare.transport.grpc;

import static java.util.Objects.requireNonNull;

import io.volare.motore.Layer;
import io.volare.motore.ServiceBuilder;
import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import io.volare.rpc.Lifecycle;
import io.volare.rpc.RpcContext;
import io.volare.rpc.ServiceBinding;
import io.volare.transport.netty.Execution;
import io.volare.transport.netty.Loops;
import io.volare.transport.netty.ServerPort;
import io.volare.transport.netty.ServerPortConfig;
import io.volare.transport.netty.TlsServerConfig;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Answers gRPC calls on a TCP port or a Unix domain socket: HTTP/2 with prior knowledge, or by ALPN
 * over TLS. Thread-safe.
 *
 * <p>The event loop reads, checks the limits and decides what never runs: what is too large,
 * unknown or expired. One dispatch later the layers, the decoding and the handler run on one
 * thread, and the response goes back through an outbox that flushes what came together at once.
 */
public final class GrpcServer implements Lifecycle {
  private final GrpcProtocol protocol;
  private final ServerPort port;

  private GrpcServer(Builder builder) {
    protocol = builder.protocol.build();
    GrpcServerConfig config = protocol.config();
    ServerPort.Builder opening =
        ServerPort.builder(builder.address)
            .offer(protocol)
            .config(new ServerPortConfig(config.connections(), config.stalled()))
            .loops(builder.loops);
    if (protocol.web() != null) {
      opening = opening.offer(protocol.overHttp1());
    }
    if (builder.tls != null) {
      opening = builder.alsoPlain ? opening.tlsOrPlain(builder.tls) : opening.tls(builder.tls);
    }
    port = opening.build();
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
  public Endpoint endpoint() {
    return port.endpoint();
  }

  @Override
  public void start() {
    port.start();
    protocol.listens(port);
  }

  @Override
  public boolean isReady() {
    return port.isReady();
  }

  @Override
  public void drain(Duration limit) throws InterruptedException {
    port.drain(limit);
  }

  @Override
  public void stop() {
    port.stop();
  }

  /**
   * Reads the files of TLS now, for connections that come; calls that run are not disturbed.
   *
   * @throws IllegalStateException if it is not started, or speaks no TLS
   * @throws io.volare.rpc.RpcException of kind {@code FAILED_PRECONDITION} if the files cannot be
   *     used; what was read before stays
   */
  public void reloadTls() {
    port.reloadTls();
  }

  /** {@return connections that are open now} */
  public int connections() {
    return port.connections();
  }

  long heldBytes() {
    return protocol.heldBytes();
  }

  long handlers() {
    return protocol.handlers();
  }

  @Override
  public String toString() {
    return port.address() + " " + protocol;
  }

  /** Collects what a server needs. */
  public static final class Builder {
    private final GrpcProtocol.Builder protocol = GrpcProtocol.builder();
    private final Address address;
    private Loops loops = Loops.shared();
    private @Nullable TlsServerConfig tls;
    private boolean alsoPlain;

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
      protocol.service(service);
      return this;
    }

    /**
     * Offers the health service; once the server drains, nothing serves any more.
     *
     * @return this builder
     */
    public Builder health(GrpcHealth health) {
      protocol.health(health);
      return this;
    }

    /**
     * Answers gRPC-Web too, from browsers, on the same port: over HTTP/1.1 and HTTP/2.
     *
     * @return this builder
     */
    public Builder web(GrpcWebConfig web) {
      protocol.web(web);
      return this;
    }

    /**
     * Offers reflection, which tells anybody who asks what is offered and what its messages are.
     *
     * @return this builder
     */
    public Builder reflection() {
      protocol.reflection();
      return this;
    }

    /**
     * Offers gRPC's introspection, which tells anybody who asks who is connected and what the calls
     * of each are: of this server, and of those that are {@linkplain #shownBy shown} by {@code
     * channelz}. It belongs on a port that is not public.
     *
     * @return this builder
     */
    public Builder channelz(GrpcChannelz channelz) {
      protocol.channelz(channelz);
      return this;
    }

    /**
     * Has its calls and connections counted, to be seen where {@code channelz} is offered.
     *
     * @return this builder
     */
    public Builder shownBy(GrpcChannelz channelz) {
      protocol.shownBy(channelz);
      return this;
    }

    /**
     * Adds a layer inside those added before; it sees requests before they are decoded.
     *
     * @return this builder
     */
    public Builder layer(Layer<RpcContext, Object, @Nullable Object> layer) {
      protocol.layer(layer);
      return this;
    }

    /**
     * Takes a stack composed elsewhere, in place of the layers added so far.
     *
     * @return this builder
     */
    public Builder layers(ServiceBuilder<RpcContext, Object, @Nullable Object> layers) {
      protocol.layers(layers);
      return this;
    }

    /**
     * Sets where calls are answered; virtual threads unless said otherwise.
     *
     * @return this builder
     */
    public Builder execution(Execution execution) {
      protocol.execution(execution);
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
      protocol.execution(target, execution);
      return this;
    }

    /**
     * Sets the limits.
     *
     * @return this builder
     */
    public Builder config(GrpcServerConfig config) {
      protocol.config(config);
      return this;
    }

    /**
     * Speaks TLS, and nothing else. Needs {@code io.netty:netty-handler} on the class path.
     *
     * @return this builder
     */
    public Builder tls(TlsServerConfig tls) {
      this.tls = requireNonNull(tls, "tls");
      alsoPlain = false;
      return this;
    }

    /**
     * Speaks TLS with those who begin so, and in clear with all others. Needs {@code
     * io.netty:netty-handler} on the class path.
     *
     * @return this builder
     */
    public Builder tlsOrPlain(TlsServerConfig tls) {
      this.tls = requireNonNull(tls, "tls");
      alsoPlain = true;
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
     *     their placements exclude, a layer blocks where calls are answered inline, or an execution
     *     is set for what is not offered
     */
    public GrpcServer build() {
      return new GrpcServer(this);
    }
  }
}
