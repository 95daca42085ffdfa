package io.volare.transport.thrift;

import static io.volare.transport.thrift.TtHeader.wrong;
import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.FastThreadLocal;
import io.volare.codec.thrift.ThriftProtocolException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the headers that come on the connections of one event loop. Used by that loop.
 *
 * <p>How is this designed, and why? Headers are mostly alike: the same names, the same method, a
 * deadline that differs by a millisecond. So the last one of each length is remembered. A header
 * that has the same bytes behind the sequence id shares its strings; of another, each string that
 * stands where the same one stood before is taken from there. Decoding was an eighth of the price
 * of a call. What is remembered is the loop's and not the connection's, since a thousand
 * connections with a call each would find none of it in the processor's cache.
 */
final class HeaderReader {
  private static final FastThreadLocal<HeaderReader> OF_LOOP =
      new FastThreadLocal<>() {
        @Override
        protected HeaderReader initialValue() {
          return new HeaderReader();
        }
      };

  /** Longer headers are not remembered. */
  private static final int MOST_REMEMBERED = 1024;

  /** As many lengths are remembered, in words of four; a power of two. */
  private static final int LENGTHS = 32;

  /** Strings by name that a reader takes: four times what metainfo may hold by default. */
  private static final int MOST_STRINGS = 512;

  /** Fewer names are compared one by one. */
  private static final int FEW_NAMES = 16;

  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final Remembered[] byLength = new Remembered[LENGTHS];

  HeaderReader() {
    Arrays.setAll(byLength, length -> new Remembered());
  }

  /** {@return the one of the calling event loop} */
  static HeaderReader ofLoop() {
    return OF_LOOP.get();
  }

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
    TtHeader header = byLength[bytes / 4 & LENGTHS - 1].read(in, start, bytes);
    int flags = in.getUnsignedShort(at + 6);
    int sequence = in.getInt(at + 8);
    in.readerIndex(start + bytes);
    return new TtHeader(header, flags, sequence);
  }

  /** The header that was read last, of those of some lengths. */
  private static final class Remembered {
    private TtHeader header = new TtHeader();
    private int bytes;
    private byte[] blocks = {};

    /** {@return a header to be shared, from the bytes behind its fixed part} */
    TtHeader read(ByteBuf in, int start, int bytes) {
      if (!isAt(in, start, bytes)) {
        byte[] copied = copied(in, start, bytes);
        header = new Blocks(copied, bytes, header).read();
        this.bytes = copied == blocks ? bytes : 0;
      }
      return header;
    }

    private boolean isAt(ByteBuf in, int start, int bytes) {
      if (bytes != this.bytes) {
        return false;
      }
      int i = 0;
      for (; i <= bytes - 8; i += 8) {
        if (in.getLong(start + i) != (long) LONG.get(blocks, i)) {
          return false;
        }
      }
      return i == bytes || in.getInt(start + i) == (int) INT.get(blocks, i);
    }

    /**
     * {@return the bytes in an array, where looking at each costs nothing; its length may be more}
     */
    private byte[] copied(ByteBuf in, int start, int bytes) {
      this.bytes = 0;
      if (bytes > MOST_REMEMBERED) {
        byte[] once = new byte[bytes];
        in.getBytes(start, once);
        return once;
      }
      if (blocks.length < bytes) {
        blocks = new byte[bytes];
      }
      int i = 0;
      for (; i <= bytes - 8; i += 8) {
        LONG.set(blocks, i, in.getLong(start + i));
      }
      if (i < bytes) {
        INT.set(blocks, i, in.getInt(start + i));
      }
      return blocks;
    }
  }

  /** Reads what lies between the fixed part and the payload. */
  private static final class Blocks {
    private final byte[] in;
    private final int end;
    private final TtHeader like;
    private final TtHeader header = new TtHeader();
    private int at;

    /** Whether all names so far are those of {@link #like}, of which each is there once. */
    private boolean namesAreAlike = true;

    private @Nullable Set<String> names;

    Blocks(byte[] in, int end, TtHeader like) {
      this.in = in;
      this.end = end;
      this.like = like;
    }

    TtHeader read() {
      header.protocol(unsignedByte());
      int transforms = unsignedByte();
      if (transforms != 0) {
        throw wrong(transforms + " transforms", "none: they are not implemented anywhere");
      }
      while (at < end) {
        int block = unsignedByte();
        switch (block) {
          case TtHeader.PADDING -> {}
          case TtHeader.STRINGS -> readStrings();
          case TtHeader.INTS -> readInts();
          case TtHeader.TOKEN -> header.token(text(like.token()));
          default -> throw wrong("info block 0x%02x".formatted(block), "0x00, 0x01, 0x10 or 0x11");
        }
      }
      return header;
    }

    private void readStrings() {
      int count = unsignedShort();
      if (header.strings() + count > MOST_STRINGS) {
        throw wrong(count + " strings by name", "at most " + MOST_STRINGS);
      }
      for (; count > 0; count--) {
        int place = header.strings();
        String likely = like.nameAt(place);
        String name = text(likely);
        namesAreAlike &= name.equals(likely);
        if (!namesAreAlike && isTwice(name)) {
          throw wrong("the name \"" + name + "\" twice", "each name once");
        }
        header.value(name, text(like.stringAt(place)));
      }
    }

    private boolean isTwice(String name) {
      if (header.strings() < FEW_NAMES) {
        return header.value(name) != null;
      }
      Set<String> known = names;
      if (known == null) {
        known = new HashSet<>();
        for (int place = 0; place < header.strings(); place++) {
          known.add(requireNonNull(header.nameAt(place)));
        }
        names = known;
      }
      return !known.add(name);
    }

    private void readInts() {
      for (int count = unsignedShort(); count > 0; count--) {
        int key = unsignedShort();
        if (key < TtHeader.KNOWN_INTS) {
          if (header.has(key)) {
            throw wrong("the number " + key + " twice", "each number once");
          }
          header.value(key, text(like.value(key)));
        } else {
          take(unsignedShort());
        }
      }
    }

    /** {@return the string that comes next: {@code likely} itself if it is the same} */
    private String text(@Nullable String likely) {
      int length = unsignedShort();
      int from = take(length);
      if (length == 0) {
        return "";
      }
      return likely != null && isAt(likely, from, length)
          ? likely
          : new String(in, from, length, StandardCharsets.UTF_8);
    }

    /** A byte beyond ASCII is negative here and equals no character. */
    private boolean isAt(String likely, int from, int length) {
      if (likely.length() != length) {
        return false;
      }
      for (int i = 0; i < length; i++) {
        if (likely.charAt(i) != in[from + i]) {
          return false;
        }
      }
      return true;
    }

    private int unsignedByte() {
      return in[take(1)] & 0xff;
    }

    private int unsignedShort() {
      int from = take(2);
      return (in[from] & 0xff) << 8 | in[from + 1] & 0xff;
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
