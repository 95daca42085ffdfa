package com.example.plain;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Writes numbers, texts and bytes, each text and each run of bytes behind its length. */
final class WireWriter {
  private final DataOutputStream out;

  WireWriter(OutputStream out) {
    this.out = new DataOutputStream(new BufferedOutputStream(out));
  }

  void number(int number) throws IOException {
    out.writeInt(number);
  }

  void text(String text) throws IOException {
    bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  void bytes(byte[] bytes) throws IOException {
    number(bytes.length);
    out.write(bytes);
  }

  void pairs(Consumer<BiConsumer<String, String>> forEach) throws IOException {
    List<String> pairs = new ArrayList<>();
    forEach.accept((name, value) -> pairs.addAll(List.of(name, value)));
    number(pairs.size() / 2);
    for (String text : pairs) {
      text(text);
    }
  }

  void flush() throws IOException {
    out.flush();
  }
}
