package io.volare.transport.thrift;

import static io.volare.transport.thrift.TtHeader.wrong;

import io.netty.buffer.ByteBuf;
import io.volare.codec.thrift.ThriftProtocolException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads the headers that come on one connection. Used by its event loop.
 *
 * <p>How is this designed, and why? One peer's headers are mostly alike: the same names, the same
 * method, a deadline that differs by a millisecond. So the last header is remembered. One that has
 * the same bytes behind the sequence id shares its strings; of another, each string that stands
 * where the same one stood before is taken from there. Decoding was an eighth of the price of a
 * call.
 */
final class HeaderReader {
  /** Longer headers are not remembered: ten thousand connections may each hold one. */
  private static final int MOST_REMEMBERED = 1024;

  /** Strings by name that a reader takes: four times what metainfo may hold by default. */
  private static final int MOST_STRINGS = 512;

  private static final TtHeader NONE = new TtHeader();
  private static final long[] NO_WORDS = {};

  private TtHeader last = NONE;
  private int lastBytes;
  private long[] lastWords = NO_WORDS;

  /**
   * {@return the header at {@code in}'s reader index, which then stands at the payload}
   *
   * @throws ThriftProtocolException if it is not a header
   */
  TtHeader read(ByteBuf in) {
    int at = in.readerIndex();
    int start = at + TtHeader.FIXED;
    int bytes = TtHeader.headerBytes(in, at);
    if (start + bytes > in.writerIndex()) {
      throw wrong("a header of " + bytes + " B", "what fits in the frame");
    }
    if (!isRemembered(in, start, bytes)) {
      TtHeader header = new TtHeader();
      new Blocks(in, start, start + bytes, last).readInto(header);
      remember(in, start, bytes, header);
    }
    int flags = in.getUnsignedShort(at + 6);
    int sequence = in.getInt(at + 8);
    in.readerIndex(start + bytes);
    return new TtHeader(last, flags, sequence);
  }

  private boolean isRemembered(ByteBuf in, int start, int bytes) {
    if (bytes != lastBytes) {
      return false;
    }
    int whole = bytes >> 3;
    for (int i = 0; i < whole; i++) {
      if (in.getLong(start + 8 * i) != lastWords[i]) {
        return false;
      }
    }
    return (bytes & 4) == 0 || in.getInt(start + 8 * whole) == (int) lastWords[whole];
  }

  private void remember(ByteBuf in, int start, int bytes, TtHeader header) {
    last = header;
    lastBytes = 0;
    if (bytes > MOST_REMEMBERED) {
      return;
    }
    int whole = bytes >> 3;
    if (lastWords.length <= whole) {
      lastWords = new long[whole + 1];
    }
    for (int i = 0; i < whole; i++) {
      lastWords[i] = in.getLong(start + 8 * i);
    }
    if ((bytes & 4) != 0) {
      lastWords[whole] = in.getInt(start + 8 * whole);
    }
    lastBytes = bytes;
  }

  /** Reads what lies between the fixed part and the payload; never past {@code end}. */
  private static final class Blocks {
    private final ByteBuf in;
    private final int end;
    private final TtHeader like;
    private int at;

    Blocks(ByteBuf in, int start, int end, TtHeader like) {
      this.in = in;
      this.at = start;
      this.end = end;
      this.like = like;
    }

    void readInto(TtHeader header) {
      header.protocol(in.getUnsignedByte(take(1)));
      int transforms = in.getUnsignedByte(take(1));
      if (transforms != 0) {
        throw wrong(transforms + " transforms", "none: they are not implemented anywhere");
      }
      while (at < end) {
        int block = in.getUnsignedByte(take(1));
        switch (block) {
          case TtHeader.PADDING -> {}
          case TtHeader.STRINGS -> readStrings(header);
          case TtHeader.INTS -> readInts(header);
          case TtHeader.TOKEN -> header.token(text(like.token()));
          default -> throw wrong("info block 0x%02x".formatted(block), "0x00, 0x01, 0x10 or 0x11");
        }
      }
    }

    private void readStrings(TtHeader header) {
      int count = in.getUnsignedShort(take(2));
      if (header.strings() + count > MOST_STRINGS) {
        throw wrong(count + " strings by name", "at most " + MOST_STRINGS);
      }
      for (; count > 0; count--) {
        int place = header.strings();
        String name = text(like.nameAt(place));
        if (header.value(name) != null) {
          throw wrong("the name \"" + name + "\" twice", "each name once");
        }
        header.value(name, text(like.stringAt(place)));
      }
    }

    private void readInts(TtHeader header) {
      for (int count = in.getUnsignedShort(take(2)); count > 0; count--) {
        int key = in.getUnsignedShort(take(2));
        if (key < TtHeader.KNOWN_INTS) {
          if (header.has(key)) {
            throw wrong("the number " + key + " twice", "each number once");
          }
          header.value(key, text(like.value(key)));
        } else {
          take(in.getUnsignedShort(take(2)));
        }
      }
    }

    /** {@return the string that comes next: {@code likely} itself if it is the same} */
    private String text(@Nullable String likely) {
      int length = in.getUnsignedShort(take(2));
      int from = take(length);
      if (length == 0) {
        return "";
      }
      return likely != null && isAt(likely, from, length)
          ? likely
          : in.toString(from, length, StandardCharsets.UTF_8);
    }

    /** A byte beyond ASCII is negative here and equals no character. */
    private boolean isAt(String likely, int from, int length) {
      if (likely.length() != length) {
        return false;
      }
      for (int i = 0; i < length; i++) {
        if (likely.charAt(i) != in.getByte(from + i)) {
          return false;
        }
      }
      return true;
    }

    private int take(int bytes) {
      int from = at;
      if (end - from < bytes) {
        throw wrong("a header that ends within an info block", (end - from) + " B are left");
      }
      at = from + bytes;
      return from;
    }
  }
}
