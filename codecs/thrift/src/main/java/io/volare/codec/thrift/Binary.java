package io.volare.codec.thrift;

import java.util.Arrays;

/** Bytes that do not change: Thrift's {@code binary}. Immutable; equal by value. */
public final class Binary {
  /** No bytes. */
  public static final Binary EMPTY = new Binary(new byte[0]);

  private final byte[] bytes;

  private Binary(byte[] bytes) {
    this.bytes = bytes;
  }

  /** {@return a copy of {@code bytes}} */
  public static Binary of(byte... bytes) {
    return bytes.length == 0 ? EMPTY : new Binary(bytes.clone());
  }

  /** {@return {@code bytes} themselves, which nobody else may hold} */
  static Binary ofOwned(byte[] bytes) {
    return bytes.length == 0 ? EMPTY : new Binary(bytes);
  }

  /** {@return how many bytes there are} */
  public int size() {
    return bytes.length;
  }

  /** {@return the byte at {@code index}} */
  public byte at(int index) {
    return bytes[index];
  }

  /** {@return a copy of the bytes} */
  public byte[] toArray() {
    return bytes.clone();
  }

  byte[] owned() {
    return bytes;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Binary binary && Arrays.equals(bytes, binary.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** {@return the size, never the bytes, which may be secrets} */
  @Override
  public String toString() {
    return bytes.length + " B";
  }
}
