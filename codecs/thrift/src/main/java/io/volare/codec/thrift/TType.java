package io.volare.codec.thrift;

/**
 * The type bytes of Thrift's Binary protocol.
 *
 * <p>Source: Apache Thrift, {@code doc/specs/thrift-binary-protocol.md}.
 */
public final class TType {
  /** Ends a struct. */
  public static final byte STOP = 0;

  /** One byte, 0 or 1. */
  public static final byte BOOL = 2;

  /** One byte, signed. */
  public static final byte BYTE = 3;

  /** IEEE 754, eight bytes. */
  public static final byte DOUBLE = 4;

  /** Two bytes, signed. */
  public static final byte I16 = 6;

  /** Four bytes, signed; enums too. */
  public static final byte I32 = 8;

  /** Eight bytes, signed. */
  public static final byte I64 = 10;

  /** A length in four bytes, then as many; binary too. */
  public static final byte STRING = 11;

  /** Fields until {@link #STOP}; unions and exceptions too. */
  public static final byte STRUCT = 12;

  /** Key type, value type, size, then pairs. */
  public static final byte MAP = 13;

  /** Element type, size, then elements. */
  public static final byte SET = 14;

  /** Element type, size, then elements. */
  public static final byte LIST = 15;

  /** Sixteen bytes. */
  public static final byte UUID = 16;

  private TType() {}

  /** {@return the fewest bytes that a value of {@code type} takes, 0 for an unknown type} */
  static int leastBytes(int type) {
    return switch (type) {
      case BOOL, BYTE, STRUCT -> 1;
      case I16 -> 2;
      case I32, STRING -> 4;
      case LIST, SET -> 5;
      case MAP -> 6;
      case I64, DOUBLE -> 8;
      case UUID -> 16;
      default -> 0;
    };
  }
}
