package io.volare.codec.thrift;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * Fields that a struct's IDL does not know, kept as they came so that they can be written back.
 * Immutable; equal by value.
 */
public final class UnknownFields {
  /** No fields. */
  public static final UnknownFields NONE = new UnknownFields(new byte[0]);

  private final byte[] bytes;

  private UnknownFields(byte[] bytes) {
    this.bytes = bytes;
  }

  /** {@return whether there are none} */
  public boolean isEmpty() {
    return bytes.length == 0;
  }

  /** {@return their size on the wire, in bytes} */
  public int size() {
    return bytes.length;
  }

  UnknownFields and(ByteBuf in, int start, int end) {
    byte[] longer = Arrays.copyOf(bytes, bytes.length + end - start);
    in.getBytes(start, longer, bytes.length, end - start);
    return new UnknownFields(longer);
  }

  byte[] owned() {
    return bytes;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof UnknownFields fields && Arrays.equals(bytes, fields.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return bytes.length + " B of unknown fields";
  }
}
