package io.volare.transport.thrift;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.collection.IntObjectHashMap;
import io.volare.codec.thrift.ThriftProtocolException;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.Endpoint;
import io.volare.rpc.EndpointHealth;
import io.volare.rpc.EndpointHealth.Signal;
import io.volare.rpc.RpcException;
import io.volare.transport.netty.Outbox;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a client, for one call at a time or for many. The pending calls belong to its
 * event loop; callers reach them through the outbox. {@code usable} alone is read from everywhere:
 * a call that was handed over while it turned false comes back as not written, and moves.
 */
final class ClientConnection extends FrameReader {
  private final Channel channel;
  private final Outbox outbox;
  private final Endpoint endpoint;
  private final ThriftClientConfig config;
  private final EndpointHealth health;
  private final AtomicInteger sequences = new AtomicInteger();
  private final long born = System.nanoTime();
  private final IntObjectHashMap<PendingCall> pending = new IntObjectHashMap<>();
  private volatile boolean usable = true;
  private volatile long lastUsed = born;
  private volatile int late;
  private boolean retiring;

  ClientConnection(
      Channel channel, Endpoint endpoint, ThriftClientConfig config, EndpointHealth health) {
    super(config.messageBytes());
    this.channel = channel;
    this.outbox = new Outbox(channel);
    this.endpoint = endpoint;
    this.config = config;
    this.health = health;
  }

  /** {@return whether new calls may be sent; it can turn false at any moment, never true again} */
  boolean isUsable() {
    return usable && channel.isActive();
  }

  long lastUsedNanos() {
    return lastUsed;
  }

  /** {@return replies that came after their callers had gone} */
  int late() {
    return late;
  }

  /** Sends a request; the caller keeps its own reference to the bytes. */
  PendingCall send(Request request, boolean oneway) {
    int sequence = sequences.incrementAndGet();
    if (sequence <= 0) {
      sequences.set(1);
      sequence = 1;
    }
    request.stamp(sequence);
    lastUsed = System.nanoTime();
    PendingCall call = new PendingCall(this, request, sequence, oneway);
    request.bytes().retain();
    outbox.add(call);
    return call;
  }

  /** On the loop: notes a call that is about to be written; false if it must go elsewhere. */
  boolean accepts(PendingCall call, boolean oneway) {
    if (retiring || !channel.isActive()) {
      return false;
    }
    if (oneway) {
      return true;
    }
    if (pending.size() >= config.pending()) {
      call.complete(
          RpcException.notExecuted(
              Kind.RESOURCE_EXHAUSTED,
              endpoint + ": " + pending.size() + " calls wait (limit: " + config.pending() + ")"));
      return false;
    }
    if (pending.containsKey(call.sequence())) {
      return false;
    }
    pending.put(call.sequence(), call);
    return true;
  }

  /** From the caller's thread: nobody waits for this reply any more. */
  void givenUp(PendingCall call) {
    if (config.multiplexed()) {
      channel.eventLoop().execute(() -> forget(call));
    } else {
      usable = false;
      channel.eventLoop().execute(channel::close);
    }
  }

  private void forget(PendingCall call) {
    pending.remove(call.sequence(), call);
    closeWhenRetired();
  }

  @Override
  protected void received(Frame frame) {
    TtHeader header = frame.header();
    boolean reset = header != null && "1".equals(header.value(ControlFrame.CONNECTION_RESET));
    if (reset) {
      retire();
      health.report(endpoint, Signal.DRAINING);
    }
    int sequence = sequenceOf(frame);
    PendingCall call = sequence == 0 && reset ? null : pending.remove(sequence);
    if (call == null || !call.complete(frame)) {
      if (!(reset && sequence == 0)) {
        late++;
      }
      frame.release();
    }
    closeWhenRetired();
  }

  /** {@return the sequence id of the envelope, which is the one that pairs} */
  private static int sequenceOf(Frame frame) {
    int at = frame.message().readerIndex();
    int name = frame.message().readableBytes() < 12 ? -1 : frame.message().getInt(at + 4);
    if (name < 0 || name > frame.message().readableBytes() - 12) {
      throw new ThriftProtocolException(
          "a reply whose method name has " + name + " B (expected: what fits in the message)");
    }
    return frame.message().getInt(at + 8 + name);
  }

  @Override
  protected void malformed(ThriftProtocolException wrong) {
    usable = false;
    failAll(wrong);
    channel.close();
  }

  /** Takes no new calls; closes when the pending ones have been answered. */
  private void retire() {
    usable = false;
    retiring = true;
  }

  private void closeWhenRetired() {
    if (retiring && pending.isEmpty() && channel.isActive()) {
      channel.close();
    }
  }

  /** From any thread: ends the connection once the pending calls have been answered. */
  void retireSoon() {
    usable = false;
    channel
        .eventLoop()
        .execute(() -> {
          retire();
          closeWhenRetired();
        });
  }

  void closeNow() {
    usable = false;
    channel.close();
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    long everyMillis = Math.clamp(config.idle().toMillis() / 4, 10, 5_000);
    var check =
        channel
            .eventLoop()
            .scheduleAtFixedRate(this::check, everyMillis, everyMillis, TimeUnit.MILLISECONDS);
    channel.closeFuture().addListener(closed -> check.cancel(false));
    context.fireChannelActive();
  }

  private void check() {
    long now = System.nanoTime();
    boolean idle = pending.isEmpty() && now - lastUsed > config.idle().toNanos();
    if (idle || now - born > config.maxAge().toNanos()) {
      retire();
      closeWhenRetired();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    usable = false;
    boolean expected = retiring;
    super.channelInactive(context);
    failAll(lost(null));
    if (!expected) {
      health.report(endpoint, Signal.LOST);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
    usable = false;
    failAll(lost(failure));
    channel.close();
  }

  private void failAll(RpcException failure) {
    for (PendingCall call : pending.values().toArray(new PendingCall[0])) {
      call.complete(failure);
    }
    pending.clear();
  }

  RpcException lost(@Nullable Throwable cause) {
    return new RpcException(
        Kind.UNAVAILABLE,
        true,
        endpoint + ": the connection was lost after the request had been sent",
        null,
        cause);
  }
}
