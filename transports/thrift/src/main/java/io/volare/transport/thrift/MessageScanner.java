package io.volare.transport.thrift;

import io.volare.codec.thrift.TType;
import io.volare.codec.thrift.ThriftLimits;
import io.volare.codec.thrift.ThriftProtocolException;

/**
 * Finds the end of a bare message, which has no length in front. Used by one connection.
 *
 * <p>The scan goes on where it stopped, so every byte is looked at once however it was split. What
 * is open (a struct, or the elements of a collection that are still to come) lies on a stack whose
 * depth is bounded; no claimed size is followed or allocated.
 */
final class MessageScanner {
  /** Version and name's length, before the name itself. */
  private static final int ENVELOPE = 8;

  private final ThriftLimits limits;
  private final int[] remaining;
  private final byte[] keyTypes;
  private final byte[] valueTypes;
  private int mostBytes;
  private int depth;
  private int scanned;

  MessageScanner(ThriftLimits limits) {
    this.limits = limits;
    remaining = new int[limits.nesting() + 1];
    keyTypes = new byte[limits.nesting() + 1];
    valueTypes = new byte[limits.nesting() + 1];
  }

  /** {@return bytes of the message that begins at {@code start}, or 0 while it is not whole} */
  int bytes(byte[] in, int start, int end, int mostBytes) {
    this.mostBytes = mostBytes;
    int readable = end - start;
    if (scanned == 0 && !enter(in, start, readable)) {
      return 0;
    }
    while (depth > 0) {
      if (scanned > mostBytes) {
        throw new ThriftProtocolException(
            "a bare message of " + scanned + " B and more (limit: " + mostBytes + " B)");
      }
      if (!step(in, start, readable)) {
        return 0;
      }
    }
    if (scanned > readable) {
      return 0;
    }
    int whole = scanned;
    scanned = 0;
    return whole;
  }

  private boolean enter(byte[] in, int start, int readable) {
    if (readable < ENVELOPE) {
      return false;
    }
    int name = BigEndian.i32(in, start + 4);
    if (name < 0 || name > limits.nameBytes()) {
      throw new ThriftProtocolException(
          "a method name of " + name + " B (expected: 0.." + limits.nameBytes() + " B)");
    }
    scanned = ENVELOPE + name + 4;
    openStruct();
    return true;
  }

  private void openStruct() {
    open(TType.STOP, TType.STRUCT, 0);
  }

  private void open(byte key, byte value, int elements) {
    if (depth == limits.nesting()) {
      throw new ThriftProtocolException(
          "nested " + (depth + 1) + " deep (limit: " + limits.nesting() + ")");
    }
    depth++;
    keyTypes[depth] = key;
    valueTypes[depth] = value;
    remaining[depth] = elements;
  }

  /** Passes over one field or element; false if its head is not there yet. */
  private boolean step(byte[] in, int start, int readable) {
    if (remaining[depth] == 0 && !isStruct(depth)) {
      depth--;
      return true;
    }
    if (!isStruct(depth)) {
      byte type = remaining[depth] % 2 == 0 ? keyTypes[depth] : valueTypes[depth];
      int counted = depth;
      if (!value(in, start, readable, scanned, type)) {
        return false;
      }
      remaining[counted]--;
      return true;
    }
    if (scanned >= readable) {
      return false;
    }
    byte type = in[start + scanned];
    if (type == TType.STOP) {
      scanned++;
      depth--;
      return true;
    }
    return value(in, start, readable, scanned + 3, type);
  }

  /** A struct's level has no key type; a collection's always has one. */
  private boolean isStruct(int level) {
    return keyTypes[level] == TType.STOP;
  }

  private boolean value(byte[] in, int start, int readable, int from, byte type) {
    int head = headBytes(type);
    if (from + head > readable) {
      return false;
    }
    scanned = from + head;
    switch (type) {
      case TType.STRING -> scanned = sized(BigEndian.i32(in, start + from));
      case TType.STRUCT -> openStruct();
      case TType.LIST, TType.SET -> {
        byte element = in[start + from];
        openElements(element, element, BigEndian.i32(in, start + from + 1), 1);
      }
      case TType.MAP ->
          openElements(
              in[start + from], in[start + from + 1], BigEndian.i32(in, start + from + 2), 2);
      default -> {}
    }
    return true;
  }

  private int sized(int length) {
    long after = (long) scanned + length;
    if (length < 0 || after > Integer.MAX_VALUE) {
      throw new ThriftProtocolException("a string of " + length + " B (expected: 0.. B)");
    }
    return (int) after;
  }

  private void openElements(byte key, byte value, long size, int parts) {
    long elements = size * parts;
    if (size < 0 || elements > mostBytes) {
      throw new ThriftProtocolException(
          "a collection of " + size + " elements (limit: " + mostBytes + " B for the message)");
    }
    open(size == 0 ? TType.BOOL : key, value, (int) elements);
  }

  /** {@return how many bytes of a value say all about its size; for a fixed type, all of them} */
  private static int headBytes(byte type) {
    return switch (type) {
      case TType.BOOL, TType.BYTE -> 1;
      case TType.I16 -> 2;
      case TType.I32, TType.STRING -> 4;
      case TType.I64, TType.DOUBLE -> 8;
      case TType.UUID -> 16;
      case TType.STRUCT -> 0;
      case TType.LIST, TType.SET -> 5;
      case TType.MAP -> 6;
      default ->
          throw new ThriftProtocolException(
              "type " + type + " (expected: a type of Thrift's Binary protocol)");
    };
  }
}
