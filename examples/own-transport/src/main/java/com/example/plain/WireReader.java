package com.example.plain;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;

/** Reads what {@link WireWriter} writes, and believes no length before the bytes are there. */
final class WireReader {
  private static final int MOST_BYTES = 4 * 1024 * 1024;
  private static final int MOST_PAIRS = 256;

  private final DataInputStream in;

  WireReader(InputStream in) {
    this.in = new DataInputStream(new BufferedInputStream(in));
  }

  int number() throws IOException {
    return in.readInt();
  }

  String text() throws IOException {
    return new String(bytes(), StandardCharsets.UTF_8);
  }

  byte[] bytes() throws IOException {
    int length = checked(number(), MOST_BYTES, "B");
    byte[] bytes = in.readNBytes(length); // grows with what arrives
    if (bytes.length < length) {
      throw new EOFException(bytes.length + " of " + length + " B");
    }
    return bytes;
  }

  void pairs(BiConsumer<String, String> action) throws IOException {
    for (int count = checked(number(), MOST_PAIRS, "pairs"); count > 0; count--) {
      action.accept(text(), text());
    }
  }

  private static int checked(int claimed, int most, String unit) throws IOException {
    if (claimed < 0 || claimed > most) {
      throw new IOException(claimed + " " + unit + " (expected: 0.." + most + ")");
    }
    return claimed;
  }

  /** Returns when the peer has closed its side, or sent what nobody asked for. */
  void awaitEnd() throws IOException {
    in.read();
  }
}
