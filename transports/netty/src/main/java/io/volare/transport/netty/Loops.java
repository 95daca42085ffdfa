package io.volare.transport.netty;

import static java.util.Objects.requireNonNull;

import io.netty.channel.Channel;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.SingleThreadIoEventLoop;
import io.volare.rpc.Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Locale;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Event loops and the channel types that fit them: epoll where its native library loads, NIO
 * otherwise, io_uring on demand. Thread-safe. Loops run on daemon threads.
 */
public final class Loops implements AutoCloseable {
  private final Kind kind;
  private final Sockets sockets;
  private final EventLoopGroup group;

  private Loops(Kind kind, int threads) {
    this.kind = kind;
    this.sockets =
        switch (kind) {
          case EPOLL -> new EpollSockets();
          case IO_URING -> new IoUringSockets();
          case NIO -> new Sockets.Nio();
        };
    this.group = new Group(threads, kind, sockets.handler());
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
   * @throws IllegalStateException if {@code kind} needs a native library that is not there
   */
  public static Loops create(Kind kind, int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads: " + threads + " (expected: >= 1)");
    }
    if (!isThere(kind)) {
      String name = kind.name().toLowerCase(Locale.ROOT);
      throw new IllegalStateException(
          name
              + " is not available: add io.netty:netty-transport-native-"
              + name
              + " with the classifier of this platform, or use Kind.NIO");
    }
    return new Loops(kind, threads);
  }

  private static Kind best() {
    return isThere(Kind.EPOLL) ? Kind.EPOLL : Kind.NIO;
  }

  /** {@return whether this process can have loops of this kind} */
  public static boolean isThere(Kind kind) {
    try {
      return switch (kind) {
        case EPOLL -> EpollSockets.isAvailable();
        case IO_URING -> IoUringSockets.isAvailable();
        case NIO -> true;
      };
    } catch (NoClassDefFoundError absent) {
      return false;
    }
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

  /**
   * {@return the event loop that carries the calling virtual thread, as {@link
   * Execution#loopAffine} has it; null on any other thread} What comes by a connection of that loop
   * wakes the thread without a hand-over.
   */
  public static @Nullable EventLoop carrier() {
    return LoopThread.ofCaller();
  }

  /**
   * Wakes {@code parked} as {@link LockSupport#unpark} does; from an event loop soon, together with
   * others for whom it has read something.
   */
  public static void unpark(Thread parked) {
    if (Thread.currentThread() instanceof LoopThread loop) {
      loop.wake(parked);
    } else {
      LockSupport.unpark(parked);
    }
  }

  /** {@return the channel type of a client for {@code address}} */
  public Class<? extends Channel> channel(Address address) {
    return sockets.channel(address instanceof Address.Unix);
  }

  /** {@return the channel type of a server for {@code address}} */
  public Class<? extends ServerChannel> serverChannel(Address address) {
    return sockets.serverChannel(address instanceof Address.Unix);
  }

  /** {@return the number of the channel's file descriptor, -1 where that is not told} */
  int descriptor(Channel channel) {
    return sockets.descriptor(channel);
  }

  /** {@return whether the kernel refuses from now on who connects to this TCP port} */
  boolean refuse(Channel listener) {
    return sockets.refuse(listener);
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
    EPOLL,
    /**
     * Linux's io_uring by Netty's native library; only where it is asked for. Measured in {@code
     * benchmarks/README.md}.
     */
    IO_URING
  }

  /** Numbers the threads of one group. */
  private static final class Names {
    private final String prefix;
    private final AtomicInteger number = new AtomicInteger();

    Names(Kind kind) {
      prefix = "volare-" + kind.name().toLowerCase(Locale.ROOT) + "-";
    }

    String next() {
      return prefix + number.incrementAndGet();
    }
  }

  /** Makes each loop know its thread, and the other way round. */
  private static final class Group extends MultiThreadIoEventLoopGroup {
    Group(int threads, Kind kind, IoHandlerFactory handlers) {
      super(threads, (Executor) null, handlers, new Names(kind));
    }

    @Override
    protected IoEventLoop newChild(
        Executor executor, IoHandlerFactory handlers, @Nullable Object... arguments) {
      String name = ((Names) requireNonNull(arguments[0])).next();
      IoEventLoop[] made = new IoEventLoop[1];
      made[0] = super.newChild(task -> start(task, name, made), handlers);
      return made[0];
    }

    private static void start(Runnable task, String name, IoEventLoop[] loop) {
      LoopThread thread = new LoopThread(task, name);
      thread.loop((SingleThreadIoEventLoop) loop[0]);
      thread.start();
    }
  }

  /** Made when it is first asked for. */
  private static final class Shared {
    static final Loops LOOPS = create(Runtime.getRuntime().availableProcessors());
  }
}
