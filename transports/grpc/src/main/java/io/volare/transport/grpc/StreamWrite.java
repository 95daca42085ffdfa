package io.volare.transport.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.volare.transport.netty.Outbox;
import org.jspecify.annotations.Nullable;

/**
 * What a thread wants written on a stream, in the form that it has on the wire: frames before the
 * message, room for the header of a DATA frame and the message, frames after it. Each part may be
 * missing.
 *
 * <p>Made by any thread, then the loop's. While the peer's windows and its largest frame allow the
 * message as a whole, which is nearly always, the buffer goes to the channel as it is; otherwise it
 * is cut as they allow.
 */
final class StreamWrite extends Outbox.Envelope
    implements Http2RemoteFlowController.FlowControlled {
  /** A message up to this size is copied behind another one: a frame of its own costs more. */
  private static final int MOST_COPIED_BYTES = 1024 + MessageDeframer.PREFIX_BYTES;

  /** The largest frame that every peer takes. */
  private static final int MOST_MERGED_BYTES = 16 * 1024;

  private final GrpcStream stream;
  private final int headBytes;
  private final boolean opens;
  private @Nullable ByteBuf buffer;
  private int dataBytes;
  private int tailBytes;
  private int reservedBytes;
  private boolean ends;
  private boolean begun;
  private boolean emptyFrame;

  /**
   * {@return the end of this side of a stream and nothing else} The header of its frame is written
   * by the loop: whoever asks for it may not know the stream's number yet.
   */
  static StreamWrite end(GrpcStream stream, ByteBufAllocator allocator) {
    ByteBuf frame = allocator.directBuffer(Hpack.FRAME_HEADER_BYTES);
    Hpack.beginFrame(frame);
    StreamWrite end =
        new StreamWrite(stream, frame, Hpack.FRAME_HEADER_BYTES, 0, false, true, false);
    end.emptyFrame = true;
    return end;
  }

  /**
   * Takes over {@code buffer}.
   *
   * @param headBytes how many bytes of whole frames stand before the message
   * @param dataBytes how large the message is, its prefix included; if it is not 0, the header of
   *     its frame has its room before it
   * @param opens whether the head has the stream's first headers of this side
   * @param ends whether this side of the stream ends with it, by a flag in the tail, in the head,
   *     or else by one that the DATA frame gets
   * @param reserved whether room was taken for the message, to be given back
   */
  StreamWrite(
      GrpcStream stream,
      ByteBuf buffer,
      int headBytes,
      int dataBytes,
      boolean opens,
      boolean ends,
      boolean reserved) {
    this.stream = stream;
    this.buffer = buffer;
    this.headBytes = headBytes;
    this.dataBytes = dataBytes;
    int gap = dataBytes == 0 ? 0 : Hpack.FRAME_HEADER_BYTES;
    this.tailBytes = buffer.readableBytes() - headBytes - gap - dataBytes;
    this.reservedBytes = reserved ? dataBytes : 0;
    this.opens = opens;
    this.ends = ends;
  }

  GrpcStream stream() {
    return stream;
  }

  boolean opens() {
    return opens;
  }

  boolean ends() {
    return ends;
  }

  int reservedBytes() {
    return reservedBytes;
  }

  /** {@return whether it is a message, and not only what comes before or after one} */
  boolean hasMessage() {
    return reservedBytes > 0;
  }

  /** Lets go of it; harmless when it was written. */
  void discard() {
    ByteBuf unwanted = buffer;
    buffer = null;
    if (unwanted != null) {
      unwanted.release();
    }
  }

  @Override
  public void post(Channel channel, ChannelPromise promise) {
    stream.enqueue(this);
  }

  @Override
  public int size() {
    return dataBytes;
  }

  @Override
  public void write(ChannelHandlerContext context, int allowed) {
    ByteBuf bytes = buffer;
    if (bytes == null) {
      return;
    }
    int largest = stream.connection().largestFrame();
    if (!begun && dataBytes <= allowed && dataBytes <= largest) {
      writeWhole(context, bytes);
    } else {
      writeParts(context, bytes, allowed, largest);
    }
    if (opens && !begun) {
      stream.headWritten();
    }
    begun = true;
    stream.progressed();
  }

  private void writeWhole(ChannelHandlerContext context, ByteBuf bytes) {
    if (dataBytes > 0) {
      Hpack.frameHeader(
          bytes, bytes.readerIndex() + headBytes, dataBytes, Hpack.DATA, lastFlag(), stream.id());
    } else if (emptyFrame) {
      Hpack.frameHeader(bytes, bytes.readerIndex(), 0, Hpack.DATA, lastFlag(), stream.id());
    }
    dataBytes = 0;
    buffer = null;
    context.write(bytes, context.voidPromise());
  }

  private void writeParts(ChannelHandlerContext context, ByteBuf bytes, int allowed, int largest) {
    if (!begun) {
      if (headBytes > 0) {
        context.write(bytes.readRetainedSlice(headBytes), context.voidPromise());
      }
      bytes.skipBytes(Hpack.FRAME_HEADER_BYTES);
    }
    for (int left = allowed; left > 0 && dataBytes > 0; ) {
      int length = Math.min(dataBytes, Math.min(left, largest));
      left -= length;
      dataBytes -= length;
      ByteBuf header = context.alloc().buffer(Hpack.FRAME_HEADER_BYTES);
      Hpack.beginFrame(header);
      Hpack.frameHeader(
          header, 0, length, Hpack.DATA, dataBytes == 0 ? lastFlag() : 0, stream.id());
      context.write(header, context.voidPromise());
      context.write(bytes.readRetainedSlice(length), context.voidPromise());
    }
    if (dataBytes == 0) {
      buffer = null;
      if (tailBytes > 0) {
        context.write(bytes, context.voidPromise());
      } else {
        bytes.release();
      }
    }
  }

  private byte lastFlag() {
    return ends && tailBytes == 0 ? Hpack.END_STREAM : 0;
  }

  @Override
  public void writeComplete() {
    stream.written(this);
  }

  @Override
  public void error(@Nullable ChannelHandlerContext context, Throwable cause) {
    discard();
    stream.lost(this);
  }

  /**
   * Takes a small message into the frame of this one, which has not begun to be written: messages
   * that come together cost one frame and not one each.
   */
  @Override
  public boolean merge(
      ChannelHandlerContext context, Http2RemoteFlowController.FlowControlled next) {
    return isOpen()
        && next instanceof StreamWrite further
        && further.isSmallMessage()
        && takes(further);
  }

  private boolean isSmallMessage() {
    return headBytes == 0 && dataBytes > 0 && dataBytes <= MOST_COPIED_BYTES;
  }

  private boolean isOpen() {
    return dataBytes > 0 && !begun && !ends && tailBytes == 0;
  }

  private boolean takes(StreamWrite further) {
    ByteBuf own = buffer;
    ByteBuf more = further.buffer;
    if (own == null || more == null || dataBytes + further.dataBytes > MOST_MERGED_BYTES) {
      return false;
    }
    own.writeBytes(
        more, more.readerIndex() + Hpack.FRAME_HEADER_BYTES, further.dataBytes + further.tailBytes);
    dataBytes += further.dataBytes;
    tailBytes = further.tailBytes;
    reservedBytes += further.reservedBytes;
    ends = further.ends;
    further.discard();
    stream.merged(further);
    return true;
  }
}
