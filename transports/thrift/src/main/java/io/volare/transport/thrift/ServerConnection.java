package io.volare.transport.thrift;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.volare.codec.thrift.ThriftProtocolException;
import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import io.volare.transport.netty.Outbox;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * One connection of a server. All fields belong to its event loop; calls that run elsewhere reach
 * it through the outbox only.
 *
 * <p>Replies leave in the order of their requests, except those whose request says that any order
 * will do (TTHeader's flag 0x0001): a client that does not say so may pair replies by position.
 */
final class ServerConnection extends FrameReader {
  private static final System.Logger LOG = System.getLogger(ServerConnection.class.getName());

  /** How often deadlines, idleness and stalling are looked at. */
  private static final long CHECK_MILLIS = 10;

  private static final long LAZY_CHECK_MILLIS = 1_000;

  private static final long DRAIN_CHECK_MILLIS = 20;

  /** A TTHeader connection on which nothing came for this long is not about to be used. */
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final ThriftServer server;
  private final Channel channel;
  private final Outbox outbox;
  private final Endpoint peer;
  private final ArrayDeque<ServerCall> ordered = new ArrayDeque<>();
  private final CallList inFlight = new CallList();
  private long lastActive = System.nanoTime();
  private long unwritableSince;
  private boolean checking;
  private boolean speaksControl;
  private boolean drainAnnounced;
  private boolean controlSent;
  private boolean closing;

  ServerConnection(ThriftServer server, Channel channel) {
    super(server.config().messageBytes());
    this.server = server;
    this.channel = channel;
    this.outbox = new Outbox(channel);
    this.peer = peerOf(channel);
  }

  private static Endpoint peerOf(Channel channel) {
    return channel.remoteAddress() instanceof InetSocketAddress from
        ? Endpoint.tcp(from.getAddress().getHostAddress(), from.getPort())
        : Endpoint.of(Address.unix(java.nio.file.Path.of("peer")));
  }

  ThriftServer server() {
    return server;
  }

  Channel channel() {
    return channel;
  }

  Endpoint peer() {
    return peer;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    scheduleCheck(LAZY_CHECK_MILLIS);
    context.fireChannelActive();
  }

  @Override
  protected void received(Frame frame) {
    lastActive = System.nanoTime();
    if (closing) {
      frame.release();
      return;
    }
    ServerCall call = new ServerCall(this, frame, lastActive);
    speaksControl |= call.allowsAnyOrder();
    if (call.isRefused() && call.isOneway()) {
      call.release();
      return;
    }
    inFlight.add(call);
    if (!call.allowsAnyOrder() && !call.isOneway()) {
      ordered.add(call);
    }
    if (inFlight.size() >= server.config().inFlight()) {
      channel.config().setAutoRead(false);
    }
    dispatch(call);
    if (call.hasDeadline() && !checking) {
      scheduleCheck(CHECK_MILLIS);
    }
  }

  private void dispatch(ServerCall call) {
    if (call.isRefused()) {
      call.answerRefusal();
      return;
    }
    try {
      server.execution().run(call);
    } catch (RejectedExecutionException full) {
      call.rejected();
    }
  }

  /** Called from any thread once a call's reply is ready. */
  void completed(ServerCall call) {
    outbox.add((out, promise) -> post(call));
  }

  private void post(ServerCall call) {
    inFlight.remove(call);
    if (call.isOneway() || !channel.isActive()) {
      call.discard();
    } else if (call.allowsAnyOrder()) {
      write(call);
    } else if (!channel.isActive()) {
      call.discard();
    } else {
      call.markDone();
      while (!ordered.isEmpty() && ordered.peek().isDone()) {
        write(ordered.poll());
      }
    }
    if (!channel.config().isAutoRead()
        && channel.isWritable()
        && inFlight.size() < server.config().inFlight()) {
      channel.config().setAutoRead(true);
    }
    closeWhenDrained();
  }

  private void write(ServerCall call) {
    ByteBuf reply = call.takeReply();
    if (reply == null) {
      return;
    }
    if (call.closesConnection()) {
      closing = true;
      channel.writeAndFlush(reply).addListener(written -> channel.close());
    } else {
      channel.write(reply, channel.voidPromise());
    }
  }

  @Override
  protected void malformed(ThriftProtocolException wrong) {
    LOG.log(
        System.Logger.Level.DEBUG,
        () -> peer + ": " + wrong.getMessage() + "; the connection is closed");
    closing = true;
    channel.close();
  }

  /** Told by the draining server, from its thread, more than once. */
  void announceDrain() {
    channel.eventLoop().execute(this::drain);
  }

  private void drain() {
    if (!drainAnnounced && channel.isActive()) {
      drainAnnounced = true;
      watchDrain();
    }
  }

  private void watchDrain() {
    if (!channel.isActive()) {
      return;
    }
    if (speaksControl && !controlSent) {
      controlSent = true;
      channel.writeAndFlush(ControlFrame.connectionReset(channel.alloc()));
    }
    closeWhenDrained();
    channel.eventLoop().schedule(this::watchDrain, DRAIN_CHECK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * Closes a connection of a draining server once nothing can be lost by it: a peer that knows the
   * control frame closes by itself; one that reads {@code crrst} in replies too, unless it has
   * nothing to send; framed and bare peers are told by the closing itself.
   */
  private void closeWhenDrained() {
    if (!server.isDraining() || !inFlight.isEmpty() || isWithinMessage() || speaksControl) {
      return;
    }
    if (!sawHeader() || System.nanoTime() - lastActive > QUIET_NANOS) {
      closeAfterReplies();
    }
  }

  /** Closing drops what is not flushed yet, so the last write closes. */
  private void closeAfterReplies() {
    if (!closing) {
      closing = true;
      channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> channel.close());
    }
  }

  void closeNow() {
    channel.close();
  }

  private void scheduleCheck(long millis) {
    checking = millis == CHECK_MILLIS;
    channel.eventLoop().schedule(this::check, millis, TimeUnit.MILLISECONDS);
  }

  private void check() {
    if (!channel.isActive()) {
      return;
    }
    long now = System.nanoTime();
    inFlight.interruptExpired(now);
    long stalledNanos = server.config().stalled().toNanos();
    if (isWithinMessage() && now - messageStarted() > stalledNanos) {
      close("a message did not arrive within " + server.config().stalled());
    } else if (unwritableSince != 0 && now - unwritableSince > stalledNanos) {
      close("replies were not taken for " + server.config().stalled());
    } else if (inFlight.isEmpty()
        && !isWithinMessage()
        && now - lastActive > server.config().idle().toNanos()) {
      close("idle for " + server.config().idle());
    }
    scheduleCheck(inFlight.hasDeadlines() ? CHECK_MILLIS : LAZY_CHECK_MILLIS);
  }

  private void close(String why) {
    LOG.log(System.Logger.Level.DEBUG, () -> peer + ": closed: " + why);
    channel.close();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (channel.isWritable()) {
      unwritableSince = 0;
      if (inFlight.size() < server.config().inFlight()) {
        channel.config().setAutoRead(true);
      }
    } else {
      unwritableSince = System.nanoTime();
      channel.config().setAutoRead(false);
    }
    context.fireChannelWritabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    super.channelInactive(context);
    server.closed(this);
    inFlight.interruptAll();
    ordered.stream().filter(ServerCall::isDone).forEach(ServerCall::discard);
    ordered.clear();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
    if (!(failure instanceof IOException)) {
      LOG.log(System.Logger.Level.WARNING, peer + ": the connection is closed", failure);
    }
    channel.close();
  }
}
