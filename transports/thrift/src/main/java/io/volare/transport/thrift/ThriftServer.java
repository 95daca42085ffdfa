package io.volare.transport.thrift;

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
 * Answers Thrift calls on a TCP port or a Unix domain socket. Each message may come as TTHeader,
 * framed or bare, and is answered in kind. Thread-safe.
 *
 * <p>The event loop reads, checks the limits and decides what never runs: what is too large,
 * unknown or expired. One dispatch later the layers, the decoding and the handler run on one
 * thread, and the reply goes back through an outbox that flushes what came together at once.
 *
 * <p>A port that answers other protocols too is a {@link ServerPort} that is offered a {@link
 * ThriftProtocol}.
 */
public final class ThriftServer implements Lifecycle {
  private final ThriftProtocol protocol;
  private final ServerPort port;

  private ThriftServer(Builder builder) {
    protocol = builder.protocol.build();
    ThriftServerConfig config = protocol.config();
    ServerPort.Builder opening =
        ServerPort.builder(builder.address)
            .offer(protocol)
            .config(new ServerPortConfig(config.connections(), config.stalled()))
            .loops(builder.loops);
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

  @Override
  public String toString() {
    return port.address() + " " + protocol;
  }

  /** Collects what a server needs. */
  public static final class Builder {
    private final ThriftProtocol.Builder protocol = ThriftProtocol.builder();
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
     * @param target a service's name, or {@code service/method}; the method's counts more
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
    public Builder config(ThriftServerConfig config) {
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
    public ThriftServer build() {
      return new ThriftServer(this);
    }
  }
}
