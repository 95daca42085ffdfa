package io.volare.transport.thrift;

import io.netty.buffer.ByteBuf;
import io.volare.codec.thrift.ThriftProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The header in front of a Thrift message: flags, a sequence id, and what travels beside the
 * message, by number or by name. Mutable; used by one thread.
 *
 * <pre>{@code
 *  0  LENGTH        u32   bytes that follow
 *  4  MAGIC         u16   0x1000
 *  6  FLAGS         u16
 *  8  SEQUENCE      i32
 * 12  HEADER SIZE   u16   bytes from 14 to the payload, in words of four
 * 14  PROTOCOL ID   u8
 * 15  TRANSFORMS    u8    how many ids follow
 *     INFO blocks: 0x00 padding, 0x01 strings by name, 0x10 strings by number, 0x11 token
 * }</pre>
 *
 * <p>Source: cloudwego/gopkg, {@code protocol/ttheader}; volo-thrift, {@code
 * codec/default/ttheader}.
 */
final class TtHeader {
  static final int MAGIC = 0x1000;

  /** The reply may come in any order, and unasked control frames are understood. */
  static final int OUT_OF_ORDER = 0x0001;

  static final int STREAMING = 0x0002;

  /** Where the sequence id stands. */
  static final int SEQUENCE_AT = 8;

  /** The part in front of what HEADER SIZE counts. */
  static final int FIXED = 14;

  /**
   * What a reader accepts in bytes from {@link #FIXED} to the payload: all that the field can say.
   */
  static final int MOST_READ = 4 * 65_535;

  /** What a writer sends; readers before December 2025 take no more. */
  static final int MOST_WRITTEN = 65_532;

  static final int PADDING = 0x00;
  static final int STRINGS = 0x01;
  static final int INTS = 0x10;
  static final int TOKEN = 0x11;

  /** The name under which the token block is known among the strings. */
  static final String TOKEN_NAME = "RPC_TRANSIT_gdpr-token";

  /** Numbers from here on are not kept. */
  static final int KNOWN_INTS = 32;

  private int flags;
  private int sequence;
  private int protocol;
  private @Nullable String[] ints;
  private String[] strings = NO_STRINGS;
  private int stringCount;
  private @Nullable String token;

  private static final String[] NO_STRINGS = {};

  /** Starts an empty header. */
  TtHeader() {
    ints = new @Nullable String[KNOWN_INTS];
  }

  /** Starts a header with what {@code other} carries, which neither of the two changes any more. */
  TtHeader(TtHeader other, int flags, int sequence) {
    this.flags = flags;
    this.sequence = sequence;
    protocol = other.protocol;
    ints = other.ints;
    strings = other.strings;
    stringCount = other.stringCount;
    token = other.token;
  }

  int flags() {
    return flags;
  }

  void flags(int flags) {
    this.flags = flags;
  }

  boolean isOutOfOrder() {
    return (flags & OUT_OF_ORDER) != 0;
  }

  int sequence() {
    return sequence;
  }

  void sequence(int sequence) {
    this.sequence = sequence;
  }

  int protocol() {
    return protocol;
  }

  void protocol(int protocol) {
    this.protocol = protocol;
  }

  /** {@return the value under a number, or null; numbers from 32 on are not kept} */
  @Nullable String value(int key) {
    return key < KNOWN_INTS ? ints[key] : null;
  }

  boolean has(int key) {
    return value(key) != null;
  }

  void value(int key, String value) {
    ints[key] = value;
  }

  /** {@return the value under a name, or null} */
  @Nullable String value(String name) {
    for (int i = 0; i < stringCount; i += 2) {
      if (strings[i].equals(name)) {
        return strings[i + 1];
      }
    }
    return null;
  }

  /** {@return how many strings by name it has} */
  int strings() {
    return stringCount / 2;
  }

  /** {@return the name at a place, or null if there is none} */
  @Nullable String nameAt(int place) {
    return 2 * place < stringCount ? strings[2 * place] : null;
  }

  /** {@return the string at a place, or null if there is none} */
  @Nullable String stringAt(int place) {
    return 2 * place < stringCount ? strings[2 * place + 1] : null;
  }

  void value(String name, String value) {
    if (stringCount == strings.length) {
      strings = Arrays.copyOf(strings, Math.max(8, stringCount * 2));
    }
    strings[stringCount++] = name;
    strings[stringCount++] = value;
  }

  @Nullable String token() {
    return token;
  }

  void token(String token) {
    this.token = token;
  }

  void forEachString(BiConsumer<? super String, ? super String> action) {
    for (int i = 0; i < stringCount; i += 2) {
      action.accept(strings[i], strings[i + 1]);
    }
  }

  /**
   * {@return how long the frame at {@code at} is with its LENGTH field, or 0 while that is not
   * known yet} Looks at no more than the first 14 bytes.
   *
   * @throws ThriftProtocolException if LENGTH or HEADER SIZE are out of bounds or contradict each
   *     other
   */
  static int frameBytes(byte[] in, int at, int readable, int mostPayload) {
    if (readable < FIXED) {
      return 0;
    }
    long length = BigEndian.unsignedInt(in, at);
    int header = headerBytes(in, at);
    if (header < 2) {
      throw wrong("header of " + header + " B", ">= 2 B");
    }
    long payload = length + 4 - FIXED - header;
    if (payload < 0) {
      throw wrong(
          "LENGTH " + length + " with a header of " + header + " B",
          "LENGTH >= " + (FIXED - 4 + header));
    }
    if (payload > mostPayload) {
      throw wrong("a message of " + payload + " B", "at most " + mostPayload + " B");
    }
    return (int) length + 4;
  }

  /** {@return the bytes from {@link #FIXED} to the payload} */
  static int headerBytes(byte[] in, int at) {
    return 4 * BigEndian.unsignedShort(in, at + 12);
  }

  static ThriftProtocolException wrong(String found, String expected) {
    return new ThriftProtocolException("TTHeader: " + found + " (expected: " + expected + ")");
  }

  /**
   * Writes the header with LENGTH open; {@link #finish} fills it in once the payload is written.
   *
   * @return where the frame starts
   * @throws IllegalArgumentException if the header is larger than readers take
   */
  int write(ByteBuf out) {
    int start = out.writerIndex();
    out.ensureWritable(FIXED + 64);
    out.writeInt(0).writeShort(MAGIC).writeShort(flags).writeInt(sequence).writeShort(0);
    out.writeByte(protocol).writeByte(0);
    if (token != null) {
      out.writeByte(TOKEN);
      writeText(out, token);
    }
    writeStrings(out);
    writeInts(out);
    int size = out.writerIndex() - start - FIXED;
    int padding = -size & 3;
    out.writeZero(padding);
    size += padding;
    if (size > MOST_WRITTEN) {
      out.writerIndex(start);
      throw new IllegalArgumentException(
          "TTHeader: " + size + " B of header (limit: " + MOST_WRITTEN + " B): send less metainfo");
    }
    out.setShort(start + 12, size / 4);
    return start;
  }

  private void writeStrings(ByteBuf out) {
    if (stringCount == 0) {
      return;
    }
    out.writeByte(STRINGS).writeShort(stringCount / 2);
    for (int i = 0; i < stringCount; i++) {
      writeText(out, strings[i]);
    }
  }

  private void writeInts(ByteBuf out) {
    int head = out.writerIndex();
    int count = 0;
    for (int key = 0; key < KNOWN_INTS; key++) {
      String value = ints[key];
      if (value != null) {
        if (count++ == 0) {
          out.writeByte(INTS).writeShort(0);
        }
        out.writeShort(key);
        writeText(out, value);
      }
    }
    if (count > 0) {
      out.setShort(head + 1, count);
    }
  }

  private static void writeText(ByteBuf out, String text) {
    int head = out.writerIndex();
    out.writeShort(0);
    int bytes = out.writeCharSequence(text, StandardCharsets.UTF_8);
    if (bytes > 65_535) {
      throw new IllegalArgumentException(
          "TTHeader: a string of " + bytes + " B (limit: 65535 B): send less metainfo");
    }
    out.setShort(head, bytes);
  }

  /** Fills in LENGTH of the frame that starts at {@code start} and ends at the writer index. */
  static void finish(ByteBuf out, int start) {
    out.setInt(start, out.writerIndex() - start - 4);
  }
}
