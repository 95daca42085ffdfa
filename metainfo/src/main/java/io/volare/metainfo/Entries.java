package io.volare.metainfo;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A few strings by name, in the order in which they came. Immutable: changing makes a copy. Looked
 * up one by one, which is the fastest for the handful of entries that calls carry.
 */
final class Entries {
  static final Entries EMPTY = new Entries(new String[0], 0, 0);

  private final String[] pairs;
  private final int length;
  private final int bytes;

  /** Takes {@code pairs} over: its first {@code length} strings must not change any more. */
  Entries(String[] pairs, int length, int bytes) {
    this.pairs = pairs;
    this.length = length;
    this.bytes = bytes;
  }

  boolean isEmpty() {
    return length == 0;
  }

  int size() {
    return length / 2;
  }

  /** {@return bytes of all keys and values in UTF-8} */
  int bytes() {
    return bytes;
  }

  @Nullable String get(String key) {
    int at = indexOf(key);
    return at < 0 ? null : pairs[at + 1];
  }

  private int indexOf(String key) {
    for (int i = 0; i < length; i += 2) {
      if (pairs[i].equals(key)) {
        return i;
      }
    }
    return -1;
  }

  Entries with(String key, String value) {
    int at = indexOf(key);
    if (at >= 0) {
      String[] changed = copy(length);
      changed[at + 1] = value;
      return new Entries(changed, length, bytes - utf8(pairs[at + 1]) + utf8(value));
    }
    String[] longer = copy(length + 2);
    longer[length] = key;
    longer[length + 1] = value;
    return new Entries(longer, length + 2, bytes + utf8(key) + utf8(value));
  }

  Entries without(String key) {
    int at = indexOf(key);
    if (at < 0) {
      return this;
    }
    String[] shorter = new String[length - 2];
    System.arraycopy(pairs, 0, shorter, 0, at);
    System.arraycopy(pairs, at + 2, shorter, at, length - at - 2);
    return new Entries(shorter, length - 2, bytes - utf8(key) - utf8(pairs[at + 1]));
  }

  /** {@return the first pairs in an array of its own, which has room for {@code strings}} */
  String[] copy(int strings) {
    String[] copy = new String[strings];
    System.arraycopy(pairs, 0, copy, 0, length);
    return copy;
  }

  void forEach(BiConsumer<? super String, ? super String> action) {
    for (int i = 0; i < length; i += 2) {
      action.accept(pairs[i], pairs[i + 1]);
    }
  }

  List<String> keys() {
    List<String> keys = new ArrayList<>();
    forEach((key, value) -> keys.add(key));
    return keys;
  }

  static int utf8(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) >= 0x80) {
        return text.getBytes(StandardCharsets.UTF_8).length;
      }
    }
    return text.length();
  }
}
