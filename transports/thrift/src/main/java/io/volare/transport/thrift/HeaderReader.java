package io.volare.transport.thrift;

import static io.volare.transport.thrift.TtHeader.wrong;
import static java.util.Objects.requireNonNull;

import io.volare.codec.thrift.ThriftProtocolException;
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
  /** Longer headers are not remembered. */
  private static final int MOST_REMEMBERED = 1024;

  /** As many lengths are remembered, in words of four; a power of two. */
  private static final int LENGTHS = 32;

  /** Strings by name that a reader takes: four times what metainfo may hold by default. */
  private static final int MOST_STRINGS = 512;

  /** Fewer names are compared one by one. */
  private static final int FEW_NAMES = 16;

  private final Remembered[] byLength = new Remembered[LENGTHS];

  HeaderReader() {
    Arrays.setAll(byLength, length -> new Remembered());
  }

  /**
   * {@return the header of the frame that takes {@code in} from {@code at} to before {@code end}}
   *
   * @throws ThriftProtocolException if it is not a header
   */
  TtHeader read(byte[] in, int at, int end) {
    int from = at + TtHeader.FIXED;
    int bytes = TtHeader.headerBytes(in, at);
    if (from + bytes > end) {
      throw wrong("a header of " + bytes + " B", "what fits in the frame");
    }
    TtHeader header = byLength[bytes / 4 & LENGTHS - 1].read(in, from, from + bytes);
    int flags = BigEndian.unsignedShort(in, at + 6);
    return new TtHeader(header, flags, BigEndian.i32(in, at + TtHeader.SEQUENCE_AT));
  }

  /** The header that was read last, of those of some lengths. */
  private static final class Remembered {
    private TtHeader header = new TtHeader();
    private byte[] blocks = {};
    private int length;

    /** {@return a header to be shared, from the bytes behind its fixed part} */
    TtHeader read(byte[] in, int from, int end) {
      if (!Arrays.equals(in, from, end, blocks, 0, length)) {
        length = 0;
        header = new Blocks(in, from, end, header).read();
        remember(in, from, end);
      }
      return header;
    }

    private void remember(byte[] in, int from, int end) {
      int bytes = end - from;
      if (bytes > MOST_REMEMBERED) {
        return;
      }
      if (blocks.length < bytes) {
        blocks = new byte[bytes];
      }
      System.arraycopy(in, from, blocks, 0, bytes);
      length = bytes;
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

    Blocks(byte[] in, int from, int end, TtHeader like) {
      this.in = in;
      this.at = from;
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
      return BigEndian.unsignedShort(in, take(2));
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
