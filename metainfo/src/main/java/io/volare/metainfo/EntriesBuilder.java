package io.volare.metainfo;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Collects many entries and copies none of them for each: in time that grows with their number
 * alone. Used by one thread, and not after {@link #build}.
 *
 * <p>Few keys are compared one by one. Beyond {@link #FEW} a table of open addressing says where a
 * key may stand; it is at most half full.
 */
final class EntriesBuilder {
  private static final int FEW = 8;

  private String[] pairs;
  private int length;
  private int bytes;
  private int @Nullable [] places; // where a pair stands plus 1, or 0

  /** Starts with what {@code before} holds. */
  EntriesBuilder(Entries before) {
    length = 2 * before.size();
    bytes = before.bytes();
    pairs = before.copy(Math.max(4, 2 * length));
    if (length > 2 * FEW) {
      index();
    }
  }

  int size() {
    return length / 2;
  }

  int bytes() {
    return bytes;
  }

  /** {@return where {@code key} stands, or a negative number} */
  int indexOf(String key) {
    int[] known = places;
    if (known != null) {
      return known[slot(known, key)] - 1;
    }
    for (int i = 0; i < length; i += 2) {
      if (pairs[i].equals(key)) {
        return i;
      }
    }
    return -1;
  }

  /** {@return {@link #bytes} once the entry is put at a place that {@link #indexOf} told} */
  int bytesWith(int at, String key, String value) {
    int before = at < 0 ? -Entries.utf8(key) : Entries.utf8(pairs[at + 1]);
    return bytes - before + Entries.utf8(value);
  }

  /**
   * Adds an entry, or replaces the value at a place that {@link #indexOf} told.
   *
   * @param bytesThen what {@link #bytesWith} told
   */
  void put(int at, String key, String value, int bytesThen) {
    bytes = bytesThen;
    if (at >= 0) {
      pairs[at + 1] = value;
    } else {
      append(key, value);
    }
  }

  private void append(String key, String value) {
    if (length == pairs.length) {
      pairs = Arrays.copyOf(pairs, 2 * length);
    }
    pairs[length] = key;
    pairs[length + 1] = value;
    length += 2;
    int[] known = places;
    if (known != null && length <= known.length) {
      known[slot(known, key)] = length - 1;
    } else if (length > 2 * FEW) {
      index();
    }
  }

  /** Makes a table with room for twice as many. */
  private void index() {
    int[] fresh = new int[4 * Integer.highestOneBit(length)];
    for (int i = 0; i < length; i += 2) {
      fresh[slot(fresh, pairs[i])] = i + 1;
    }
    places = fresh;
  }

  /** {@return where in the table {@code key} is, or is to be put} */
  private int slot(int[] table, String key) {
    int hash = key.hashCode();
    int slot = (hash ^ hash >>> 16) & table.length - 1;
    while (table[slot] != 0 && !pairs[table[slot] - 1].equals(key)) {
      slot = slot + 1 & table.length - 1;
    }
    return slot;
  }

  Entries build() {
    return new Entries(pairs, length, bytes);
  }
}
