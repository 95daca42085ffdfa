package io.volare.metainfo;

/**
 * How much metadata one call may carry, when it is set and when it is received. Bytes are counted
 * in UTF-8. Immutable.
 *
 * @param entries persistent, transient and upstream entries together; backward ones count apart
 * @param keyBytes one key
 * @param valueBytes one value
 * @param totalBytes all keys and values together
 */
public record MetaInfoLimits(int entries, int keyBytes, int valueBytes, int totalBytes) {
  /** 128 entries, keys of 256 B, values of 8 KiB, 32 KiB in all. */
  public static final MetaInfoLimits DEFAULT = new MetaInfoLimits(128, 256, 8 * 1024, 32 * 1024);

  /** Checks that nothing is negative. */
  public MetaInfoLimits {
    check("entries", entries);
    check("keyBytes", keyBytes);
    check("valueBytes", valueBytes);
    check("totalBytes", totalBytes);
  }

  private static void check(String name, int value) {
    if (value < 0) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: >= 0)");
    }
  }

  /** {@return {@code own} with the entry, checked together with the others of the same message} */
  Entries with(Entries own, Entries second, Entries third, String key, String value) {
    if (isDropped(key, value)) {
      return own;
    }
    checkEntry(key, value);
    Entries changed = own.with(key, value);
    checkAll(
        changed.size() + second.size() + third.size(),
        changed.bytes() + second.bytes() + third.bytes(),
        key);
    return changed;
  }

  /**
   * Puts the entry into {@code own}, once it is checked together with what else the message has.
   */
  void put(EntriesBuilder own, int otherEntries, int otherBytes, String key, String value) {
    if (isDropped(key, value)) {
      return;
    }
    checkEntry(key, value);
    int at = own.indexOf(key);
    int bytes = own.bytesWith(at, key, value);
    checkAll(own.size() + (at < 0 ? 1 : 0) + otherEntries, bytes + otherBytes, key);
    own.put(at, key, value, bytes);
  }

  private static boolean isDropped(String key, String value) {
    return key.isEmpty() || value.isEmpty();
  }

  private void checkEntry(String key, String value) {
    checkLength("key ", key, Entries.utf8(key), keyBytes);
    checkLength("value of ", key, Entries.utf8(value), valueBytes);
  }

  private void checkAll(int count, int bytes, String key) {
    if (count > entries) {
      throw new MetaInfoLimitException(
          "metainfo: " + count + " entries with " + shortened(key) + " (limit: " + entries + ")");
    }
    checkLength("metainfo with ", key, bytes, totalBytes);
  }

  private static void checkLength(String what, String key, int bytes, int limit) {
    if (bytes > limit) {
      throw new MetaInfoLimitException(
          what + shortened(key) + ": " + bytes + " B (limit: " + limit + " B)");
    }
  }

  private static String shortened(String key) {
    return key.length() <= 64 ? key : key.substring(0, 64) + "…";
  }
}
