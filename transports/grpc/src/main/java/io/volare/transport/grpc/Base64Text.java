package io.volare.transport.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.RpcException;

/**
 * Reads base64 as it comes in pieces, however they are cut. It may be padded anywhere, as it is
 * where a sender flushes, and what is left at its end need not be.
 *
 * <p>Source: RFC 4648, section 4.
 */
final class Base64Text {
  private static final byte[] VALUES = values();
  private static final int PADDING = 64;

  // of the characters that are not yet bytes
  private int bits;
  private int characters;
  private int padding;

  private static byte[] values() {
    byte[] values = new byte[128];
    java.util.Arrays.fill(values, (byte) -1);
    String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0; i < alphabet.length(); i++) {
      values[alphabet.charAt(i)] = (byte) i;
    }
    values['='] = PADDING;
    return values;
  }

  /**
   * {@return the bytes that are known now, the caller's own}
   *
   * @param last whether no text follows
   * @throws RpcException if it is not base64
   */
  ByteBuf read(ByteBuf text, boolean last, ByteBufAllocator allocator) {
    byte[] in = new byte[text.readableBytes()];
    text.readBytes(in);
    byte[] out = new byte[in.length / 4 * 3 + 6];
    int bytes = 0;
    for (byte c : in) {
      take(c);
      if (characters + padding == 4) {
        bytes = bytes(out, bytes);
      }
    }
    if (last && characters > 0) {
      bytes = rest(out, bytes);
    }
    return allocator.buffer(bytes).writeBytes(out, 0, bytes);
  }

  private void take(byte c) {
    int value = c < 0 ? -1 : VALUES[c];
    boolean pads = value == PADDING;
    if (value < 0 || pads && characters < 2 || !pads && padding > 0) {
      throw wrong(c);
    }
    if (pads) {
      padding++;
    } else {
      characters++;
      bits = bits << 6 | value;
    }
  }

  /** Two characters are one byte, three are two, four are three. */
  private int bytes(byte[] out, int from) {
    int left = bits << 6 * (4 - characters);
    int bytes = characters - 1;
    for (int i = 0; i < bytes; i++) {
      out[from + i] = (byte) (left >> 16 - 8 * i);
    }
    bits = 0;
    characters = 0;
    padding = 0;
    return from + bytes;
  }

  private int rest(byte[] out, int from) {
    if (characters == 1) {
      throw RpcException.notExecuted(
          Kind.PROTOCOL, "base64 that ends within a byte (expected: 2, 3 or 4 characters)");
    }
    return bytes(out, from);
  }

  private static RpcException wrong(byte c) {
    return RpcException.notExecuted(
        Kind.PROTOCOL,
        "byte 0x%02x in a request (expected: base64, as its content-type says)"
            .formatted(c & 0xff));
  }
}
