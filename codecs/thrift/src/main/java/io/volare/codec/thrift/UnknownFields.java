package io.volare.codec.thrift;

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

  /** {@return these and {@code more}, which it takes over} */
  UnknownFields and(byte[] more) {
    if (bytes.length == 0) {
      return new UnknownFields(more);
    }
    byte[] longer = Arrays.copyOf(bytes, bytes.length + more.length);
    System.arraycopy(more, 0, longer, bytes.length, more.length);
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
