package io.volare.codec.thrift;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Reads Thrift's Binary protocol from the readable bytes of a buffer. Used by one thread; the
 * buffer stays the caller's, and its reader index moves with {@link #finish()} only.
 *
 * <p>Every claim is checked against the bytes present before anything is allocated: a string by its
 * length, a collection by its size times the fewest bytes an element takes. Everything wrong is a
 * {@link ThriftProtocolException} that says what was found, what was expected, and at which byte.
 */
public final class ThriftReader {
  private final ByteBuf in;
  private final int start;
  private final int end;
  private final ThriftLimits limits;
  private int at;
  private int depth;

  /** Starts at {@code in}'s reader index, with the default limits. */
  public ThriftReader(ByteBuf in) {
    this(in, ThriftLimits.DEFAULT);
  }

  /** Starts at {@code in}'s reader index. */
  public ThriftReader(ByteBuf in, ThriftLimits limits) {
    this.in = in;
    this.start = in.readerIndex();
    this.end = in.writerIndex();
    this.at = start;
    this.limits = limits;
  }

  /** {@return the limits in force} */
  public ThriftLimits limits() {
    return limits;
  }

  /** {@return bytes that were not read yet} */
  public int remaining() {
    return end - at;
  }

  /** Moves the buffer's reader index behind what was read. */
  public void finish() {
    in.readerIndex(at);
  }

  private int take(int bytes) {
    int from = at;
    if (end - from < bytes) {
      throw failure("%d B left (expected: %d B)".formatted(end - from, bytes));
    }
    at = from + bytes;
    return from;
  }

  /** {@return a failure at the current position} */
  ThriftProtocolException failure(String what) {
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
    depth--;
  }

  /**
   * {@return the head of the next field: its type in the low 8 bits, its id in the 16 bits above
   * (see {@link #fieldId}); 0 at the end of the struct}
   */
  public int readFieldBegin() {
    int type = in.getByte(take(1));
    return type == TType.STOP ? 0 : type & 0xff | in.getShort(take(2)) << 8;
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
    return in.getByte(take(1)) != 0;
  }

  /** {@return an i8} */
  public byte readByte() {
    return in.getByte(take(1));
  }

  /** {@return an i16} */
  public short readI16() {
    return in.getShort(take(2));
  }

  /** {@return an i32} */
  public int readI32() {
    return in.getInt(take(4));
  }

  /** {@return an i64} */
  public long readI64() {
    return in.getLong(take(8));
  }

  /** {@return a double} */
  public double readDouble() {
    return Double.longBitsToDouble(in.getLong(take(8)));
  }

  /** {@return a uuid} */
  public UUID readUuid() {
    int from = take(16);
    return new UUID(in.getLong(from), in.getLong(from + 8));
  }

  /** {@return a string; bytes that are not UTF-8 become U+FFFD} */
  public String readString() {
    byte[] bytes = readBinary();
    return bytes.length == 0 ? "" : new String(bytes, StandardCharsets.UTF_8);
  }

  /** {@return binary, in an array of its own} */
  public byte[] readBinary() {
    int length = in.getInt(take(4));
    if (length < 0 || length > end - at) {
      throw failure("a string of " + length + " B (expected: 0.." + (end - at) + " B)");
    }
    byte[] bytes = new byte[length];
    in.getBytes(take(length), bytes);
    return bytes;
  }

  /** {@return binary} */
  public Binary readBytes() {
    return Binary.ofOwned(readBinary());
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
    if (length == 0 || remaining() < 4 + length || in.getInt(at) != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (in.getByte(at + 4 + i) != likely.charAt(i)) {
        return false;
      }
    }
    at += 4 + length;
    return true;
  }

  /** {@return binary of at most {@code limit} bytes, in an array of its own} */
  byte[] readShortBinary(int limit) {
    int length = in.getInt(take(4));
    if (length < 0 || length > limit) {
      throw failure("a name of " + length + " B (limit: " + limit + " B)");
    }
    byte[] bytes = new byte[length];
    in.getBytes(take(length), bytes);
    return bytes;
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
    if (size < 0 || (long) size * leastBytes > end - at) {
      throw failure(
          "a collection of %d elements, at least %d B each (expected: what fits in %d B)"
              .formatted(size, leastBytes, end - at));
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
    int from = at - 3;
    skip(fieldType(field));
    return before.and(in, from, at);
  }
}
