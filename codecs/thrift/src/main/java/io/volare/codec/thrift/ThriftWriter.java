package io.volare.codec.thrift;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Writes Thrift's Binary protocol at the end of a buffer. The buffer grows as needed and stays the
 * caller's. Used by one thread.
 *
 * <p>Between {@link #structBegin} and {@link #structEnd} bytes may be held back; they are in the
 * buffer when the outermost struct has ended, or when {@link #buffer} was called. Between {@link
 * #open} and {@link #close} they may be held back everywhere.
 */
public final class ThriftWriter {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final byte[] NONE = {};

  /** Strings up to this long are copied character by character. */
  private static final int SHORT_STRING = 16;

  /** What a string may take behind its length in UTF-8, a closing 0 and a mark after it. */
  private static final int MOST_PER_CHAR = 3;

  private static final int AROUND_STRING = 4 + 2;
  private static final int LONGEST_IN_WINDOW = (Scratch.BYTES - AROUND_STRING) / MOST_PER_CHAR;

  /** No byte of UTF-8. */
  private static final byte MARK = (byte) 0xff;

  /** In {@link #depth}, while open. */
  private static final int OPEN = 1 << 30;

  /** What does not fit in a window is rarely less than two of them. */
  private static final int CAPACITY = 2 * Scratch.BYTES;

  private final @Nullable ByteBufAllocator allocator;
  private @Nullable ByteBuf out;
  private final int start;
  private int depth;

  // Inside a struct, and while open: what is not in the buffer yet is at 0..at.
  private byte[] window = NONE;
  private int at;
  private @Nullable Scratch scratch;

  /** Starts writing at {@code out}'s writer index. */
  public ThriftWriter(ByteBuf out) {
    this.out = out;
    this.start = out.writerIndex();
    this.allocator = null;
  }

  /**
   * Starts without a buffer: one is made of {@code allocator} when the first bytes have to go
   * there. It is the caller's to release; {@link #takeHeld} tells whether there is one.
   */
  public ThriftWriter(ByteBufAllocator allocator) {
    this.start = 0;
    this.allocator = allocator;
  }

  /** {@return the buffer that is written to, with all that was written so far} */
  public ByteBuf buffer() {
    flush();
    return out();
  }

  private ByteBuf out() {
    ByteBuf buffer = out;
    if (buffer == null) {
      buffer = requireNonNull(allocator).directBuffer(CAPACITY);
      out = buffer;
    }
    return buffer;
  }

  /** {@return bytes in the buffer} */
  private int inBuffer() {
    return out == null ? 0 : out.writerIndex() - start;
  }

  /**
   * Ends writing, if all that was {@linkplain #written written} is still held back.
   *
   * @param spare takes the bytes from its beginning if it is long enough
   * @param most the length of a new array at most
   * @return {@code spare}, or a new array with nothing else in it, or null if the bytes are in the
   *     buffer or too many; then nothing has changed
   */
  public byte @Nullable [] takeHeld(byte[] spare, int most) {
    int held = at;
    if (out != null || held > spare.length && held > most) {
      return null;
    }
    byte[] taken = spare;
    if (held > spare.length) {
      taken = Arrays.copyOf(window, held);
    } else {
      System.arraycopy(window, 0, spare, 0, held);
    }
    at = 0;
    depth = 0;
    closeWindow();
    return taken;
  }

  /** Ends writing and gives up what was written; a buffer that was made is released. */
  public void discard() {
    at = 0;
    depth = 0;
    closeWindow();
    if (allocator != null && out != null) {
      out.release();
      out = null;
    }
  }

  /**
   * Lets bytes be held back outside of structs too, until {@link #close}: several messages, and
   * what stands between them, then reach the buffer in one piece.
   */
  public void open() {
    depth |= OPEN;
  }

  /** Ends what {@link #open} began: all that was written is in the buffer. */
  public void close() {
    depth = 0;
    closeWindow();
  }

  /**
   * Takes back all that was written since, for instance of a message that turned out not to be
   * writable. Structs that were begun since are left.
   *
   * @param written what {@link #written} was then, outside of any struct
   */
  public void truncate(int written) {
    int inBuffer = inBuffer();
    if (written >= inBuffer) {
      at = written - inBuffer;
    } else {
      at = 0;
      out().writerIndex(start + written);
    }
    depth &= OPEN;
    if (depth == 0) {
      closeWindow();
    }
  }

  /**
   * Replaces an i32 that was written: a length that was not known yet.
   *
   * @param written what {@link #written} was before it
   */
  public void setI32(int written, int value) {
    int inBuffer = inBuffer();
    if (written >= inBuffer) {
      INT.set(window, written - inBuffer, value);
    } else {
      out().setInt(start + written, value);
    }
  }

  /** {@return bytes that were written to the buffer, or are held back} */
  public int written() {
    return inBuffer() + at;
  }

  /** Enters a struct. */
  public void structBegin() {
    depth++;
  }

  /** Ends a struct that was entered by {@link #structBegin}, with its stop byte. */
  public void structEnd() {
    writeByte(TType.STOP);
    if (--depth == 0) {
      closeWindow();
    }
  }

  private void flush() {
    if (at > 0) {
      out().writeBytes(window, 0, at);
      at = 0;
    }
  }

  private void closeWindow() {
    flush();
    window = NONE;
    Scratch used = scratch;
    if (used != null) {
      scratch = null;
      used.giveBack();
    }
  }

  /**
   * Called when the window has no room for as many bytes: empties it, unless there is to be none.
   *
   * @return whether they must be written to the buffer
   */
  private boolean outsideWindow() {
    if (depth == 0) {
      return true;
    }
    flush();
    if (scratch == null) {
      scratch = Scratch.take();
      window = scratch.bytes;
    }
    return false;
  }

  /** Writes the head of a field. */
  public void writeFieldBegin(byte type, int id) {
    if (window.length - at < 3 && outsideWindow()) {
      out().ensureWritable(3);
      out().writeByte(type).writeShort(id);
      return;
    }
    window[at] = type;
    SHORT.set(window, at + 1, (short) id);
    at += 3;
  }

  /** Ends a struct that was not entered by {@link #structBegin}. */
  public void writeFieldStop() {
    writeByte(TType.STOP);
  }

  /** Writes a bool. */
  public void writeBool(boolean value) {
    writeByte(value ? (byte) 1 : 0);
  }

  /** Writes an i8. */
  public void writeByte(byte value) {
    if (window.length - at < 1 && outsideWindow()) {
      out().writeByte(value);
      return;
    }
    window[at++] = value;
  }

  /** Writes an i16. */
  public void writeI16(short value) {
    if (window.length - at < 2 && outsideWindow()) {
      out().writeShort(value);
      return;
    }
    SHORT.set(window, at, value);
    at += 2;
  }

  /** Writes an i32. */
  public void writeI32(int value) {
    if (window.length - at < 4 && outsideWindow()) {
      out().writeInt(value);
      return;
    }
    INT.set(window, at, value);
    at += 4;
  }

  /** Writes an i64. */
  public void writeI64(long value) {
    if (window.length - at < 8 && outsideWindow()) {
      out().writeLong(value);
      return;
    }
    LONG.set(window, at, value);
    at += 8;
  }

  /** Writes a double. */
  public void writeDouble(double value) {
    writeI64(Double.doubleToLongBits(value));
  }

  /** Writes a uuid. */
  public void writeUuid(UUID value) {
    writeI64(value.getMostSignificantBits());
    writeI64(value.getLeastSignificantBits());
  }

  /** Writes a string in UTF-8; half of a surrogate pair becomes a question mark. */
  public void writeString(String value) {
    int length = value.length();
    if (length > LONGEST_IN_WINDOW) {
      writeBinary(value.getBytes(StandardCharsets.UTF_8));
    } else if (window.length - at < AROUND_STRING + length * MOST_PER_CHAR && outsideWindow()) {
      writeOutsideWindow(value, length);
    } else if (length > SHORT_STRING || !writeShortAscii(value, length)) {
      writeIntoWindow(value, length);
    }
  }

  /** Netty makes a view of the buffer for each text, which is larger than a method's name. */
  private void writeOutsideWindow(String value, int length) {
    if (length > SHORT_STRING || !isAscii(value, length)) {
      out().writeInt(ByteBufUtil.utf8Bytes(value));
      ByteBufUtil.writeUtf8(out(), value);
      return;
    }
    out().ensureWritable(4 + length);
    out().writeInt(length);
    for (int i = 0; i < length; i++) {
      out().writeByte(value.charAt(i));
    }
  }

  private static boolean isAscii(String value, int length) {
    for (int i = 0; i < length; i++) {
      if (value.charAt(i) >= 0x80) {
        return false;
      }
    }
    return true;
  }

  private boolean writeShortAscii(String value, int length) {
    byte[] bytes = window;
    int from = at + 4;
    for (int i = 0; i < length; i++) {
      char c = value.charAt(i);
      if (c >= 0x80) {
        return false;
      }
      bytes[from + i] = (byte) c;
    }
    INT.set(bytes, at, length);
    at = from + length;
    return true;
  }

  /**
   * Writes what has room three times over. The JDK copies text that is ASCII without an array
   * between, and closes it with a 0. Whether it was ASCII shows by a mark behind that 0, which
   * longer bytes would have overwritten.
   */
  private void writeIntoWindow(String value, int length) {
    int from = at + 4;
    window[from + length + 1] = MARK;
    requireNonNull(scratch).segment.setString(from, value, StandardCharsets.UTF_8);
    int bytes = window[from + length + 1] == MARK ? length : bytesOf(length, from);
    INT.set(window, at, bytes);
    at = from + bytes;
  }

  /** {@return how many bytes of UTF-8 at {@code from} make {@code chars} characters of Java} */
  private int bytesOf(int chars, int from) {
    int index = from;
    for (int left = chars; left > 0; left--) {
      byte first = window[index];
      if (first >= 0) {
        index++;
      } else if ((first & 0xe0) == 0xc0) {
        index += 2;
      } else if ((first & 0xf0) == 0xe0) {
        index += 3;
      } else {
        index += 4;
        left--; // a surrogate pair
      }
    }
    return index - from;
  }

  /** Writes binary. */
  public void writeBinary(byte[] value) {
    writeI32(value.length);
    writeRaw(value);
  }

  /** Writes the remaining bytes of {@code value}, whose position stays. */
  public void writeBinary(ByteBuffer value) {
    writeI32(value.remaining());
    buffer().writeBytes(value.duplicate());
  }

  /** Writes binary. */
  public void writeBytes(Binary value) {
    writeBinary(value.owned());
  }

  /** Writes bytes as they are. */
  public void writeRaw(byte[] bytes) {
    writeRaw(bytes, bytes.length);
  }

  /** Writes the first {@code length} of some bytes as they are. */
  public void writeRaw(byte[] bytes, int length) {
    if (window.length - at < length && (length > Scratch.BYTES || outsideWindow())) {
      buffer().writeBytes(bytes, 0, length);
      return;
    }
    System.arraycopy(bytes, 0, window, at, length);
    at += length;
  }

  /** Writes the head of a list. */
  public void writeListBegin(byte element, int size) {
    writeByte(element);
    writeI32(size);
  }

  /** Writes the head of a set. */
  public void writeSetBegin(byte element, int size) {
    writeListBegin(element, size);
  }

  /** Writes the head of a map. */
  public void writeMapBegin(byte key, byte value, int size) {
    writeByte(key);
    writeByte(value);
    writeI32(size);
  }

  /** Writes fields that were kept when they were read. */
  public void writeUnknown(UnknownFields fields) {
    writeRaw(fields.owned());
  }
}
