package io.volare.transport.thrift;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.volare.codec.thrift.ThriftLimits;
import io.volare.codec.thrift.ThriftProtocolException;
import io.volare.transport.netty.LoopReads;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what arrives on a connection into frames. Belongs to the connection's event loop.
 *
 * <p>How is this designed, and why? What one read brought is copied once, into an array that all
 * connections of the loop take turns with: there the JIT compiler reads a number with one
 * instruction, where a direct buffer takes several calls and checks. What is left over, a message
 * that is not whole, or whole ones that the receiver does not take yet, moves to an array of the
 * connection, which grows with the bytes, never with what a length field claims. A connection
 * between two messages holds nothing.
 */
abstract class FrameReader extends ChannelInboundHandlerAdapter {
  private static final byte[] NONE = {};

  private final int mostPayload;
  private final MessageScanner scanner;
  private @Nullable LoopMemory loop;

  /** What is not cut yet, from {@link #at} to {@link #end}. */
  private byte[] bytes = NONE;

  private int at;
  private int end;

  /** How long the frame says it is that is not whole; 0 while that is not known. */
  private int announced;

  private long messageStarted;
  private boolean sawHeader;
  private boolean cutting;
  private boolean broken;

  FrameReader(int mostPayload, ThriftLimits limits) {
    this.mostPayload = mostPayload;
    this.scanner = new MessageScanner(limits);
  }

  /** A whole frame has arrived. Whoever keeps it beyond this call keeps {@link Frame#owned}. */
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
    return at < end;
  }

  /** {@return bytes that have arrived and are not cut yet} */
  final int unread() {
    return end - at;
  }

  /** {@return bytes of the array in which they wait; 0 while none do} */
  final int reserved() {
    return bytes.length;
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
    loop = LoopMemory.ofLoop();
    LoopReads.takeTurns(context.channel());
  }

  /** {@return what it shares with the other connections of its loop} */
  final LoopMemory loop() {
    return requireNonNull(loop);
  }

  @Override
  public final void channelRead(ChannelHandlerContext context, Object message) {
    ByteBuf arrived = (ByteBuf) message;
    try {
      if (broken) {
        return;
      }
      long now = System.nanoTime();
      if (at == end) {
        messageStarted = now;
      }
      append(arrived);
      cut(now);
    } finally {
      arrived.release();
    }
  }

  /**
   * What waits moves to the loop's array, unless it is more than what came or has no room there.
   */
  private void append(ByteBuf arrived) {
    int waiting = end - at;
    int more = arrived.readableBytes();
    byte[] shared = loop().bytes();
    if (waiting <= more && waiting + more <= shared.length) {
      moveTo(shared);
    } else if (bytes.length - end < more) {
      int ahead = announced > waiting ? ahead(waiting) : 2 * waiting;
      moveTo(new byte[Math.max(waiting + more, ahead)]);
    }
    arrived.readBytes(bytes, end, more);
    end += more;
  }

  /** {@return room for the frame that waits, but for no more than twice what has come of it} */
  private int ahead(int waiting) {
    return Math.max(waiting, Math.min(announced, 2 * waiting));
  }

  private void moveTo(byte[] array) {
    int waiting = end - at;
    System.arraycopy(bytes, at, array, 0, waiting);
    bytes = array;
    at = 0;
    end = waiting;
  }

  /** Goes on with what has waited since the receiver took no more. */
  final void cutMore() {
    if (at < end && !cutting && !broken) {
      messageStarted = System.nanoTime();
      cut(messageStarted);
    }
  }

  private void cut(long now) {
    cutting = true;
    try {
      while (at < end && takesMore()) {
        int frameBytes = Frame.bytes(bytes, at, end, mostPayload, scanner);
        if (frameBytes == 0 || frameBytes > end - at) {
          announced = frameBytes;
          return;
        }
        Frame frame = Frame.read(bytes, at, at + frameBytes, loop());
        at += frameBytes;
        messageStarted = now;
        sawHeader |= frame.form().hasHeader();
        received(frame);
      }
    } catch (ThriftProtocolException wrong) {
      broken = true;
      drop();
      malformed(wrong);
    } finally {
      cutting = false;
      keep();
      receivedAll();
    }
  }

  /** What is left waits in an array of the connection's own. */
  private void keep() {
    if (at == end) {
      drop();
    } else if (loop().owns(bytes)) {
      moveTo(new byte[ahead(end - at)]);
    }
  }

  private void drop() {
    bytes = NONE;
    at = 0;
    end = 0;
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    drop();
    broken = true;
    super.channelInactive(context);
  }
}
