package io.volare.transport.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;

/**
 * Writes header blocks that remember nothing: indexes of the static table, and literals that are
 * not indexed. So any thread may write one, and what repeats is written once and copied. Such
 * blocks may stand between those of an encoder with a table, whose table they do not touch.
 *
 * <p>Source: RFC 7541, sections 5 and 6.
 */
final class Hpack {
  /** Frame header: length, type, flags, stream. */
  static final int FRAME_HEADER_BYTES = 9;

  static final byte DATA = 0x0;
  static final byte HEADERS = 0x1;
  static final byte CONTINUATION = 0x9;
  static final byte END_STREAM = 0x1;
  static final byte END_HEADERS = 0x4;

  /** What every peer takes. */
  private static final int LARGEST_FRAME_BYTES = 16 * 1024;

  /** {@code :status: 200}, the static table's eighth. */
  static final byte STATUS_200 = (byte) 0x88;

  /** An update of the dynamic table's size to none. */
  static final byte NO_TABLE = 0x20;

  private static final int LITERAL_NEW_NAME = 0x00;
  private static final int STATUS_NAME = 8;

  private Hpack() {}

  /** {@return what {@link #literal} writes, to be copied} */
  static byte[] literal(AsciiString name, AsciiString value) {
    ByteBuf out = Unpooled.buffer(name.length() + value.length() + 8);
    literal(out, name, value);
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    return bytes;
  }

  /** Writes a header as it is. */
  static void literal(ByteBuf out, AsciiString name, AsciiString value) {
    out.writeByte(LITERAL_NEW_NAME);
    string(out, name);
    string(out, value);
  }

  /** Writes {@code :status} with any value. */
  static void status(ByteBuf out, AsciiString value) {
    integer(out, 4, LITERAL_NEW_NAME, STATUS_NAME);
    string(out, value);
  }

  private static void string(ByteBuf out, AsciiString text) {
    integer(out, 7, 0, text.length());
    out.writeBytes(text.array(), text.arrayOffset(), text.length());
  }

  private static void integer(ByteBuf out, int prefixBits, int pattern, int value) {
    int most = (1 << prefixBits) - 1;
    if (value < most) {
      out.writeByte(pattern | value);
      return;
    }
    out.writeByte(pattern | most);
    int rest = value - most;
    for (; rest >= 0x80; rest >>>= 7) {
      out.writeByte(rest & 0x7f | 0x80);
    }
    out.writeByte(rest);
  }

  /** {@return where a frame begins, whose header has its room left now} */
  static int beginFrame(ByteBuf out) {
    int start = out.writerIndex();
    out.ensureWritable(FRAME_HEADER_BYTES);
    out.writerIndex(start + FRAME_HEADER_BYTES);
    return start;
  }

  /**
   * Ends a block of headers that began at {@code start}: one frame, or as many as it takes where a
   * peer takes no larger ones.
   */
  static void endHeaders(ByteBuf out, int start, int flags, int streamId) {
    int length = out.writerIndex() - start - FRAME_HEADER_BYTES;
    if (length <= LARGEST_FRAME_BYTES) {
      frameHeader(out, start, length, HEADERS, flags | END_HEADERS, streamId);
      return;
    }
    ByteBuf block = out.copy(start + FRAME_HEADER_BYTES, length);
    out.writerIndex(start);
    byte type = HEADERS;
    int left = flags;
    while (block.isReadable()) {
      int part = Math.min(LARGEST_FRAME_BYTES, block.readableBytes());
      int last = part == block.readableBytes() ? END_HEADERS : 0;
      frameHeader(out, beginFrame(out), part, type, left | last, streamId);
      out.writeBytes(block, part);
      type = CONTINUATION;
      left = 0;
    }
    block.release();
  }

  /** Writes the header of a frame that began at {@code start} and ends where the buffer does. */
  static void endFrame(ByteBuf out, int start, byte type, int flags, int streamId) {
    frameHeader(out, start, out.writerIndex() - start - FRAME_HEADER_BYTES, type, flags, streamId);
  }

  /** Writes the header of a frame at {@code start}. */
  static void frameHeader(ByteBuf out, int start, int length, byte type, int flags, int streamId) {
    out.setMedium(start, length);
    out.setByte(start + 3, type);
    out.setByte(start + 4, flags);
    out.setInt(start + 5, streamId);
  }
}
