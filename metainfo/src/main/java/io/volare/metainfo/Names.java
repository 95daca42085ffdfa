package io.volare.metainfo;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What metainfo is called on the wire.
 *
 * <p>{@link #RPC} names are exact: the prefix and then the key, byte for byte.
 *
 * <p>{@link #HTTP} names are the ones that Volo and Kitex use, lower case with dashes, and exact
 * for keys of {@code A-Z}, {@code 0-9} and {@code _}. Any other key travels escaped: a dot, then
 * {@code a-z} and {@code 0-9} as they are and every other byte of its UTF-8 form as a dot and two
 * hex digits. So {@code TENANT_ID} is {@code rpc-persist-tenant-id} and {@code userId} is {@code
 * rpc-persist-.user.49d}. The W3C keys travel under their own names.
 *
 * <p>Source: the constants of the Rust crate {@code metainfo} and of {@code cloud/metainfo} in
 * bytedance/gopkg.
 */
public enum Names {
  /** TTHeader's string keys: {@code RPC_PERSIST_}, {@code RPC_TRANSIT_}, {@code RPC_BACKWARD_}. */
  RPC("RPC_PERSIST_", "RPC_TRANSIT_", "RPC_BACKWARD_") {
    @Override
    String name(String prefix, String key) {
      return prefix.concat(key);
    }

    @Override
    @Nullable String strip(String prefix, String name) {
      return name.startsWith(prefix) ? name.substring(prefix.length()) : null;
    }

    @Override
    String value(String key, String value) {
      return value;
    }
  },

  /** HTTP headers: {@code rpc-persist-}, {@code rpc-transit-}, {@code rpc-backward-}. */
  HTTP("rpc-persist-", "rpc-transit-", "rpc-backward-") {
    @Override
    String name(String prefix, String key) {
      if (prefix.equals("rpc-transit-") && W3C.contains(key)) {
        return key;
      }
      return prefix.concat(isPlain(key) ? dashed(key) : escaped(key));
    }

    @Override
    @Nullable String strip(String prefix, String name) {
      if (name.regionMatches(true, 0, prefix, 0, prefix.length())) {
        String rest = name.substring(prefix.length());
        return rest.startsWith(".")
            ? unescaped(rest)
            : rest.toUpperCase(Locale.ROOT).replace('-', '_');
      }
      String lower = name.toLowerCase(Locale.ROOT);
      return prefix.equals("rpc-transit-") && W3C.contains(lower) ? lower : null;
    }

    @Override
    String value(String key, String value) {
      for (int i = 0; i < value.length(); i++) {
        if (value.charAt(i) < 0x20 || value.charAt(i) > 0x7e) {
          throw new MetaInfoLimitException(
              "value of %s: character U+%04X at %d (expected: printable ASCII in an HTTP header)"
                  .formatted(key, (int) value.charAt(i), i));
        }
      }
      return value;
    }
  };

  private static final Set<String> W3C = Set.of("traceparent", "tracestate", "baggage");

  private final String persistentPrefix;
  private final String transientPrefix;
  private final String backwardPrefix;

  Names(String persistentPrefix, String transientPrefix, String backwardPrefix) {
    this.persistentPrefix = persistentPrefix;
    this.transientPrefix = transientPrefix;
    this.backwardPrefix = backwardPrefix;
  }

  /** {@return the wire name of a persistent key} */
  public String persistent(String key) {
    return name(persistentPrefix, key);
  }

  /** {@return the wire name of a transient key} */
  public String transientName(String key) {
    return name(transientPrefix, key);
  }

  /** {@return the wire name of a backward key} */
  public String backward(String key) {
    return name(backwardPrefix, key);
  }

  /** {@return the key behind the wire name of a persistent value, or null if it is none} */
  public @Nullable String stripPersistent(String name) {
    return strip(persistentPrefix, name);
  }

  /** {@return the key behind the wire name of a transient value, or null if it is none} */
  public @Nullable String stripTransient(String name) {
    return strip(transientPrefix, name);
  }

  /** {@return the key behind the wire name of a backward value, or null if it is none} */
  public @Nullable String stripBackward(String name) {
    return strip(backwardPrefix, name);
  }

  abstract String name(String prefix, String key);

  abstract @Nullable String strip(String prefix, String name);

  /** {@return the value as it travels} */
  abstract String value(String key, String value);

  private static boolean isPlain(String key) {
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      if (!(c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_')) {
        return false;
      }
    }
    return true;
  }

  private static String dashed(String key) {
    return key.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String escaped(String key) {
    StringBuilder name = new StringBuilder(".");
    for (byte b : key.getBytes(StandardCharsets.UTF_8)) {
      if (b >= 'a' && b <= 'z' || b >= '0' && b <= '9') {
        name.append((char) b);
      } else {
        name.append('.')
            .append(Character.forDigit(b >> 4 & 0xf, 16))
            .append(Character.forDigit(b & 0xf, 16));
      }
    }
    return name.toString();
  }

  /** {@return the key, or null if {@code name} is not what {@link #escaped} makes} */
  private static @Nullable String unescaped(String name) {
    byte[] key = new byte[name.length()];
    int length = 0;
    for (int i = 1; i < name.length(); i++) {
      char c = Character.toLowerCase(name.charAt(i));
      if (c != '.') {
        key[length++] = (byte) c;
        continue;
      }
      int high = i + 2 <= name.length() - 1 ? Character.digit(name.charAt(i + 1), 16) : -1;
      int low = i + 2 <= name.length() - 1 ? Character.digit(name.charAt(i + 2), 16) : -1;
      if (high < 0 || low < 0) {
        return null;
      }
      key[length++] = (byte) (high << 4 | low);
      i += 2;
    }
    return new String(key, 0, length, StandardCharsets.UTF_8);
  }
}
