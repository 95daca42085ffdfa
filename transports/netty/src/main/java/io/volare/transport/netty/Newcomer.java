package io.volare.transport.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** A connection of a port that is no protocol's yet. Belongs to its event loop. */
abstract class Newcomer extends ChannelInboundHandlerAdapter implements Protocol.Connection {
  private static final System.Logger LOG = System.getLogger(ServerPort.class.getName());

  /** A connection that was made longer ago is not about to be used when the port drains. */
  private static final long QUIET_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long DRAIN_CHECK_MILLIS = 20;

  final ServerPort port;
  final Channel channel;
  private final long openedNanos = System.nanoTime();
  private boolean drainAnnounced;
  private boolean over;

  Newcomer(ServerPort port, Channel channel) {
    this.port = port;
    this.channel = channel;
  }

  /** {@return whether it was given away or refused} */
  final boolean isOver() {
    return over;
  }

  /** It is given away or refused now. */
  void end() {
    over = true;
  }

  /** From any thread: refuses it, if it is still new. */
  final void giveWay(String why) {
    channel.eventLoop().execute(() -> refuse(why));
  }

  final void refuse(String why) {
    if (!over) {
      end();
      port.log().warn(() -> channel.remoteAddress() + ": closed: " + why);
      channel.close();
    }
  }

  @Override
  public final void announceDrain() {
    channel.eventLoop().execute(this::drain);
  }

  private void drain() {
    if (!drainAnnounced) {
      drainAnnounced = true;
      watchDrain();
    }
  }

  /** What was made a moment ago was most likely made for a call that is on its way. */
  private void watchDrain() {
    if (over) {
      return;
    }
    if (System.nanoTime() - openedNanos > QUIET_NANOS) {
      channel.close();
    } else {
      channel.eventLoop().schedule(this::watchDrain, DRAIN_CHECK_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    end();
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
    if (!(failure instanceof IOException)) {
      LOG.log(
          System.Logger.Level.WARNING,
          channel.remoteAddress() + ": the connection is closed",
          failure);
    }
    channel.close();
  }
}
