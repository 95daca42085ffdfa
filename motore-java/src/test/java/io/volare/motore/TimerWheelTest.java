package io.volare.motore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimerWheelTest {
  private static final class Bell extends TimerWheel.Entry {
    @Override
    void fire() {}
  }

  /** Equals a sorted map, whatever the distances: seeded programs of put, remove and advance. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void firesWhatASortedMapWouldFire(long seed) {
    Random random = new Random(seed);
    TimerWheel.Wheel wheel = new TimerWheel.Wheel();
    TreeMap<Long, List<Bell>> model = new TreeMap<>();
    long now = 0;

    for (int step = 0; step < 20_000; step++) {
      switch (random.nextInt(4)) {
        case 0, 1 -> {
          Bell bell = new Bell();
          bell.tick = now + 1 + random.nextLong(1L << random.nextInt(1, 40));
          assertThat(wheel.put(bell)).isBetween(now, bell.tick);
          model.computeIfAbsent(bell.tick, tick -> new ArrayList<>()).add(bell);
        }
        case 2 -> {
          if (!model.isEmpty()) {
            List<Bell> first = model.firstEntry().getValue();
            wheel.remove(first.removeLast());
            model.values().removeIf(List::isEmpty);
          }
        }
        default -> {
          now += random.nextLong(1L << random.nextInt(1, 38));
          List<TimerWheel.Entry> due = new ArrayList<>();
          for (TimerWheel.Entry bell = wheel.advance(now); bell != null; bell = bell.next) {
            due.add(bell);
          }
          List<Bell> expected = new ArrayList<>();
          model.headMap(now, true).values().forEach(expected::addAll);
          model.headMap(now, true).clear();
          assertThat(due).containsExactlyInAnyOrderElementsOf(expected);
        }
      }
      assertThat(wheel.next())
          .isLessThanOrEqualTo(model.isEmpty() ? Long.MAX_VALUE : model.firstKey());
    }
    assertThat(wheel.size()).isEqualTo(model.values().stream().mapToInt(List::size).sum());
  }
}
