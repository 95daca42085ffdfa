package io.volare.codec.thrift;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Collections that do not change and keep their order, for generated structs. What a codec has read
 * is {@code owned}: it is not copied again when a struct takes it.
 */
public final class ThriftCollections {
  /** A table is not larger than this before there are as many different elements. */
  private static final int MOST_EXPECTED = 1024;

  private ThriftCollections() {}

  /** {@return the elements, which must not be null} */
  @SuppressWarnings("unchecked") // an immutable list of T's is one of their supertypes
  public static <T> List<T> list(Collection<? extends T> elements) {
    return elements instanceof OwnedList<? extends T> owned
        ? (List<T>) owned
        : List.copyOf(elements);
  }

  /** {@return the elements, in their order} */
  @SuppressWarnings("unchecked") // an immutable set of T's is one of their supertypes
  public static <T> Set<T> set(Collection<? extends T> elements) {
    if (elements instanceof OwnedSet<? extends T> owned) {
      return (Set<T>) owned;
    }
    return elements.isEmpty()
        ? Set.of()
        : Collections.unmodifiableSet(new LinkedHashSet<>(elements));
  }

  /** {@return the entries, in their order} */
  @SuppressWarnings("unchecked") // an immutable map is one of the supertypes
  public static <K, V> Map<K, V> map(Map<? extends K, ? extends V> entries) {
    if (entries instanceof OwnedMap<? extends K, ? extends V> owned) {
      return (Map<K, V>) owned;
    }
    return entries.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(entries));
  }

  /** {@return a set with room for {@code size} elements, or as many as may be believed} */
  public static <T> LinkedHashSet<T> newSet(int size) {
    return LinkedHashSet.newLinkedHashSet(Math.min(size, MOST_EXPECTED));
  }

  /** {@return a map with room for {@code size} entries, or as many as may be believed} */
  public static <K, V> LinkedHashMap<K, V> newMap(int size) {
    return LinkedHashMap.newLinkedHashMap(Math.min(size, MOST_EXPECTED));
  }

  /** {@return the elements, none of them null, of an array that the caller gives away} */
  public static <T> List<T> owned(T[] elements) {
    return elements.length == 0 ? List.of() : new OwnedList<>(elements);
  }

  /** {@return the elements of a set that the caller gives away} */
  public static <T> Set<T> owned(LinkedHashSet<T> elements) {
    return elements.isEmpty() ? Set.of() : new OwnedSet<>(elements);
  }

  /** {@return the entries of a map that the caller gives away} */
  public static <K, V> Map<K, V> owned(LinkedHashMap<K, V> entries) {
    return entries.isEmpty() ? Map.of() : new OwnedMap<>(entries);
  }
}
