package io.volare.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A connection whose protocol is told by its first bytes. Belongs to its event loop.
 *
 * <p>It keeps what has come, asks each protocol, and once one of them says yes replays the
 * connection's beginning to it and is gone from the pipeline. Whoever opens a connection and says
 * nothing, or nothing that is understood within {@link #MOST_BYTES}, is closed.
 */
final class Arrival extends Newcomer {
  /** How much of a connection's beginning is looked at. */
  static final int MOST_BYTES = 256;

  /** What is told of bytes that nobody knows. */
  private static final int TOLD_BYTES = 8;

  private final List<Protocol> possible;
  private @Nullable ByteBuf seen;
  private @Nullable Future<?> timeout;

  Arrival(ServerPort port, Channel channel, List<Protocol> possible) {
    super(port, channel);
    this.possible = possible;
  }

  /** Whoever takes over hears of it in its turn. */
  @Override
  public void channelActive(ChannelHandlerContext context) {
    long limit = port.config().firstBytes().toNanos();
    timeout = context.executor().schedule(this::late, limit, TimeUnit.NANOSECONDS);
  }

  private void late() {
    int bytes = seen == null ? 0 : seen.readableBytes();
    refuse(
        "%d B came within %s, which do not tell the protocol"
            .formatted(bytes, port.config().firstBytes()));
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (isOver()) {
      ((ByteBuf) message).release();
      return;
    }
    ByteBuf all = append(context, (ByteBuf) message);
    seen = all;
    boolean undecided = false;
    for (Protocol protocol : possible) {
      switch (protocol.match(all)) {
        case YES -> {
          become(context, protocol, all);
          return;
        }
        case MORE -> undecided = true;
        case NO -> {}
      }
    }
    if (!undecided || all.readableBytes() >= MOST_BYTES) {
      refuse("first bytes " + told(all) + " (expected: " + expected() + ")");
    }
  }

  private ByteBuf append(ChannelHandlerContext context, ByteBuf arrived) {
    ByteBuf before = seen;
    if (before == null) {
      return arrived;
    }
    ByteBuf both = context.alloc().buffer(before.readableBytes() + arrived.readableBytes());
    both.writeBytes(before).writeBytes(arrived);
    before.release();
    arrived.release();
    return both;
  }

  private void become(ChannelHandlerContext context, Protocol protocol, ByteBuf first) {
    end();
    seen = null;
    port.give(channel, protocol);
    context.fireChannelActive();
    context.fireChannelRead(first);
    context.pipeline().remove(this);
  }

  private static String told(ByteBuf bytes) {
    int told = Math.min(TOLD_BYTES, bytes.readableBytes());
    return "0x" + ByteBufUtil.hexDump(bytes, bytes.readerIndex(), told);
  }

  private String expected() {
    return possible.stream().map(Protocol::name).collect(Collectors.joining(" or "));
  }

  @Override
  void end() {
    super.end();
    if (timeout != null) {
      timeout.cancel(false);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (seen != null) {
      seen.release();
      seen = null;
    }
    super.channelInactive(context);
  }
}
