package io.volare.codec.thrift;

import java.util.AbstractSet;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashSet;
import org.jspecify.annotations.Nullable;

/** A set that was read: immutable, because nobody else has what is behind it. */
final class OwnedSet<T> extends AbstractSet<T> {
  private final LinkedHashSet<T> elements;

  OwnedSet(LinkedHashSet<T> elements) {
    this.elements = elements;
  }

  @Override
  public int size() {
    return elements.size();
  }

  @Override
  public boolean contains(@Nullable Object element) {
    return elements.contains(element);
  }

  @Override
  public Iterator<T> iterator() {
    return Collections.unmodifiableSet(elements).iterator();
  }
}
