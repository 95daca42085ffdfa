package io.volare.transport.thrift;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.volare.codec.thrift.ThriftProtocolException;

/**
 * Cuts what arrives on a connection into frames. Belongs to the connection's event loop.
 *
 * <p>What has arrived is kept in one buffer that grows with the bytes, never with what a length
 * field claims. Frames are slices of it: whoever gets one releases it.
 */
abstract class FrameReader extends ChannelInboundHandlerAdapter {
  private final int mostPayload;
  private final MessageScanner scanner = new MessageScanner();
  private ByteBuf pending = io.netty.buffer.Unpooled.EMPTY_BUFFER;
  private long messageStarted;
  private boolean sawHeader;
  private boolean broken;

  FrameReader(int mostPayload) {
    this.mostPayload = mostPayload;
  }

  /** A whole frame has arrived; it belongs to the receiver. */
  protected abstract void received(Frame frame);

  /** What arrived is not Thrift; nothing more will be read from this connection. */
  protected abstract void malformed(ThriftProtocolException wrong);

  /** {@return whether a part of a message has arrived and the rest has not} */
  final boolean isWithinMessage() {
    return pending.isReadable();
  }

  /** {@return when the first byte of the message that is arriving came, in nanoseconds} */
  final long messageStarted() {
    return messageStarted;
  }

  /** {@return whether a TTHeader was ever received} */
  final boolean sawHeader() {
    return sawHeader;
  }

  @Override
  public final void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf arrived = (ByteBuf) message;
    if (broken) {
      arrived.release();
      return;
    }
    boolean fresh = !pending.isReadable();
    append(context, arrived);
    if (fresh) {
      messageStarted = System.nanoTime();
    }
    try {
      cut();
    } catch (ThriftProtocolException wrong) {
      broken = true;
      dropPending();
      malformed(wrong);
    }
  }

  private void append(ChannelHandlerContext context, ByteBuf arrived) {
    if (!pending.isReadable()) {
      pending.release();
      pending = arrived;
      return;
    }
    int together = pending.readableBytes() + arrived.readableBytes();
    if (pending.refCnt() > 1 || pending.maxFastWritableBytes() < arrived.readableBytes()) {
      ByteBuf larger = context.alloc().buffer(Math.max(1024, together + together / 2));
      larger.writeBytes(pending);
      pending.release();
      pending = larger;
    }
    pending.writeBytes(arrived);
    arrived.release();
  }

  private void cut() {
    while (pending.isReadable()) {
      int bytes = Frame.bytes(pending, mostPayload, scanner);
      if (bytes == 0 || bytes > pending.readableBytes()) {
        return;
      }
      Frame frame = Frame.read(pending.readRetainedSlice(bytes));
      sawHeader |= frame.form().hasHeader();
      messageStarted = System.nanoTime();
      received(frame);
    }
  }

  private void dropPending() {
    pending.release();
    pending = io.netty.buffer.Unpooled.EMPTY_BUFFER;
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    dropPending();
    broken = true;
    super.channelInactive(context);
  }
}
