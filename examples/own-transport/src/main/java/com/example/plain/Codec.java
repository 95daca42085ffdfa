package com.example.plain;

import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/**
 * How a message becomes bytes and back.
 *
 * @param <T> the message
 */
public interface Codec<T> {
  /** {@return the bytes of {@code message}} */
  byte[] encode(T message);

  /** {@return the message that {@code bytes} are} */
  T decode(byte[] bytes);

  /** {@return the codec of messages that are one text} */
  static <T> Codec<T> text(
      Function<? super T, String> text, Function<String, ? extends T> message) {
    return new Codec<>() {
      @Override
      public byte[] encode(T value) {
        return text.apply(value).getBytes(StandardCharsets.UTF_8);
      }

      @Override
      public T decode(byte[] bytes) {
        return message.apply(new String(bytes, StandardCharsets.UTF_8));
      }
    };
  }
}
