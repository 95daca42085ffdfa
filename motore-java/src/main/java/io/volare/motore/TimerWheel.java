package io.volare.motore;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Runs things at a point of {@link System#nanoTime()}, at most a tick of about a millisecond late
 * and never early, on one daemon thread.
 *
 * <p>How is this designed, and why? Nearly every entry is taken out again long before its time, so
 * putting in and taking out must cost next to nothing, and nothing may be left behind. Entries hang
 * in the linked slots of hierarchical wheels: 8 levels of 64 slots, where level 0 holds single
 * ticks and each further level blocks of 64 times the size; the highest bit in which an entry's
 * tick differs from the wheel's own says its level. An entry of a far block moves down when the
 * wheel enters that block. One bit for each slot says where something hangs, so the thread sleeps
 * until the next slot that is in use and not from tick to tick. There are several wheels, each with
 * its own monitor, and a thread's id picks one: threads rarely meet.
 *
 * <p>Locks: a wheel's monitor guards its slots and the links of the entries in it. Nothing else is
 * called while it is held. {@code wakeAt} only ever wakes the thread too early, never too late.
 */
final class TimerWheel {
  private static final int TICK_BITS = 20;
  private static final int LEVEL_BITS = 6;
  private static final int SLOTS = 1 << LEVEL_BITS;
  private static final int LEVELS = 8;
  private static final long IDLE = Long.MAX_VALUE;

  private final long origin = System.nanoTime();
  private final Wheel[] wheels;
  private final AtomicLong wakeAt = new AtomicLong(IDLE);
  private final Thread thread;

  private TimerWheel(int stripes, String name) {
    wheels = new Wheel[stripes];
    for (int i = 0; i < stripes; i++) {
      wheels[i] = new Wheel();
    }
    thread = Thread.ofPlatform().daemon().name(name).unstarted(this::run);
  }

  /** {@return a wheel whose thread runs for good} */
  static TimerWheel start(String name) {
    int cores = Runtime.getRuntime().availableProcessors();
    int stripes = Math.clamp(Integer.highestOneBit(cores) * 4L, 4, 64);
    TimerWheel wheel = new TimerWheel(stripes, name);
    wheel.thread.start();
    return wheel;
  }

  /** Fires {@code entry} once {@code nanos} has passed. */
  void put(Entry entry, long threadId, long nanos) {
    entry.tick = ceil(Math.max(0, nanos - origin));
    Wheel wheel = wheels[(int) threadId & wheels.length - 1];
    entry.wheel = wheel;
    long first;
    synchronized (wheel) {
      first = wheel.put(entry);
    }
    wakeBy(first);
  }

  /** Takes {@code entry} out; it may be firing already. */
  void remove(Entry entry) {
    Wheel wheel = entry.wheel;
    if (wheel != null) {
      synchronized (wheel) {
        wheel.remove(entry);
      }
    }
  }

  private void wakeBy(long tick) {
    if (tick < wakeAt.get() && wakeAt.getAndAccumulate(tick, Math::min) > tick) {
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    while (true) {
      wakeAt.set(IDLE);
      long now = (System.nanoTime() - origin) >> TICK_BITS;
      long next = IDLE;
      for (Wheel wheel : wheels) {
        Entry due;
        synchronized (wheel) {
          due = wheel.advance(now);
          next = Math.min(next, wheel.next());
        }
        fire(due);
      }
      sleepUntil(wakeAt.accumulateAndGet(next, Math::min));
    }
  }

  private void sleepUntil(long tick) {
    if (tick == IDLE) {
      LockSupport.park(this);
    } else {
      LockSupport.parkNanos(this, (tick << TICK_BITS) - (System.nanoTime() - origin));
    }
  }

  private static void fire(@Nullable Entry due) {
    for (Entry entry = due; entry != null; ) {
      Entry next = entry.next;
      entry.next = null;
      entry.fire();
      entry = next;
    }
  }

  private static long ceil(long nanos) {
    return (nanos + (1L << TICK_BITS) - 1) >>> TICK_BITS;
  }

  /** {@return entries that hang in the wheels now; for tests} */
  int size() {
    int size = 0;
    for (Wheel wheel : wheels) {
      synchronized (wheel) {
        size += wheel.size();
      }
    }
    return size;
  }

  /** Something to do at a point in time; in one wheel at most, once. */
  abstract static class Entry {
    long tick;
    private int slot = -1;
    private @Nullable Wheel wheel;
    private @Nullable Entry previous;
    @Nullable Entry next;

    /** Its time has come. Runs on the timer's thread, holding no lock; must be fast. */
    abstract void fire();
  }

  /** One set of levels. Guarded by its own monitor. */
  static final class Wheel {
    private final @Nullable Entry[] heads = new @Nullable Entry[LEVELS * SLOTS];
    private final long[] used = new long[LEVELS];
    private long cursor;

    /** Hangs the entry in and returns the tick at which its slot must be looked at. */
    long put(Entry entry) {
      long tick = Math.max(entry.tick, cursor + 1);
      int level = (63 - Long.numberOfLeadingZeros((tick ^ cursor) | 1)) / LEVEL_BITS;
      int shift = level * LEVEL_BITS;
      int slot = (int) (tick >>> shift) & SLOTS - 1;
      int index = level * SLOTS + slot;
      Entry head = heads[index];
      entry.slot = index;
      entry.next = head;
      if (head != null) {
        head.previous = entry;
      }
      heads[index] = entry;
      used[level] |= 1L << slot;
      return tick >>> shift << shift;
    }

    void remove(Entry entry) {
      int index = entry.slot;
      if (index < 0) {
        return;
      }
      Entry previous = entry.previous;
      Entry next = entry.next;
      if (next != null) {
        next.previous = previous;
      }
      if (previous != null) {
        previous.next = next;
      } else {
        heads[index] = next;
        if (next == null) {
          used[index >> LEVEL_BITS] &= ~(1L << index);
        }
      }
      entry.slot = -1;
      entry.previous = null;
      entry.next = null;
    }

    /** Moves on to {@code now} and returns what is due, chained by {@code next}. */
    @Nullable Entry advance(long now) {
      Entry due = null;
      for (int level = lowest(); level < LEVELS && next(level) <= now; level = lowest()) {
        cursor = next(level);
        int index = level * SLOTS + Long.numberOfTrailingZeros(used[level]);
        for (Entry entry = heads[index]; entry != null; entry = heads[index]) {
          remove(entry);
          if (entry.tick <= now) {
            entry.next = due;
            due = entry;
          } else {
            put(entry);
          }
        }
      }
      cursor = Math.max(cursor, now);
      return due;
    }

    long next() {
      int level = lowest();
      return level == LEVELS ? IDLE : next(level);
    }

    /** A lower level's slots all come before a higher one's. */
    private int lowest() {
      int level = 0;
      while (level < LEVELS && used[level] == 0) {
        level++;
      }
      return level;
    }

    private long next(int level) {
      int shift = level * LEVEL_BITS;
      long block = cursor >>> (shift + LEVEL_BITS) << (shift + LEVEL_BITS);
      return block | (long) Long.numberOfTrailingZeros(used[level]) << shift;
    }

    int size() {
      int size = 0;
      for (Entry head : heads) {
        for (Entry entry = head; entry != null; entry = entry.next) {
          size++;
        }
      }
      return size;
    }
  }
}
