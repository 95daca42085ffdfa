package io.volare.codec.thrift;

import java.nio.charset.StandardCharsets;

/**
 * The envelope of a message: its type, the method's name and the sequence id, strict version only.
 *
 * @param type one of {@link #CALL}, {@link #REPLY}, {@link #EXCEPTION}, {@link #ONEWAY}
 * @param name the method's name
 * @param sequence pairs a reply with its call
 */
public record ThriftMessage(byte type, String name, int sequence) {
  /** A request that wants a reply. */
  public static final byte CALL = 1;

  /** A reply with a result. */
  public static final byte REPLY = 2;

  /** A reply with an application exception. */
  public static final byte EXCEPTION = 3;

  /** A request that wants no reply. */
  public static final byte ONEWAY = 4;

  private static final int VERSION_1 = 0x8001_0000;

  /**
   * {@return the envelope at the reader's position}
   *
   * @throws ThriftProtocolException if it is of another version, or its name is too long
   */
  public static ThriftMessage read(ThriftReader in) {
    return read(in, "");
  }

  /**
   * {@return the envelope at the reader's position}
   *
   * @param likelyName the name that it most likely has, which is then not decoded again; empty for
   *     none
   * @throws ThriftProtocolException if it is of another version, or its name is too long
   */
  public static ThriftMessage read(ThriftReader in, String likelyName) {
    int version = in.readI32();
    if ((version & 0xffff_0000) != VERSION_1) {
      throw in.failure("version 0x%08x (expected: 0x8001….)".formatted(version));
    }
    byte type = (byte) version;
    if (type < CALL || type > ONEWAY) {
      throw in.failure("message type " + type + " (expected: 1..4)");
    }
    String name = in.passIfNext(likelyName) ? likelyName : readName(in);
    return new ThriftMessage(type, name, in.readI32());
  }

  private static String readName(ThriftReader in) {
    byte[] name = in.readShortBinary(in.limits().nameBytes());
    return new String(name, StandardCharsets.UTF_8);
  }

  /** Writes an envelope. */
  public static void write(ThriftWriter out, byte type, String name, int sequence) {
    out.writeI32(VERSION_1 | type);
    out.writeString(name);
    out.writeI32(sequence);
  }
}
