package io.volare.codec.thrift;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Writes Thrift's Binary protocol at the end of a buffer. The buffer grows as needed and stays the
 * caller's. Used by one thread.
 */
public final class ThriftWriter {
  /** Strings up to this long are copied character by character, without an array. */
  private static final int SHORT_STRING = 24;

  private final ByteBuf out;

  /** Starts writing at {@code out}'s writer index. */
  public ThriftWriter(ByteBuf out) {
    this.out = out;
  }

  /** {@return the buffer that is written to} */
  public ByteBuf buffer() {
    return out;
  }

  /** Writes the head of a field. */
  public void writeFieldBegin(byte type, int id) {
    out.ensureWritable(3);
    out.writeByte(type).writeShort(id);
  }

  /** Ends a struct. */
  public void writeFieldStop() {
    out.writeByte(TType.STOP);
  }

  /** Writes a bool. */
  public void writeBool(boolean value) {
    out.writeByte(value ? 1 : 0);
  }

  /** Writes an i8. */
  public void writeByte(byte value) {
    out.writeByte(value);
  }

  /** Writes an i16. */
  public void writeI16(short value) {
    out.writeShort(value);
  }

  /** Writes an i32. */
  public void writeI32(int value) {
    out.writeInt(value);
  }

  /** Writes an i64. */
  public void writeI64(long value) {
    out.writeLong(value);
  }

  /** Writes a double. */
  public void writeDouble(double value) {
    out.writeLong(Double.doubleToLongBits(value));
  }

  /** Writes a uuid. */
  public void writeUuid(UUID value) {
    out.writeLong(value.getMostSignificantBits());
    out.writeLong(value.getLeastSignificantBits());
  }

  /** Writes a string in UTF-8. */
  public void writeString(String value) {
    if (value.length() <= SHORT_STRING && writeShortAscii(value)) {
      return;
    }
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    out.ensureWritable(4 + bytes.length);
    out.writeInt(bytes.length);
    out.writeBytes(bytes);
  }

  private boolean writeShortAscii(String value) {
    int length = value.length();
    int start = out.writerIndex();
    out.ensureWritable(4 + length);
    out.setInt(start, length);
    for (int i = 0; i < length; i++) {
      char c = value.charAt(i);
      if (c >= 0x80) {
        return false;
      }
      out.setByte(start + 4 + i, c);
    }
    out.writerIndex(start + 4 + length);
    return true;
  }

  /** Writes binary. */
  public void writeBinary(byte[] value) {
    out.ensureWritable(4 + value.length);
    out.writeInt(value.length);
    out.writeBytes(value);
  }

  /** Writes binary. */
  public void writeBytes(Binary value) {
    writeBinary(value.owned());
  }

  /** Writes the head of a list. */
  public void writeListBegin(byte element, int size) {
    out.ensureWritable(5);
    out.writeByte(element).writeInt(size);
  }

  /** Writes the head of a set. */
  public void writeSetBegin(byte element, int size) {
    writeListBegin(element, size);
  }

  /** Writes the head of a map. */
  public void writeMapBegin(byte key, byte value, int size) {
    out.ensureWritable(6);
    out.writeByte(key).writeByte(value).writeInt(size);
  }

  /** Writes fields that were kept when they were read. */
  public void writeUnknown(UnknownFields fields) {
    fields.writeTo(out);
  }
}
