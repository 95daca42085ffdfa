package io.volare.transport.thrift;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.volare.codec.thrift.ThriftLimits;
import io.volare.codec.thrift.ThriftProtocolException;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what arrives on a connection into frames. Belongs to the connection's event loop.
 *
 * <p>What has arrived is kept in one buffer that grows with the bytes, never with what a length
 * field claims. Frames are slices of it: whoever gets one releases it. While the receiver takes no
 * more, whole messages wait there uncut.
 */
abstract class FrameReader extends ChannelInboundHandlerAdapter {
  private final int mostPayload;
  private final MessageScanner scanner;
  private @Nullable HeaderReader headers;
  private ByteBuf pending = Unpooled.EMPTY_BUFFER;
  private long messageStarted;
  private boolean sawHeader;
  private boolean cutting;
  private boolean broken;

  FrameReader(int mostPayload, ThriftLimits limits) {
    this.mostPayload = mostPayload;
    this.scanner = new MessageScanner(limits);
  }

  /** A whole frame has arrived; it belongs to the receiver. */
  protected abstract void received(Frame frame);

  /** What arrived is not Thrift; nothing more will be read from this connection. */
  protected abstract void malformed(ThriftProtocolException wrong);

  /** All frames are {@linkplain #received received} that were there, or that may be cut now. */
  protected void receivedAll() {}

  /** {@return whether another frame may be cut now; if not, {@link #cutMore} goes on later} */
  protected boolean takesMore() {
    return true;
  }

  /** {@return whether bytes have arrived that are not cut yet} */
  final boolean isWithinMessage() {
    return pending.isReadable();
  }

  /** {@return bytes that have arrived and are not cut yet} */
  final int unread() {
    return pending.readableBytes();
  }

  /**
   * {@return when the first byte of the message that is arriving came, in nanoseconds; while a
   * frame is {@linkplain #received received}, when its last byte came}
   */
  final long messageStarted() {
    return messageStarted;
  }

  /** {@return whether a TTHeader was ever received} */
  final boolean sawHeader() {
    return sawHeader;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    headers = HeaderReader.ofLoop();
  }

  @Override
  public final void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf arrived = (ByteBuf) message;
    if (broken) {
      arrived.release();
      return;
    }
    long now = System.nanoTime();
    if (!pending.isReadable()) {
      messageStarted = now;
    }
    append(context, arrived);
    cut(now);
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

  /** Goes on with what has waited since the receiver took no more. */
  final void cutMore() {
    if (pending.isReadable() && !cutting && !broken) {
      messageStarted = System.nanoTime();
      cut(messageStarted);
    }
  }

  private void cut(long now) {
    cutting = true;
    try {
      while (pending.isReadable() && takesMore()) {
        int bytes = Frame.bytes(pending, mostPayload, scanner);
        if (bytes == 0 || bytes > pending.readableBytes()) {
          return;
        }
        Frame frame = Frame.read(pending.readRetainedSlice(bytes), requireNonNull(headers));
        messageStarted = now;
        sawHeader |= frame.form().hasHeader();
        received(frame);
      }
    } catch (ThriftProtocolException wrong) {
      broken = true;
      dropPending();
      malformed(wrong);
    } finally {
      cutting = false;
      if (!pending.isReadable()) {
        dropPending(); // the next connection reads into it, while it is in the processor's cache
      }
      receivedAll();
    }
  }

  private void dropPending() {
    pending.release();
    pending = Unpooled.EMPTY_BUFFER;
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    dropPending();
    broken = true;
    super.channelInactive(context);
  }
}
