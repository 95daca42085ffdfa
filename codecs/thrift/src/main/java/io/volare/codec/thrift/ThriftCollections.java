package io.volare.codec.thrift;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Copies of collections that do not change and keep their order, for generated structs. */
public final class ThriftCollections {
  private ThriftCollections() {}

  /** {@return the elements, which must not be null} */
  public static <T> List<T> list(Collection<? extends T> elements) {
    return List.copyOf(elements);
  }

  /** {@return the elements, in their order} */
  public static <T> Set<T> set(Collection<? extends T> elements) {
    return elements.isEmpty()
        ? Set.of()
        : Collections.unmodifiableSet(new LinkedHashSet<>(elements));
  }

  /** {@return the entries, in their order} */
  public static <K, V> Map<K, V> map(Map<? extends K, ? extends V> entries) {
    return entries.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(entries));
  }
}
