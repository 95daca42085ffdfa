package io.volare.transport.thrift;

import static io.volare.transport.thrift.BigEndian.i32;
import static io.volare.transport.thrift.BigEndian.unsignedInt;
import static io.volare.transport.thrift.BigEndian.unsignedShort;

import io.netty.buffer.ByteBuf;
import io.volare.codec.thrift.ThriftLimits;
import io.volare.codec.thrift.ThriftProtocolException;
import io.volare.codec.thrift.ThriftReader;
import io.volare.transport.netty.Protocol.Match;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One message as it came off the wire: how it was wrapped, its header if it has one, and its bytes.
 *
 * @param form how it was wrapped
 * @param header null without TTHeader
 * @param bytes hold the message, and more that is none of its
 * @param from where the Thrift envelope begins
 * @param end where the message ends
 * @param size bytes with all wrapping
 * @param isShared whether {@code bytes} is used for what arrives next
 */
record Frame(
    WireForm form,
    @Nullable TtHeader header,
    byte[] bytes,
    int from,
    int end,
    int size,
    boolean isShared) {
  private static final int THRIFT_STRICT = 0x8001;
  private static final byte[] BARE = {(byte) 0x80, 0x01};

  /** A version, an empty name's length and a sequence id. */
  private static final int LEAST_BYTES = 12;

  /**
   * {@return whether who keeps it must copy it, for its bytes are used again or few of the array}
   */
  boolean isBorrowed() {
    return isShared || end - from < bytes.length / 2;
  }

  /**
   * {@return a frame that may be kept and read by any thread}
   *
   * @param spare takes its bytes if it is long enough
   */
  Frame owned(byte[] spare) {
    if (!isBorrowed()) {
      return this;
    }
    int length = end - from;
    byte[] copy = spare;
    if (length > spare.length) {
      copy = Arrays.copyOfRange(bytes, from, end);
    } else {
      System.arraycopy(bytes, from, spare, 0, length);
    }
    return new Frame(form, header, copy, 0, length, size, false);
  }

  /** {@return a reader that stands at the envelope} */
  ThriftReader reader(ThriftLimits limits) {
    return new ThriftReader(bytes, from, end, limits);
  }

  /**
   * {@return how many bytes the frame takes that begins at {@code at} and has arrived up to before
   * {@code end}, or 0 while that is not known}
   *
   * <p>The verdict depends on the bytes alone, not on how they were split.
   *
   * @throws ThriftProtocolException if the bytes are not Thrift in any form, or beyond the limit
   */
  static int bytes(byte[] in, int at, int end, int mostPayload, MessageScanner scanner) {
    int readable = end - at;
    if (readable >= 2 && unsignedShort(in, at) == THRIFT_STRICT) {
      return scanner.bytes(in, at, end, mostPayload);
    }
    if (readable < 8) {
      checkPrefix(in, at, readable);
      return 0;
    }
    int second = unsignedShort(in, at + 4);
    if (second == TtHeader.MAGIC) {
      return TtHeader.frameBytes(in, at, readable, mostPayload);
    }
    if (second == THRIFT_STRICT) {
      long length = unsignedInt(in, at);
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
  private static void checkPrefix(byte[] in, int at, int readable) {
    if (readable >= 6) {
      int second = unsignedShort(in, at + 4);
      if (second != TtHeader.MAGIC && second != THRIFT_STRICT) {
        throw new ThriftProtocolException(
            "first bytes 0x%08x %04x%s (expected: TTHeader, framed or bare Thrift)"
                .formatted(i32(in, at), second, resembled(in, at)));
      }
    }
  }

  private static ThriftProtocolException unknown(byte[] in, int at) {
    return new ThriftProtocolException(
        "first bytes 0x%08x %08x%s (expected: TTHeader, framed or bare Thrift, strict Binary protocol)"
            .formatted(i32(in, at), i32(in, at + 4), resembled(in, at)));
  }

  /** Says what somebody may have sent to the wrong port; for people who read the log. */
  private static String resembled(byte[] in, int at) {
    int first = i32(in, at);
    if (first == 0x50524920) {
      return ", which looks like HTTP/2";
    }
    if (first == 0x47455420 || first == 0x504f5354 || first == 0x48454144 || first == 0x50555420) {
      return ", which looks like HTTP/1";
    }
    if (first >>> 16 == 0x1603) {
      return ", which looks like TLS";
    }
    return first >>> 24 == 0x82 || (in[at + 4] & 0xff) == 0x82
        ? ", which looks like Thrift's Compact protocol"
        : "";
  }

  /**
   * {@return the frame that takes {@code bytes} from {@code at} to before {@code end}}
   *
   * @param loop whose connection it came on
   * @throws ThriftProtocolException if it is not what its first bytes promised
   */
  static Frame read(byte[] bytes, int at, int end, LoopMemory loop) {
    int from = at;
    TtHeader header = null;
    if (unsignedShort(bytes, at + 4) == TtHeader.MAGIC
        && unsignedShort(bytes, at) != THRIFT_STRICT) {
      header = loop.headers().read(bytes, at, end);
      checkProtocol(header);
      from += TtHeader.FIXED + TtHeader.headerBytes(bytes, at);
    }
    boolean framed = isFramed(bytes, from, end);
    if (framed) {
      checkInnerLength(bytes, from, end);
      from += 4;
    }
    WireForm form = WireForm.of(header != null, framed);
    return new Frame(form, header, bytes, from, end, end - at, loop.owns(bytes));
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

  private static boolean isFramed(byte[] bytes, int at, int end) {
    checkHolds(end - at, LEAST_BYTES);
    if (unsignedShort(bytes, at) == THRIFT_STRICT) {
      return false;
    }
    if (unsignedShort(bytes, at + 4) == THRIFT_STRICT) {
      checkHolds(end - at, 4 + LEAST_BYTES);
      return true;
    }
    throw unknown(bytes, at);
  }

  private static void checkHolds(int bytes, int least) {
    if (bytes < least) {
      throw new ThriftProtocolException(
          "a message of %d B (expected: >= %d B, a Thrift envelope)".formatted(bytes, least));
    }
  }

  private static void checkInnerLength(byte[] bytes, int at, int end) {
    long inner = unsignedInt(bytes, at);
    int outer = end - at - 4;
    if (inner != outer) {
      throw new ThriftProtocolException(
          "an inner frame of " + inner + " B (expected: " + outer + " B, as the outer one says)");
    }
  }
}
