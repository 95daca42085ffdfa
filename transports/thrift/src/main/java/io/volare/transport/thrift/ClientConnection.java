package io.volare.transport.thrift;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoop;
import io.volare.codec.thrift.ThriftProtocolException;
import io.volare.rpc.Endpoint;
import io.volare.rpc.EndpointHealth.Signal;
import io.volare.rpc.RpcException;
import io.volare.transport.netty.PeerDrain;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a client. Callers add requests from any thread; all else belongs to its event
 * loop.
 *
 * <p>It takes calls until it closes or the peer asks for other connections ({@code crrst}). Then it
 * drains: what was sent is waited for, what was not goes back to its callers as unsent, and the
 * connection closes itself when nothing is left.
 */
final class ClientConnection extends FrameReader {
  private static final System.Logger LOG = System.getLogger(ClientConnection.class.getName());

  private final ClientCore core;
  private final Endpoint endpoint;
  private final PendingCalls pending;
  private final Consumer<ClientConnection> onClosed;
  private final PeerDrain peerDrain;
  private final long openedNanos = System.nanoTime();
  private @Nullable WriteBatch batch;
  private @Nullable SendQueue queue;
  private @Nullable Channel channel;
  private volatile boolean taking = true;
  private @Nullable Throwable closeCause;
  private int unflushed;
  private boolean opened;

  /** When it was last given back or used; only its pool looks at it. */
  volatile long usedNanos = openedNanos;

  ClientConnection(
      ClientCore core,
      Endpoint endpoint,
      int capacity,
      PeerDrain peerDrain,
      Consumer<ClientConnection> onClosed) {
    super(core.config().messageBytes(), core.config().thrift());
    this.core = core;
    this.endpoint = endpoint;
    this.pending = new PendingCalls(capacity);
    this.peerDrain = peerDrain;
    this.onClosed = onClosed;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    super.handlerAdded(context);
    channel = context.channel();
    batch = new WriteBatch(context.channel());
    queue = new SendQueue(context.channel(), this::send, batch::flush);
  }

  private Channel channel() {
    return java.util.Objects.requireNonNull(channel);
  }

  private WriteBatch batch() {
    return java.util.Objects.requireNonNull(batch);
  }

  private SendQueue queue() {
    return java.util.Objects.requireNonNull(queue);
  }

  /** {@return whether it is open and the peer did not ask to leave it} */
  boolean isTaking() {
    return taking;
  }

  long openedNanos() {
    return openedNanos;
  }

  /** {@return whether its loop is this one, so that a reply wakes what the loop carries at once} */
  boolean isOn(EventLoop loop) {
    return channel().eventLoop() == loop;
  }

  PendingCalls pending() {
    return pending;
  }

  Endpoint endpoint() {
    return endpoint;
  }

  /**
   * Queues a request, which has its sequence id in {@code exchange} already if it wants a reply.
   */
  void add(Exchange exchange) {
    queue().add(exchange);
  }

  /** {@return whether one more request would go out in a system call that is made anyway} */
  boolean isBatchOpen() {
    return queue().isBatchOpen();
  }

  /** On the loop: writes one request, or hands it back. */
  private void send(Exchange exchange) {
    if (!taking || !channel().isActive()) {
      pending.remove(exchange);
      exchange.unsent(closeCause);
      return;
    }
    if (!exchange.sent()) {
      return;
    }
    if (exchange.isOneway()) {
      unflushed++;
      batch()
          .addTold(exchange.request().buffer())
          .addListener(written -> flushed(exchange, (ChannelFuture) written));
    } else {
      exchange.request().addTo(batch(), loop());
    }
  }

  private void flushed(Exchange oneway, ChannelFuture written) {
    unflushed--;
    if (written.isSuccess()) {
      oneway.answered(null);
    } else {
      oneway.lost(written.cause());
    }
    closeIfDrained();
  }

  @Override
  protected void received(Frame frame) {
    TtHeader header = frame.header();
    boolean reset =
        header != null && ControlFrame.YES.equals(header.value(ControlFrame.CONNECTION_RESET));
    if (reset && taking) {
      peerDrain.begin(); // before a caller can find that this one takes no more
      taking = false;
      core.health().report(endpoint, Signal.DRAINING);
    }
    if (!reset || header == null || header.sequence() != 0) {
      deliver(frame);
    }
    closeIfDrained();
  }

  private void deliver(Frame frame) {
    Exchange exchange = find(frame);
    if (exchange != null && exchange.answered(frame.owned(exchange.spare()))) {
      return;
    }
    core.countDropped();
    if (pending.capacity() == 1) {
      closeBecause(null);
    }
  }

  private @Nullable Exchange find(Frame frame) {
    if (pending.capacity() == 1) {
      return pending.takeOnly();
    }
    TtHeader header = frame.header();
    return pending.take(header == null ? Answer.sequence(frame) : header.sequence());
  }

  /**
   * Gives up a request; a reply that comes all the same is dropped. Without TTHeader the peer
   * answers in order, so that one reply may hold up all others: new calls go elsewhere.
   */
  void forget(Exchange exchange) {
    if (!core.config().form().hasHeader()) {
      taking = false;
    }
    pending.remove(exchange);
    if (!taking) {
      onLoop(this::closeIfDrained);
    }
  }

  /** Takes no more calls and closes once nothing is waited for. */
  void drain() {
    taking = false;
    onLoop(this::closeIfDrained);
  }

  private void onLoop(Runnable task) {
    try {
      channel().eventLoop().execute(task);
    } catch (RejectedExecutionException loopsAreClosed) {
      channel().close();
    }
  }

  private void closeIfDrained() {
    if (!taking && unflushed == 0) {
      queue().drain();
      if (pending.isEmpty()) {
        channel().close();
      }
    }
  }

  /** Closes at once; what is waited for is lost. */
  void close() {
    taking = false;
    channel().close();
  }

  private void closeBecause(@Nullable Throwable cause) {
    taking = false;
    if (closeCause == null) {
      closeCause = cause;
    }
    channel().close();
  }

  @Override
  protected void malformed(ThriftProtocolException wrong) {
    closeBecause(wrong);
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    opened = true;
    core.opened(this);
    core.health().report(endpoint, Signal.CONNECTED);
    context.fireChannelActive();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    boolean unasked = taking;
    taking = false;
    super.channelInactive(context);
    queue().drain();
    boolean lostCalls = !pending.isEmpty();
    pending.forEach(exchange -> {
      pending.remove(exchange);
      exchange.lost(closeCause);
    });
    if (opened) {
      core.closed(this);
      onClosed.accept(this);
      if (lostCalls || unasked && closeCause != null) {
        core.health().report(endpoint, Signal.LOST);
      }
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (channel().isWritable()) {
      queue().drain();
    }
    context.fireChannelWritabilityChanged();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
    if (!(failure instanceof java.io.IOException || failure instanceof RpcException)) {
      LOG.log(System.Logger.Level.WARNING, endpoint + ": the connection is closed", failure);
    }
    closeBecause(failure);
  }

  @Override
  public String toString() {
    return "connection to " + endpoint;
  }
}
