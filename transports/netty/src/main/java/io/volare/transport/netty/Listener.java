package io.volare.transport.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import io.volare.rpc.RpcException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The socket that a port listens on. Accepting belongs to its event loop; its methods may be called
 * from any thread.
 *
 * <p>How is this designed, and why? When a listening socket closes, the kernel resets every
 * connection that it had taken and nobody had accepted, and with it a call that a client has
 * written already and can no longer say of whether it ran. So it stops in two steps: first the
 * kernel refuses whoever comes, which tells a client that nothing was sent; then the loop accepts
 * those who are there or in the middle of a handshake, and closes when nobody has come for a while.
 * Where the kernel cannot be told to refuse (NIO on TCP) the second step alone has to do, and those
 * who connect in the last moments are still reset. See {@code docs/decisions/0135}.
 */
final class Listener {
  private static final System.Logger LOG = System.getLogger(ServerPort.class.getName());

  /** Nobody has come for so long: every handshake that takes less has ended. */
  private static final long QUIET_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private static final long CHECK_MILLIS = 10;

  /**
   * How long it waits for quiet where the kernel goes on taking whoever comes, perhaps for ever.
   */
  private static final long MOST_UNREFUSED_NANOS = QUIET_NANOS;

  /** A loop that accepts fewer at a time has found nobody else. */
  private static final int MOST_AT_A_TIME = 16;

  private final Address address;
  private final Loops loops;
  private final Admission admission;
  private final Channel channel;

  /** Accepted, and on their way to their own loops. */
  private final AtomicInteger arriving = new AtomicInteger();

  // of the loop
  private int accepted;
  private int acceptedBefore;
  private long quietSince;

  private boolean closed; // guarded by this

  private Listener(Address address, Loops loops, Admission admission) {
    this.address = address;
    this.loops = loops;
    this.admission = admission;
    ChannelFuture bound = bootstrap().bind(loops.socketAddress(address)).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw RpcException.notExecuted(
          Kind.FAILED_PRECONDITION,
          address + ": cannot listen here: " + reason(bound.cause()),
          bound.cause());
    }
    channel = bound.channel();
  }

  private static String reason(Throwable cause) {
    return cause instanceof UnresolvedAddressException
        ? "the host is not known"
        : String.valueOf(cause.getMessage());
  }

  /**
   * {@return a listener, which has begun}
   *
   * @throws RpcException of kind {@code FAILED_PRECONDITION} if it cannot listen there
   */
  static Listener open(Address address, Loops loops, Admission admission) {
    return new Listener(address, loops, admission);
  }

  private ServerBootstrap bootstrap() {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(loops.group())
            .channel(loops.serverChannel(address))
            .handler(new Door())
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel child) {
                    try {
                      LoopReads.prepare(child);
                      admission.begin(child);
                    } finally {
                      arriving.decrementAndGet();
                    }
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

  /** {@return where clients reach it, with the port that the system chose} */
  Endpoint endpoint() {
    if (address instanceof Address.Tcp(String host, int port)
        && channel.localAddress() instanceof InetSocketAddress bound) {
      return Endpoint.tcp(host, bound.getPort());
    }
    return Endpoint.of(address);
  }

  /** {@return connections that were accepted and have not begun} */
  int arriving() {
    return arriving.get();
  }

  /**
   * Takes nobody new, and closes once those who had come before are accepted; at {@code endNanos}
   * in any case. Waits for that.
   */
  void closeOnceQuiet(long endNanos) throws InterruptedException {
    boolean refuses = refuse();
    long now = System.nanoTime();
    long patientUntil = refuses ? endNanos : now + MOST_UNREFUSED_NANOS;
    try {
      channel.eventLoop().execute(() -> beginToWait(patientUntil, endNanos));
    } catch (RejectedExecutionException loopsAreClosed) {
      close();
    }
    long most = Math.max(0, endNanos - now) + QUIET_NANOS;
    channel.closeFuture().await(most, TimeUnit.NANOSECONDS);
    close();
  }

  /** {@return whether the kernel refuses whoever connects from now on} */
  private synchronized boolean refuse() {
    if (closed || !(address instanceof Address.Unix(Path path))) {
      return !closed && loops.refuse(channel);
    }
    try {
      putPlainFile(path);
      return true;
    } catch (IOException denied) {
      LOG.log(System.Logger.Level.DEBUG, address + ": takes whoever comes until it ends", denied);
      return false;
    }
  }

  /** Whoever connects to a plain file is refused, and nobody else can bind where one is. */
  private static void putPlainFile(Path path) throws IOException {
    Path plain = Path.of(path + ".closing");
    Files.deleteIfExists(plain);
    Files.createFile(plain);
    Files.move(plain, path, StandardCopyOption.ATOMIC_MOVE);
  }

  private void beginToWait(long patientUntilNanos, long endNanos) {
    acceptedBefore = accepted;
    quietSince = System.nanoTime();
    checkSoon(patientUntilNanos, endNanos, quietSince);
  }

  /** The loop accepts those who have come before it is there again. */
  private void checkSoon(long patientUntilNanos, long endNanos, long now) {
    channel
        .eventLoop()
        .schedule(
            () -> check(patientUntilNanos, endNanos),
            now - patientUntilNanos < 0 ? CHECK_MILLIS : 1,
            TimeUnit.MILLISECONDS);
  }

  private void check(long patientUntilNanos, long endNanos) {
    long now = System.nanoTime();
    boolean accepts = channel.config().isAutoRead();
    int newcomers = accepted - acceptedBefore;
    acceptedBefore = accepted;
    if (newcomers > 0 || !accepts) {
      quietSince = now;
    }
    boolean quiet = now - quietSince >= QUIET_NANOS;
    boolean nobodyLeft = accepts && newcomers < MOST_AT_A_TIME && now - patientUntilNanos >= 0;
    if (quiet || nobodyLeft || now - endNanos >= 0) {
      channel.close();
    } else {
      checkSoon(patientUntilNanos, endNanos, now);
    }
  }

  /** Closes at once: what the kernel has taken and nobody has accepted is reset. */
  synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    channel.close().awaitUninterruptibly(1_000);
    awaitNextSelect();
    if (address instanceof Address.Unix(Path path)) {
      deleteFile(path);
    }
  }

  /**
   * A selector of the JDK closes a socket when it selects again, and keeps its address till then.
   */
  private void awaitNextSelect() {
    try {
      channel.eventLoop().schedule(() -> {}, 1, TimeUnit.MILLISECONDS).awaitUninterruptibly(1_000);
    } catch (RejectedExecutionException loopsAreClosed) {
      LOG.log(System.Logger.Level.DEBUG, address + ": closed after its loops", loopsAreClosed);
    }
  }

  private static void deleteFile(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException left) {
      LOG.log(System.Logger.Level.WARNING, path + ": could not be deleted", left);
    }
  }

  /** Who is let in. */
  interface Admission {
    /**
     * {@return whether {@code connection} may begin, besides those that arrive; if not, the log
     * says why} Asked on the listener's loop.
     */
    boolean admits(Channel connection, int arriving);

    /** {@code connection} begins, on its own loop. */
    void begin(Channel connection);
  }

  /** Sees every connection as it is accepted, before it belongs to a loop. */
  private final class Door extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      Channel connection = (Channel) message;
      accepted++;
      if (!admission.admits(connection, arriving.get())) {
        connection.unsafe().closeForcibly();
        return;
      }
      arriving.incrementAndGet();
      context.fireChannelRead(connection);
    }
  }
}
