package io.volare.metainfo;

import static java.util.Objects.requireNonNull;

/**
 * A key for a typed value that stays in this process. Compared by identity: declare it once as a
 * constant.
 *
 * @param <T> the type of the value
 */
public final class MetaKey<T> {
  private final String name;

  private MetaKey(String name) {
    this.name = requireNonNull(name, "name");
  }

  /** {@return a new key; {@code name} is for people} */
  public static <T> MetaKey<T> named(String name) {
    return new MetaKey<>(name);
  }

  @Override
  public String toString() {
    return name;
  }
}
