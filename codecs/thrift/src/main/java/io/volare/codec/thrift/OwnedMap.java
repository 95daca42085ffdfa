package io.volare.codec.thrift;

import java.util.AbstractMap;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A map that was read: immutable, because nobody else has what is behind it. */
final class OwnedMap<K, V> extends AbstractMap<K, V> {
  private final LinkedHashMap<K, V> entries;

  OwnedMap(LinkedHashMap<K, V> entries) {
    this.entries = entries;
  }

  @Override
  public int size() {
    return entries.size();
  }

  @Override
  public @Nullable V get(@Nullable Object key) {
    return entries.get(key);
  }

  @Override
  public boolean containsKey(@Nullable Object key) {
    return entries.containsKey(key);
  }

  @Override
  public Set<Map.Entry<K, V>> entrySet() {
    return Collections.unmodifiableMap(entries).entrySet();
  }

  @Override
  public void forEach(BiConsumer<? super K, ? super V> action) {
    entries.forEach(action);
  }
}
