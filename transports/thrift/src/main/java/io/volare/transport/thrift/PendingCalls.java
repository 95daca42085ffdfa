package io.volare.transport.thrift;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one connection that wait for a reply, by sequence id. Thread-safe, without locks.
 *
 * <p>How is this designed, and why? A fixed array, in which an id's low bits are its place: taking
 * a place is a counter and a compare-and-set, finding it again an index and a comparison of the
 * whole id. A place that a slow call still holds is stepped over, id and all. So the memory is
 * bounded, nothing is allocated, and an id comes again only after two thousand million others.
 */
final class PendingCalls {
  private final AtomicReferenceArray<@Nullable Exchange> places;
  private final int mask;
  private final AtomicInteger ids = new AtomicInteger();

  PendingCalls(int capacity) {
    int size = capacity == 1 ? 1 : Integer.highestOneBit(capacity - 1) << 1;
    places = new AtomicReferenceArray<>(size);
    mask = size - 1;
  }

  /** {@return whether there was a place for it; it then has its sequence id} */
  boolean add(Exchange exchange) {
    for (int tried = 0; tried <= mask; tried++) {
      int id = ids.incrementAndGet() & Integer.MAX_VALUE;
      if (id == 0) {
        id = ids.incrementAndGet() & Integer.MAX_VALUE;
      }
      exchange.sequence = id;
      if (places.get(id & mask) == null && places.compareAndSet(id & mask, null, exchange)) {
        return true;
      }
    }
    return false;
  }

  /** {@return an id for a request that gets no reply} */
  int nextId() {
    int id = ids.incrementAndGet() & Integer.MAX_VALUE;
    return id == 0 ? nextId() : id;
  }

  /** {@return the request with this id, which no longer waits here, or null} */
  @Nullable Exchange take(int sequence) {
    Exchange exchange = places.get(sequence & mask);
    if (exchange == null || exchange.sequence != sequence) {
      return null;
    }
    return remove(exchange) ? exchange : null;
  }

  /** {@return the one request that waits, whatever its id, or null; for a single place} */
  @Nullable Exchange takeOnly() {
    return places.getAndSet(0, null);
  }

  boolean remove(Exchange exchange) {
    return places.compareAndSet(exchange.sequence & mask, exchange, null);
  }

  boolean isEmpty() {
    for (int i = 0; i <= mask; i++) {
      if (places.get(i) != null) {
        return false;
      }
    }
    return true;
  }

  int size() {
    int size = 0;
    for (int i = 0; i <= mask; i++) {
      size += places.get(i) == null ? 0 : 1;
    }
    return size;
  }

  /** {@return how many ids were given out, to see whether any was since} */
  int ids() {
    return ids.get();
  }

  int capacity() {
    return mask + 1;
  }

  void forEach(Consumer<? super Exchange> action) {
    for (int i = 0; i <= mask; i++) {
      Exchange exchange = places.get(i);
      if (exchange != null) {
        action.accept(exchange);
      }
    }
  }
}
