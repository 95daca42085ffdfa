package io.volare.transport.netty;

import static java.util.Objects.requireNonNull;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ConnectTimeoutException;
import io.volare.motore.Deadline;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.Address;
import io.volare.rpc.RpcException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections to TCP ports and Unix domain sockets. Immutable and thread-safe.
 *
 * <p>TCP connections have {@code TCP_NODELAY} and keep-alive. Every failure is an {@link
 * RpcException} that certainly sent nothing: {@code UNAVAILABLE} if the peer refused or did not
 * answer within the limit, {@code DEADLINE_EXCEEDED} if the caller's deadline passed first.
 */
public final class Connector {
  /** How long a peer may take to accept. */
  public static final Duration DEFAULT_LIMIT = Duration.ofSeconds(1);

  private final Loops loops;
  private final Duration limit;
  private final @Nullable TlsConnecting tls;

  private Connector(Loops loops, Duration limit, @Nullable TlsConnecting tls) {
    this.loops = loops;
    this.limit = limit;
    this.tls = tls;
  }

  /**
   * {@return a connector whose connections live on {@code loops}}
   *
   * @throws IllegalArgumentException if {@code limit} is shorter than 1 ms
   */
  public static Connector of(Loops loops, Duration limit) {
    requireNonNull(loops, "loops");
    if (limit.toMillis() < 1) {
      throw new IllegalArgumentException("limit: " + limit + " (expected: >= 1 ms)");
    }
    return new Connector(loops, limit, null);
  }

  /**
   * {@return a connector like this one that speaks TLS; what it connects is handed over once hands
   * are shaken} Needs {@code io.netty:netty-handler} on the class path.
   *
   * @param alpn the names of the protocol that the server has to choose from; none for a protocol
   *     that has no name
   * @throws RpcException of kind {@code FAILED_PRECONDITION} if its files cannot be used
   */
  public Connector withTls(TlsClientConfig config, Set<String> alpn) {
    return new Connector(loops, limit, new TlsConnecting(config, alpn));
  }

  /**
   * Starts to connect; {@link #await} waits for it. A host's name is looked up on this thread.
   *
   * @param handler takes over the channel; a new one for each connection
   * @param target names the call in messages
   * @throws RpcException of kind {@code UNAVAILABLE} if the host is not known
   */
  public ChannelFuture start(Address address, ChannelHandler handler, String target) {
    SocketAddress remote = loops.socketAddress(address);
    if (remote instanceof InetSocketAddress inet && inet.isUnresolved()) {
      throw RpcException.notExecuted(
          Kind.UNAVAILABLE, target + ": host " + inet.getHostString() + " is not known");
    }
    if (tls == null) {
      return bootstrap(address, handler).connect(remote);
    }
    TlsConnecting.Attempt shaking = tls.attempt(address, target);
    return shaking.outcome(bootstrap(address, shaking.before(handler)).connect(remote));
  }

  private Bootstrap bootstrap(Address address, ChannelHandler handler) {
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loops.group())
            .channel(loops.channel(address))
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                (int) Math.min(Integer.MAX_VALUE, limit.toMillis()))
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    LoopReads.prepare(channel);
                    channel.pipeline().addLast(handler);
                  }
                });
    if (address instanceof Address.Tcp) {
      bootstrap.option(ChannelOption.TCP_NODELAY, true).option(ChannelOption.SO_KEEPALIVE, true);
    }
    return bootstrap;
  }

  /**
   * Waits until {@code connecting} has come to an end or the deadline passes. It goes on by itself:
   * who started it alone cancels it when this throws.
   *
   * @return the channel, which is open
   * @throws InterruptedException if the call was cancelled
   * @throws RpcException if there is no connection; nothing was sent
   */
  public Channel await(ChannelFuture connecting, String target, Deadline deadline)
      throws InterruptedException {
    long start = System.nanoTime();
    long remaining = deadline.remainingNanos();
    if (!connecting.await(remaining, TimeUnit.NANOSECONDS)) {
      throw RpcException.notExecuted(
          Kind.DEADLINE_EXCEEDED, notConnected(target, start, Duration.ofNanos(remaining)));
    }
    if (connecting.isSuccess()) {
      return connecting.channel();
    }
    throw refused(connecting.cause(), target, start);
  }

  private RpcException refused(Throwable cause, String target, long start) {
    if (cause instanceof ConnectTimeoutException) {
      return RpcException.notExecuted(Kind.UNAVAILABLE, notConnected(target, start, limit), cause);
    }
    if (cause instanceof SSLException || cause instanceof ClosedChannelException && tls != null) {
      return RpcException.notExecuted(
          Kind.UNAVAILABLE, target + ": no TLS connection: " + TlsFailure.reason(cause), cause);
    }
    return RpcException.notExecuted(
        Kind.UNAVAILABLE, target + ": cannot connect: " + cause.getMessage(), cause);
  }

  private static String notConnected(String target, long start, Duration limit) {
    return "%s: not connected after %d ms (limit: %d ms)"
        .formatted(
            target,
            Math.max(limit.toMillis(), (System.nanoTime() - start) / 1_000_000),
            Math.max(0, limit.toMillis()));
  }

  @Override
  public String toString() {
    return "connect within " + limit.toMillis() + " ms on " + loops;
  }
}
