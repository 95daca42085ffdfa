package io.volare.transport.thrift;

import io.netty.buffer.ByteBuf;
import io.volare.codec.thrift.ThriftProtocolException;
import io.volare.transport.netty.Protocol.Match;
import org.jspecify.annotations.Nullable;

/**
 * One message as it came off the wire: how it was wrapped, its header if it has one, and its bytes.
 * Whoever holds it releases it.
 *
 * @param form how it was wrapped
 * @param header null without TTHeader
 * @param message from the Thrift envelope to the end
 * @param size bytes with all wrapping
 */
record Frame(WireForm form, @Nullable TtHeader header, ByteBuf message, int size) {
  private static final int THRIFT_STRICT = 0x8001;
  private static final byte[] BARE = {(byte) 0x80, 0x01};

  /** A version, an empty name's length and a sequence id. */
  private static final int LEAST_BYTES = 12;

  void release() {
    message.release();
  }

  /**
   * {@return how many bytes the frame at {@code in}'s reader index takes, or 0 while that is not
   * known}
   *
   * <p>The verdict depends on the bytes alone, not on how they were split.
   *
   * @throws ThriftProtocolException if the bytes are not Thrift in any form, or beyond the limit
   */
  static int bytes(ByteBuf in, int mostPayload, MessageScanner scanner) {
    int readable = in.readableBytes();
    int at = in.readerIndex();
    if (readable >= 2 && in.getUnsignedShort(at) == THRIFT_STRICT) {
      return scanner.bytes(in, mostPayload);
    }
    if (readable < 8) {
      checkPrefix(in, at, readable);
      return 0;
    }
    int second = in.getUnsignedShort(at + 4);
    if (second == TtHeader.MAGIC) {
      return TtHeader.frameBytes(in, at, readable, mostPayload);
    }
    if (second == THRIFT_STRICT) {
      long length = in.getUnsignedInt(at);
      if (length < LEAST_BYTES) {
        throw new ThriftProtocolException(
            "a framed message of " + length + " B (expected: >= " + LEAST_BYTES + " B)");
      }
      if (length > mostPayload) {
        throw new ThriftProtocolException(
            "a framed message of " + length + " B (limit: " + mostPayload + " B)");
      }
      return (int) length + 4;
    }
    throw unknown(in, at);
  }

  /** {@return whether a connection that begins so speaks Thrift, by its first six bytes at most} */
  static Match match(ByteBuf first) {
    int readable = first.readableBytes();
    int at = first.readerIndex();
    if (readable > 0 && first.getByte(at) < 0) {
      return Match.startsWith(first, BARE);
    }
    if (readable < 5) {
      return Match.MORE;
    }
    int high = first.getUnsignedByte(at + 4);
    if (readable == 5) {
      return high == TtHeader.MAGIC >>> 8 || high == THRIFT_STRICT >>> 8 ? Match.MORE : Match.NO;
    }
    int second = first.getUnsignedShort(at + 4);
    return second == TtHeader.MAGIC || second == THRIFT_STRICT ? Match.YES : Match.NO;
  }

  /** Refuses what cannot become Thrift any more, before eight bytes are there. */
  private static void checkPrefix(ByteBuf in, int at, int readable) {
    if (readable >= 6) {
      int second = in.getUnsignedShort(at + 4);
      if (second != TtHeader.MAGIC && second != THRIFT_STRICT) {
        throw new ThriftProtocolException(
            "first bytes 0x%08x %04x%s (expected: TTHeader, framed or bare Thrift)"
                .formatted(in.getInt(at), second, resembled(in, at)));
      }
    }
  }

  private static ThriftProtocolException unknown(ByteBuf in, int at) {
    return new ThriftProtocolException(
        "first bytes 0x%08x %08x%s (expected: TTHeader, framed or bare Thrift, strict Binary protocol)"
            .formatted(in.getInt(at), in.getInt(at + 4), resembled(in, at)));
  }

  /** Says what somebody may have sent to the wrong port; for people who read the log. */
  private static String resembled(ByteBuf in, int at) {
    int first = in.getInt(at);
    if (first == 0x50524920) {
      return ", which looks like HTTP/2";
    }
    if (first == 0x47455420 || first == 0x504f5354 || first == 0x48454144 || first == 0x50555420) {
      return ", which looks like HTTP/1";
    }
    if (first >>> 16 == 0x1603) {
      return ", which looks like TLS";
    }
    return first >>> 24 == 0x82 || in.getUnsignedByte(at + 4) == 0x82
        ? ", which looks like Thrift's Compact protocol"
        : "";
  }

  /**
   * {@return the frame in {@code bytes}, which is one whole frame and which it takes over}
   *
   * @param headers reads the headers of its connection
   * @throws ThriftProtocolException if it is not what its first bytes promised; {@code bytes} is
   *     then released
   */
  static Frame read(ByteBuf bytes, HeaderReader headers) {
    try {
      int size = bytes.readableBytes();
      TtHeader header = null;
      if (bytes.getUnsignedShort(bytes.readerIndex() + 4) == TtHeader.MAGIC
          && bytes.getUnsignedShort(bytes.readerIndex()) != THRIFT_STRICT) {
        header = headers.read(bytes);
        checkProtocol(header);
      }
      boolean framed = isFramed(bytes);
      if (framed) {
        checkInnerLength(bytes);
        bytes.skipBytes(4);
      }
      return new Frame(WireForm.of(header != null, framed), header, bytes, size);
    } catch (RuntimeException wrong) {
      bytes.release();
      throw wrong;
    }
  }

  private static void checkProtocol(TtHeader header) {
    if ((header.flags() & TtHeader.STREAMING) != 0) {
      throw new ThriftProtocolException("TTHeader: a streaming frame (expected: calls only)");
    }
    int protocol = header.protocol();
    if (protocol != 0) {
      throw new ThriftProtocolException(
          "TTHeader: protocol id " + protocol + " (expected: 0, Thrift Binary)");
    }
  }

  private static boolean isFramed(ByteBuf bytes) {
    int at = bytes.readerIndex();
    checkHolds(bytes, LEAST_BYTES);
    if (bytes.getUnsignedShort(at) == THRIFT_STRICT) {
      return false;
    }
    if (bytes.getUnsignedShort(at + 4) == THRIFT_STRICT) {
      checkHolds(bytes, 4 + LEAST_BYTES);
      return true;
    }
    throw unknown(bytes, at);
  }

  private static void checkHolds(ByteBuf bytes, int least) {
    if (bytes.readableBytes() < least) {
      throw new ThriftProtocolException(
          "a message of %d B (expected: >= %d B, a Thrift envelope)"
              .formatted(bytes.readableBytes(), least));
    }
  }

  private static void checkInnerLength(ByteBuf bytes) {
    long inner = bytes.getUnsignedInt(bytes.readerIndex());
    int outer = bytes.readableBytes() - 4;
    if (inner != outer) {
      throw new ThriftProtocolException(
          "an inner frame of " + inner + " B (expected: " + outer + " B, as the outer one says)");
    }
  }
}
