package io.volare.codec.thrift;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads Thrift's Binary protocol from an array, or from the readable bytes of a buffer. Used by one
 * thread; the bytes stay the caller's, and a buffer's reader index moves with {@link #finish()}
 * only.
 *
 * <p>Of a buffer, the bytes inside a struct are read from a window that is copied from it, or from
 * its own array.
 *
 * <p>Every claim is checked against the bytes present before anything is allocated: a string by its
 * length, a collection by its size times the fewest bytes an element takes. Everything wrong is a
 * {@link ThriftProtocolException} that says what was found, what was expected, and at which byte.
 */
public final class ThriftReader {
  private static final VarHandle SHORT =
      MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final byte[] NONE = {};

  private final ByteBuf in;
  private final boolean ofArray;
  private final int start;
  private final int end;
  private final ThriftLimits limits;
  private int depth;

  // Of an array: `window` is that array, `at` the position and `windowEnd` the end, always.
  // Of a buffer: inside a struct, the bytes of `window` from `at` to `windowEnd` are those of the
  // buffer from `shift + at` on. Outside there is no window: `windowEnd` and `shift` are 0, and
  // `at`
  // is the position in the buffer.
  private byte[] window = NONE;
  private int at;
  private int windowEnd;
  private int shift;
  private @Nullable Scratch scratch;

  /** Starts at {@code in}'s reader index, with the default limits. */
  public ThriftReader(ByteBuf in) {
    this(in, ThriftLimits.DEFAULT);
  }

  /** Starts at {@code in}'s reader index. */
  public ThriftReader(ByteBuf in, ThriftLimits limits) {
    this.in = in;
    this.ofArray = false;
    this.start = in.readerIndex();
    this.end = in.writerIndex();
    this.at = start;
    this.limits = limits;
  }

  /**
   * Reads {@code bytes} from {@code from} to before {@code end}. The array is not copied: it must
   * not change until all is read.
   *
   * @throws IndexOutOfBoundsException if that range is not in the array
   */
  public ThriftReader(byte[] bytes, int from, int end, ThriftLimits limits) {
    this(bytes, Objects.checkFromToIndex(from, end, bytes.length), end, from, limits);
  }

  private ThriftReader(byte[] bytes, int at, int end, int start, ThriftLimits limits) {
    this.in = Unpooled.EMPTY_BUFFER;
    this.ofArray = true;
    this.start = start;
    this.end = end;
    this.at = at;
    this.limits = limits;
    this.window = bytes;
    this.windowEnd = end;
  }

  /**
   * {@return a reader of what this one has not read yet, over a copy of it} For who reads on after
   * the bytes have gone. Failures tell the same positions. Not inside a struct.
   *
   * @param copy takes the copy from its beginning, and must not change until all is read
   * @throws IndexOutOfBoundsException if {@code copy} is shorter than what {@linkplain #remaining
   *     remains}
   */
  public ThriftReader copyRestTo(byte[] copy) {
    int from = index();
    int rest = end - from;
    if (ofArray) {
      System.arraycopy(window, from, copy, 0, rest);
    } else {
      in.getBytes(from, copy, 0, rest);
    }
    return new ThriftReader(copy, 0, rest, start - from, limits);
  }

  /** {@return the limits in force} */
  public ThriftLimits limits() {
    return limits;
  }

  /** {@return bytes that were not read yet} */
  public int remaining() {
    return end - index();
  }

  /** Moves the buffer's reader index behind what was read. Of an array there is none to move. */
  public void finish() {
    if (!ofArray) {
      in.readerIndex(index());
    }
  }

  /** {@return the position in the buffer} */
  private int index() {
    return shift + at;
  }

  /** Passes over bytes that must be there, and returns the position of the first in the buffer. */
  private int take(int bytes) {
    int from = index();
    if (end - from < bytes) {
      throw tooShort(bytes);
    }
    at += bytes;
    return from;
  }

  private ThriftProtocolException tooShort(int bytes) {
    return failure("%d B left (expected: %d B)".formatted(remaining(), bytes));
  }

  /**
   * Called when fewer than {@code bytes} are in the window: moves it, unless there is to be none.
   *
   * @return whether they must be read from the buffer
   */
  private boolean outsideWindow(int bytes) {
    if (ofArray) {
      throw tooShort(bytes);
    }
    if (depth == 0) {
      return true;
    }
    int from = index();
    int left = end - from;
    if (left < bytes) {
      throw tooShort(bytes);
    }
    if (in.hasArray()) {
      window = in.array();
      at = in.arrayOffset() + from;
      windowEnd = at + left;
    } else {
      scratch = scratch == null ? Scratch.take() : scratch;
      window = scratch.bytes;
      at = 0;
      windowEnd = Math.min(left, Scratch.BYTES);
      in.getBytes(from, window, 0, windowEnd);
    }
    shift = from - at;
    return false;
  }

  private void closeWindow() {
    if (ofArray) {
      return;
    }
    at = index();
    shift = 0;
    windowEnd = 0;
    window = NONE;
    Scratch used = scratch;
    if (used != null) {
      scratch = null;
      used.giveBack();
    }
  }

  /** {@return a failure at the current position} */
  ThriftProtocolException failure(String what) {
    closeWindow();
    return new ThriftProtocolException("thrift, byte " + (at - start) + ": " + what);
  }

  /** Enters a struct. */
  public void structBegin() {
    if (++depth > limits.nesting()) {
      throw failure("nested " + depth + " deep (limit: " + limits.nesting() + ")");
    }
  }

  /** Leaves a struct. */
  public void structEnd() {
    if (--depth == 0) {
      closeWindow();
    }
  }

  /**
   * {@return the head of the next field: its type in the low 8 bits, its id in the 16 bits above
   * (see {@link #fieldId}); 0 at the end of the struct}
   */
  public int readFieldBegin() {
    if (windowEnd - at < 3) {
      return readLastFieldBegin();
    }
    byte type = window[at];
    if (type == TType.STOP) {
      at++;
      return 0;
    }
    short id = (short) SHORT.get(window, at + 1);
    at += 3;
    return type & 0xff | id << 8;
  }

  /** Reads a head that may be a stop byte with nothing behind it. */
  private int readLastFieldBegin() {
    byte type = readByte();
    return type == TType.STOP ? 0 : type & 0xff | readI16() << 8;
  }

  /** {@return the id in a field's head} */
  public static int fieldId(int field) {
    return field >> 8;
  }

  /** {@return the type in a field's head} */
  public static byte fieldType(int field) {
    return (byte) field;
  }

  /** {@return the head of a field with this type and id, to compare with; also as a constant} */
  public static int field(byte type, int id) {
    return type & 0xff | id << 8;
  }

  /** {@return a bool; every byte but 0 is true} */
  public boolean readBool() {
    return readByte() != 0;
  }

  /** {@return an i8} */
  public byte readByte() {
    if (windowEnd - at < 1 && outsideWindow(1)) {
      return in.getByte(take(1));
    }
    return window[at++];
  }

  /** {@return an i16} */
  public short readI16() {
    if (windowEnd - at < 2 && outsideWindow(2)) {
      return in.getShort(take(2));
    }
    short value = (short) SHORT.get(window, at);
    at += 2;
    return value;
  }

  /** {@return an i32} */
  public int readI32() {
    if (windowEnd - at < 4 && outsideWindow(4)) {
      return in.getInt(take(4));
    }
    int value = (int) INT.get(window, at);
    at += 4;
    return value;
  }

  /** {@return an i64} */
  public long readI64() {
    if (windowEnd - at < 8 && outsideWindow(8)) {
      return in.getLong(take(8));
    }
    long value = (long) LONG.get(window, at);
    at += 8;
    return value;
  }

  /** {@return a double} */
  public double readDouble() {
    return Double.longBitsToDouble(readI64());
  }

  /** {@return a uuid} */
  public UUID readUuid() {
    long high = readI64();
    return new UUID(high, readI64());
  }

  /** {@return a string; bytes that are not UTF-8 become U+FFFD} */
  public String readString() {
    int length = readLength();
    if (length == 0) {
      return "";
    }
    if (isOutsideWindow(length)) {
      return new String(copied(length), StandardCharsets.UTF_8);
    }
    String text = new String(window, at, length, StandardCharsets.UTF_8);
    at += length;
    return text;
  }

  /** {@return binary, in an array of its own} */
  public byte[] readBinary() {
    int length = readLength();
    if (isOutsideWindow(length)) {
      return copied(length);
    }
    byte[] bytes = Arrays.copyOfRange(window, at, at + length);
    at += length;
    return bytes;
  }

  private int readLength() {
    int length = readI32();
    if (length < 0 || length > remaining()) {
      throw failure("a string of " + length + " B (expected: 0.." + remaining() + " B)");
    }
    return length;
  }

  private boolean isOutsideWindow(int length) {
    return windowEnd - at < length && (length > Scratch.BYTES || outsideWindow(length));
  }

  private byte[] copied(int length) {
    int from = take(length);
    if (ofArray) {
      return Arrays.copyOfRange(window, from, from + length);
    }
    byte[] bytes = new byte[length];
    in.getBytes(from, bytes);
    return bytes;
  }

  /** {@return binary} */
  public Binary readBytes() {
    return Binary.ofOwned(readBinary());
  }

  /** {@return the failure of a struct that came without a field that it must have} */
  public ThriftProtocolException missing(String struct, String field) {
    closeWindow();
    return ThriftProtocolException.missing(struct, field);
  }

  /**
   * {@return the size of the list or set whose head is read}
   *
   * @throws ThriftProtocolException if it has elements of another type
   */
  public int readElements(byte element) {
    long head = readListBegin();
    if (size(head) != 0 && elementType(head) != element) {
      throw failure("elements of type " + elementType(head) + " (expected: type " + element + ")");
    }
    return size(head);
  }

  /**
   * {@return the size of the map whose head is read}
   *
   * @throws ThriftProtocolException if it has keys or values of another type
   */
  public int readPairs(byte key, byte value) {
    long head = readMapBegin();
    if (size(head) != 0 && (keyType(head) != key || elementType(head) != value)) {
      throw failure(
          "pairs of types %d and %d (expected: %d and %d)"
              .formatted(keyType(head), elementType(head), key, value));
    }
    return size(head);
  }

  /** {@return whether the next string is {@code likely}, which is ASCII; it is then passed over} */
  boolean passIfNext(String likely) {
    int length = likely.length();
    if (length == 0 || remaining() < 4 + length) {
      return false;
    }
    return ofArray ? passIfInArray(likely, length) : passIfInBuffer(likely, length);
  }

  private boolean passIfInArray(String likely, int length) {
    int from = at + 4;
    if ((int) INT.get(window, at) != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (window[from + i] != likely.charAt(i)) {
        return false;
      }
    }
    at = from + length;
    return true;
  }

  private boolean passIfInBuffer(String likely, int length) {
    int from = at + 4;
    if (in.getInt(at) != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (in.getByte(from + i) != likely.charAt(i)) {
        return false;
      }
    }
    at = from + length;
    return true;
  }

  /** {@return binary of at most {@code limit} bytes, in an array of its own} */
  byte[] readShortBinary(int limit) {
    int length = readI32();
    if (length < 0 || length > limit) {
      throw failure("a name of " + length + " B (limit: " + limit + " B)");
    }
    if (length > remaining()) {
      throw tooShort(length);
    }
    return copied(length);
  }

  /**
   * {@return the head of a list: its size in the low 32 bits, its element type above (see {@link
   * #elementType})}
   */
  public long readListBegin() {
    int element = readByte() & 0xff;
    int size = readI32();
    if (size != 0) {
      checkSize(size, leastBytes(element));
    }
    return (long) element << 32 | size;
  }

  /** {@return the head of a set, as {@link #readListBegin} has it} */
  public long readSetBegin() {
    return readListBegin();
  }

  /**
   * {@return the head of a map: its size in the low 32 bits, its value type above (see {@link
   * #elementType}), its key type above that (see {@link #keyType})}
   */
  public long readMapBegin() {
    int key = readByte() & 0xff;
    int value = readByte() & 0xff;
    int size = readI32();
    if (size == 0) {
      return (long) key << 40 | (long) value << 32;
    }
    checkSize(size, leastBytes(key) + leastBytes(value));
    return (long) key << 40 | (long) value << 32 | size;
  }

  /** {@return the size in the head of a collection} */
  public static int size(long collection) {
    return (int) collection;
  }

  /** {@return the type of a list's or set's elements, or of a map's values} */
  public static byte elementType(long collection) {
    return (byte) (collection >>> 32);
  }

  /** {@return the type of a map's keys} */
  public static byte keyType(long collection) {
    return (byte) (collection >>> 40);
  }

  private int leastBytes(int type) {
    int least = TType.leastBytes(type);
    if (least == 0) {
      throw failure("type " + type + " (expected: a type of Thrift's Binary protocol)");
    }
    return least;
  }

  private void checkSize(int size, int leastBytes) {
    if (size < 0 || (long) size * leastBytes > remaining()) {
      throw failure(
          "a collection of %d elements, at least %d B each (expected: what fits in %d B)"
              .formatted(size, leastBytes, remaining()));
    }
  }

  /** Passes over a value. */
  public void skip(byte type) {
    switch (type) {
      case TType.BOOL, TType.BYTE -> take(1);
      case TType.I16 -> take(2);
      case TType.I32 -> take(4);
      case TType.I64, TType.DOUBLE -> take(8);
      case TType.UUID -> take(16);
      case TType.STRING -> skipString();
      case TType.STRUCT -> skipStruct();
      case TType.LIST, TType.SET -> skipElements(readListBegin());
      case TType.MAP -> skipPairs(readMapBegin());
      default -> throw failure("type " + type + " (expected: a type of Thrift's Binary protocol)");
    }
  }

  private void skipString() {
    int length = readI32();
    if (length < 0) {
      throw failure("a string of " + length + " B (expected: >= 0 B)");
    }
    take(length);
  }

  private void skipStruct() {
    structBegin();
    for (int field = readFieldBegin(); field != 0; field = readFieldBegin()) {
      skip(fieldType(field));
    }
    structEnd();
  }

  /** Passes over the elements of a list or set whose head was read. */
  public void skipElements(long list) {
    structBegin();
    for (int i = size(list); i > 0; i--) {
      skip(elementType(list));
    }
    structEnd();
  }

  /** Passes over the pairs of a map whose head was read. */
  public void skipPairs(long map) {
    structBegin();
    for (int i = size(map); i > 0; i--) {
      skip(keyType(map));
      skip(elementType(map));
    }
    structEnd();
  }

  /** Passes over the value of a field whose head was just read, and keeps both. */
  public UnknownFields keep(int field, UnknownFields before) {
    int from = index() - 3;
    skip(fieldType(field));
    int bytes = index() - from;
    return before.and(
        ofArray
            ? Arrays.copyOfRange(window, from, from + bytes)
            : ByteBufUtil.getBytes(in, from, bytes));
  }
}
