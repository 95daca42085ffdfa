package io.volare.layers.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.motore.testing.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HedgeDelayTest {
  private static final Duration UNKNOWN = Duration.ofSeconds(7);

  private final ManualTime time = ManualTime.create();

  @Test
  void findsThePercentileAtAnyScale() {
    for (double scale : List.of(2e3, 1e6, 3e9)) {
      HedgeDelay delay = HedgeDelay.percentile(0.95, UNKNOWN, time);
      Random random = new Random(1);
      List<Long> all = new ArrayList<>();
      for (int i = 0; i < 3_200; i++) {
        long nanos = (long) (scale * Math.exp(random.nextGaussian()));
        all.add(nanos);
        delay.observed(Duration.ofNanos(nanos));
      }
      Collections.sort(all);

      double exact = all.get(3_200 * 95 / 100 - 1);
      assertThat(delay.next().toNanos() / exact).isBetween(1.0, 1.0625);
    }
  }

  @Test
  void saysTheGivenWaitWhileItKnowsTooLittle() {
    HedgeDelay delay = HedgeDelay.percentile(0.5, UNKNOWN, time);
    for (int i = 0; i < 96; i++) {
      delay.observed(Duration.ofMillis(1));
    }
    assertThat(delay.next()).isEqualTo(UNKNOWN);

    for (int i = 0; i < 16; i++) {
      delay.observed(Duration.ofMillis(1));
    }

    assertThat(delay.next()).isBetween(Duration.ofMillis(1), Duration.ofNanos(1_062_500));
  }

  @Test
  void forgetsWhatIsOlderThanAMinute() {
    HedgeDelay delay = HedgeDelay.percentile(0.5, UNKNOWN, time);
    observe(delay, 1_000, Duration.ofMillis(100));
    assertThat(delay.next()).isGreaterThanOrEqualTo(Duration.ofMillis(100));

    time.advance(Duration.ofSeconds(31));
    observe(delay, 960, Duration.ofMillis(1));
    assertThat(delay.next()).as("half of it is old").isGreaterThan(Duration.ofMillis(99));
    time.advance(Duration.ofSeconds(31));
    observe(delay, 16, Duration.ofMillis(1));

    assertThat(delay.next()).isLessThan(Duration.ofMillis(2));
    time.advance(Duration.ofHours(1));
    observe(delay, 1, Duration.ofMillis(1));
    assertThat(delay.next()).as("everything is old").isEqualTo(UNKNOWN);
  }

  @Test
  void takesAnyLatency() {
    HedgeDelay delay = HedgeDelay.percentile(0.99, UNKNOWN, time);
    observe(delay, 100, Duration.ZERO);
    observe(delay, 100, Duration.ofNanos(Long.MAX_VALUE / 4));

    assertThat(delay.next()).isPositive();
    assertThat(HedgeDelay.fixed(Duration.ZERO).next()).isZero();
  }

  @Test
  void refusesWhatIsNone() {
    assertThatThrownBy(() -> HedgeDelay.percentile(95, UNKNOWN, time))
        .hasMessage("percentile: 95.0 (expected: > 0, < 1)");
    assertThatThrownBy(() -> HedgeDelay.percentile(0.5, Duration.ofMillis(-1), time))
        .hasMessage("unknown: PT-0.001S (expected: >= 0)");
    assertThatThrownBy(() -> HedgeDelay.fixed(Duration.ofMillis(-1)))
        .hasMessage("wait: PT-0.001S (expected: >= 0)");
  }

  private static void observe(HedgeDelay delay, int times, Duration latency) {
    for (int i = 0; i < times; i++) {
      delay.observed(latency);
    }
  }
}
