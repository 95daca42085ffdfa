package io.volare.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.volare.transport.thrift.WireForm;
import java.nio.charset.StandardCharsets;

/** The bytes of the benchmark's calls, and where in them the few things are that change. */
final class EchoFrames {
  private static final int TTHEADER_MAGIC = 0x1000;
  private static final int BINARY_VERSION = 0x8001;
  private static final int MULTIPLEXED = 0x0001;
  private static final int REPLY = 2;
  private static final String SERVICE = "EchoServer";
  private static final String METHOD = "Echo";
  private static final String ACTION = "echo";

  private EchoFrames() {}

  /**
   * {@return a request as Kitex's client writes it, with sequence id 0}
   *
   * @param size bytes of the message
   * @param multiplexed whether replies may come in another order
   * @param deadlineMillis the time limit that the header carries; 0 for none
   * @param entries of persistent metainfo that the header carries
   */
  static ByteBuf request(
      WireForm form, int size, boolean multiplexed, int deadlineMillis, int entries) {
    ByteBuf message = message(size);
    ByteBuf framed = Unpooled.buffer();
    if (form.isFramed()) {
      framed.writeInt(message.readableBytes());
    }
    framed.writeBytes(message);
    return form.hasHeader()
        ? withHeader(framed, form, multiplexed, deadlineMillis, entries)
        : framed;
  }

  private static ByteBuf message(int size) {
    ByteBuf out = Unpooled.buffer();
    out.writeInt(BINARY_VERSION << 16 | 1);
    string(out, METHOD);
    out.writeInt(0);
    out.writeByte(12).writeShort(1); // the argument
    out.writeByte(11).writeShort(1);
    string(out, ACTION);
    out.writeByte(11).writeShort(2);
    string(out, "m".repeat(size));
    return out.writeByte(0).writeByte(0);
  }

  private static void string(ByteBuf out, String text) {
    out.writeInt(text.length());
    out.writeCharSequence(text, StandardCharsets.US_ASCII);
  }

  private static ByteBuf withHeader(
      ByteBuf payload, WireForm form, boolean multiplexed, int deadlineMillis, int entries) {
    ByteBuf header = Unpooled.buffer();
    header.writeByte(0).writeByte(0); // binary protocol, no transforms
    header.writeByte(1).writeShort(1 + entries);
    shortString(header, "isn");
    shortString(header, SERVICE);
    for (int i = 0; i < entries; i++) {
      shortString(header, "RPC_PERSIST_key-" + i);
      shortString(header, "value-" + i);
    }
    header.writeByte(0x10).writeShort(deadlineMillis > 0 ? 7 : 6);
    entry(header, 3, "bench");
    entry(header, 20, "");
    entry(header, 6, "echo");
    entry(header, 9, METHOD);
    entry(header, 22, "1");
    entry(header, 1, form.isFramed() ? "framed" : "unframed");
    if (deadlineMillis > 0) {
      entry(header, 12, Integer.toString(deadlineMillis));
    }
    header.writeZero(-header.readableBytes() & 3);
    ByteBuf out = Unpooled.buffer();
    out.writeInt(10 + header.readableBytes() + payload.readableBytes());
    out.writeShort(TTHEADER_MAGIC).writeShort(multiplexed ? MULTIPLEXED : 0).writeInt(0);
    out.writeShort(header.readableBytes() / 4);
    return out.writeBytes(header).writeBytes(payload);
  }

  private static void entry(ByteBuf out, int key, String value) {
    out.writeShort(key);
    shortString(out, value);
  }

  private static void shortString(ByteBuf out, String text) {
    out.writeShort(text.length());
    out.writeCharSequence(text, StandardCharsets.US_ASCII);
  }

  /** {@return how many bytes the frame at {@code start} has, or -1 if not all of it is here} */
  static int length(ByteBuf in, int start) {
    int readable = in.writerIndex() - start;
    if (readable < 4) {
      return -1;
    }
    int length =
        in.getUnsignedShort(start) == BINARY_VERSION ? bareLength(in, start) : 4 + in.getInt(start);
    return length <= readable ? length : -1;
  }

  /**
   * Walks over the message: a bare one has no length. The benchmark's structs hold strings only.
   */
  private static int bareLength(ByteBuf in, int start) {
    int end = in.writerIndex();
    int at = start + 4;
    if (at + 4 > end) {
      return -1;
    }
    at += 4 + in.getInt(at) + 4;
    int depth = 1;
    while (depth > 0) {
      if (at >= end) {
        return -1;
      }
      switch (in.getByte(at)) {
        case 0 -> {
          depth--;
          at++;
        }
        case 12 -> {
          depth++;
          at += 3;
        }
        case 11 -> {
          if (at + 7 > end) {
            return -1;
          }
          at += 7 + in.getInt(at + 3);
        }
        default ->
            throw new IllegalArgumentException(
                "field type: " + in.getByte(at) + " (expected: 11 or 12, as Echo has them)");
      }
    }
    return at - start;
  }

  /** {@return where the Thrift message begins in the frame at {@code start}} */
  static int messageAt(ByteBuf frame, int start) {
    if (frame.getUnsignedShort(start) == BINARY_VERSION) {
      return start;
    }
    if (frame.getUnsignedShort(start + 4) != TTHEADER_MAGIC) {
      return start + 4;
    }
    int payload = start + 14 + 4 * frame.getUnsignedShort(start + 12);
    return frame.getUnsignedShort(payload) == BINARY_VERSION ? payload : payload + 4;
  }

  static boolean hasHeader(ByteBuf frame, int start) {
    return frame.getUnsignedShort(start) != BINARY_VERSION
        && frame.getUnsignedShort(start + 4) == TTHEADER_MAGIC;
  }

  /** Makes a request the reply to itself: the message's type and the id of its only field. */
  static void turnIntoReply(ByteBuf frame) {
    int message = messageAt(frame, frame.readerIndex());
    int name = frame.getInt(message + 4);
    frame.setByte(message + 3, REPLY);
    frame.setShort(message + 8 + name + 4 + 1, 0);
  }

  static boolean isReply(ByteBuf frame, int message) {
    return frame.getByte(message + 3) == REPLY;
  }

  static int sequence(ByteBuf frame, int message) {
    return frame.getInt(sequenceAt(frame, message));
  }

  /** {@return where the message at {@code message} has its sequence id} */
  static int sequenceAt(ByteBuf frame, int message) {
    return message + 8 + frame.getInt(message + 4);
  }
}
