package io.volare.transport.netty;

import io.netty.channel.Channel;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.volare.rpc.Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Event loops and the channel types that fit them: epoll where its native library loads, NIO
 * otherwise. Thread-safe. Loops run on daemon threads.
 */
public final class Loops implements AutoCloseable {
  private final Kind kind;
  private final Sockets sockets;
  private final EventLoopGroup group;

  private Loops(Kind kind, int threads) {
    this.kind = kind;
    this.sockets = kind == Kind.EPOLL ? new EpollSockets() : new Sockets.Nio();
    this.group = new MultiThreadIoEventLoopGroup(threads, threads(kind), sockets.handler());
  }

  /**
   * {@return the loops that servers and clients of this process share, one for each processor} They
   * start with the first use and are never closed.
   */
  public static Loops shared() {
    return Shared.LOOPS;
  }

  /** {@return loops of one's own, of the fastest kind there is; to be closed} */
  public static Loops create(int threads) {
    return create(best(), threads);
  }

  /**
   * {@return loops of one's own; to be closed}
   *
   * @throws IllegalStateException if {@code kind} is epoll and its native library is not there
   */
  public static Loops create(Kind kind, int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads: " + threads + " (expected: >= 1)");
    }
    if (kind == Kind.EPOLL && !hasEpoll()) {
      throw new IllegalStateException(
          "epoll is not available: add io.netty:netty-transport-native-epoll with the classifier of"
              + " this platform, or use Kind.NIO");
    }
    return new Loops(kind, threads);
  }

  private static Kind best() {
    return hasEpoll() ? Kind.EPOLL : Kind.NIO;
  }

  private static boolean hasEpoll() {
    try {
      return EpollSockets.isAvailable();
    } catch (NoClassDefFoundError absent) {
      return false;
    }
  }

  private static ThreadFactory threads(Kind kind) {
    AtomicInteger number = new AtomicInteger();
    String prefix = "volare-" + kind.name().toLowerCase(java.util.Locale.ROOT) + "-";
    return task -> new LoopThread(task, prefix + number.incrementAndGet());
  }

  /** {@return which kind they are} */
  public Kind kind() {
    return kind;
  }

  /** {@return the loops, for Netty's bootstraps} */
  public EventLoopGroup group() {
    return group;
  }

  /** {@return whether the calling thread is an event loop, which must not block} */
  public static boolean isLoopThread() {
    return Thread.currentThread() instanceof LoopThread;
  }

  /** {@return the channel type of a client for {@code address}} */
  public Class<? extends Channel> channel(Address address) {
    return sockets.channel(address instanceof Address.Unix);
  }

  /** {@return the channel type of a server for {@code address}} */
  public Class<? extends ServerChannel> serverChannel(Address address) {
    return sockets.serverChannel(address instanceof Address.Unix);
  }

  /**
   * {@return {@code address} as the channel types take it; a host's name is looked up, which
   * blocks}
   *
   * @throws IllegalArgumentException if it is the address of a server in this process
   */
  public SocketAddress socketAddress(Address address) {
    return switch (address) {
      case Address.Tcp(String host, int port) -> new InetSocketAddress(host, port);
      case Address.Unix(var path) -> sockets.unixAddress(path);
      case Address.InProcess inProcess ->
          throw new IllegalArgumentException(
              "address: " + inProcess + " (expected: a TCP port or a Unix domain socket)");
    };
  }

  /** Ends the loops; connections on them are closed. */
  @Override
  public void close() {
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }

  @Override
  public String toString() {
    return kind.toString();
  }

  /** The ways to wait for sockets. */
  public enum Kind {
    /** The JDK's selectors; everywhere. */
    NIO,
    /** Linux's epoll by Netty's native library. */
    EPOLL
  }

  /** Known by its class, so that asking whether a thread is a loop costs nothing. */
  private static final class LoopThread extends io.netty.util.concurrent.FastThreadLocalThread {
    LoopThread(Runnable task, String name) {
      super(task, name);
      setDaemon(true);
    }
  }

  /** Made when it is first asked for. */
  private static final class Shared {
    static final Loops LOOPS = create(Runtime.getRuntime().availableProcessors());
  }
}
