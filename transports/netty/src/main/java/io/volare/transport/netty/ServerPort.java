package io.volare.transport.netty;

import static java.util.Objects.requireNonNull;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import io.volare.rpc.Lifecycle;
import io.volare.rpc.RpcException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
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
 * Where only one protocol is offered nothing is looked at: it gets every connection as it is. With
 * TLS the protocol is the one that ALPN named, or that of the first bytes inside.
 *
 * <p>A draining port tells every connection, can still be connected to for 100 ms, then refuses and
 * accepts those whom the kernel had taken before, and waits until all have closed.
 */
public final class ServerPort implements Lifecycle {
  private static final System.Logger LOG = System.getLogger(ServerPort.class.getName());

  /** How long one can still connect to a draining port, until its clients have heard of it. */
  private static final Duration LAST_CONNECTS = Duration.ofMillis(100);

  private final Address address;
  private final List<Protocol> protocols;
  private final @Nullable TlsServerConfig tls;
  private final boolean alsoPlain;
  private final ServerPortConfig config;
  private final Loops loops;
  private final RareLog log = new RareLog(LOG);
  private final ConcurrentMap<Channel, Protocol.Connection> open = new ConcurrentHashMap<>();
  private final ChannelFutureListener forget = closed -> forget(closed.channel());
  private volatile State state = State.NEW;
  private List<Protocol> spoken = List.of();
  private @Nullable Thread watching;
  private @Nullable TlsProtocol secure;
  private @Nullable Listener listener;
  private CarrierWatchdog.@Nullable Watch watch;

  private ServerPort(Builder builder) {
    address = builder.address;
    protocols = List.copyOf(builder.protocols);
    tls = builder.tls;
    alsoPlain = builder.alsoPlain;
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
    return listener.endpoint();
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
    spoken = protocols;
    secure = tls == null ? null : new TlsProtocol(tls, protocols);
    if (secure != null) {
      spoken = alsoPlain ? secure.besides(protocols) : List.of(secure);
    }
    listener = Listener.open(address, loops, new Admission());
    watch = CarrierWatchdog.watch(this::forEachRunner);
    watching = secure == null ? null : secure.watch();
    state = State.READY;
  }

  /** On the loop of {@code channel}: it is one of these protocols' from now on. */
  void give(Channel channel, List<Protocol> possible) {
    if (possible.size() == 1) {
      give(channel, possible.getFirst());
      return;
    }
    Arrival arrival = new Arrival(this, channel, possible);
    channel.pipeline().addLast(arrival);
    keep(channel, arrival);
  }

  /** On the loop of {@code channel}: it is {@code protocol}'s from now on. */
  void give(Channel channel, Protocol protocol) {
    keep(channel, protocol.open(channel, this));
  }

  private void keep(Channel channel, Protocol.Connection connection) {
    open.put(channel, connection);
    if (state == State.ENDED) {
      channel.close();
    } else if (state == State.DRAINING) {
      connection.announceDrain();
    }
    if (!channel.isOpen()) {
      open.remove(channel);
    }
  }

  private void forget(Channel channel) {
    open.remove(channel);
  }

  /**
   * Reads the files of TLS now, for connections that come; those that are open stay as they are.
   *
   * @throws IllegalStateException if it is not started, or speaks no TLS
   * @throws RpcException of kind {@code FAILED_PRECONDITION} if the files cannot be used; what was
   *     read before stays
   */
  public void reloadTls() {
    TlsProtocol reloading;
    synchronized (this) {
      reloading = secure;
    }
    if (reloading == null) {
      throw new IllegalStateException(
          address + ": nothing to read again (expected: started, with tls(…))");
    }
    reloading.reload();
  }

  /** {@return the address as it was asked for} */
  public Address address() {
    return address;
  }

  /**
   * {@return who is at the other end of a connection} Over TLS with what that tells of it, as tags
   * by the names of {@link TlsPeer}.
   */
  public static Endpoint peer(Channel channel) {
    Endpoint peer =
        channel.remoteAddress() instanceof InetSocketAddress from
            ? Endpoint.tcp(from.getAddress().getHostAddress(), from.getPort())
            : Endpoint.of(Address.unix(Path.of("peer")));
    return channel.hasAttr(TlsPeer.TAGS) ? peer.withTags(channel.attr(TlsPeer.TAGS).get()) : peer;
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
    open.values().forEach(Protocol.Connection::announceDrain);
    Thread.sleep(Math.min(LAST_CONNECTS.toMillis(), limit.toMillis()));
    Listener listening = listener();
    listening.closeOnceQuiet(end);
    while ((listening.arriving() > 0 || !open.isEmpty()) && System.nanoTime() < end) {
      Thread.sleep(5);
    }
  }

  private synchronized Listener listener() {
    return requireNonNull(listener);
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
      listener.close();
    }
    if (watch != null && state == State.ENDED) {
      watch.close();
    }
    if (watching != null) {
      watching.interrupt();
    }
  }

  /** {@return connections that are open now} */
  public int connections() {
    return open.size();
  }

  @Override
  public String toString() {
    return address
        + " "
        + protocols
        + (tls == null ? "" : alsoPlain ? " or over TLS" : " over TLS");
  }

  /** As many connections as were asked for, as far as there are file descriptors. */
  private final class Admission implements Listener.Admission {
    private final FileDescriptors descriptors = FileDescriptors.now();
    private final int most = descriptors.connections(config.connections());

    Admission() {
      if (most < config.connections()) {
        LOG.log(
            System.Logger.Level.INFO,
            "%s: at most %,d connections (asked for: %,d): the process may have %s"
                .formatted(address, most, config.connections(), descriptors));
      }
    }

    @Override
    public boolean admits(Channel connection, int arriving) {
      int descriptor = loops.descriptor(connection);
      if (open.size() + arriving < most && descriptor < descriptors.tooHigh()) {
        return true;
      }
      log.warn(() ->
          "%s: closed a connection from %s: %s"
              .formatted(address, connection.remoteAddress(), why(descriptor)));
      return false;
    }

    private String why(int descriptor) {
      return descriptor < descriptors.tooHigh()
          ? "as many are open (limit: " + most + ")"
          : "its file descriptor is number %,d (limit of the process: %,d)"
              .formatted(descriptor, descriptors.limit());
    }

    @Override
    public void begin(Channel connection) {
      give(connection, spoken);
      connection.closeFuture().addListener(forget);
    }
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
    private @Nullable TlsServerConfig tls;
    private boolean alsoPlain;

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
