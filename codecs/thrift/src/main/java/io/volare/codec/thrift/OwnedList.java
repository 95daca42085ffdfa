package io.volare.codec.thrift;

import java.util.AbstractList;
import java.util.RandomAccess;

/** A list that was read: immutable, because nobody else has its array. */
final class OwnedList<T> extends AbstractList<T> implements RandomAccess {
  private final T[] elements;

  OwnedList(T[] elements) {
    this.elements = elements;
  }

  @Override
  public T get(int index) {
    return elements[index];
  }

  @Override
  public int size() {
    return elements.length;
  }

  @Override
  public Object[] toArray() {
    return java.util.Arrays.copyOf(elements, elements.length, Object[].class);
  }
}
