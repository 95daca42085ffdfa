package io.volare.layers.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class BackoffTest {
  @Test
  void staysUnderACeilingThatDoublesUpToTheCap() {
    Backoff backoff =
        Backoff.fullJitter(Duration.ofMillis(50), Duration.ofSeconds(2), new Random(1));
    long[] ceilings = {50, 100, 200, 400, 800, 1_600, 2_000, 2_000};

    for (int attempt = 1; attempt <= ceilings.length; attempt++) {
      long longest = 0;
      for (int i = 0; i < 10_000; i++) {
        longest = Math.max(longest, backoff.after(attempt).toMillis());
      }
      assertThat(longest).isBetween(ceilings[attempt - 1] * 98 / 100, ceilings[attempt - 1]);
    }
  }

  @Test
  void spreadsRetriesEvenlySoThatNoneComeBackTogether() {
    Backoff backoff =
        Backoff.fullJitter(Duration.ofMillis(50), Duration.ofSeconds(2), new SplittableRandom(7));
    int[] buckets = new int[20];

    for (int i = 0; i < 10_000; i++) {
      buckets[(int) Math.min(19, backoff.after(9).toMillis() / 100)]++;
    }

    assertThat(java.util.Arrays.stream(buckets).max().orElseThrow()).isLessThan(3 * 10_000 / 20);
  }

  @Test
  void refusesACapBelowTheFirstPause() {
    assertThatThrownBy(
            () -> Backoff.fullJitter(Duration.ofSeconds(2), Duration.ofSeconds(1), new Random()))
        .hasMessage("first: PT2S, most: PT1S (expected: 0 < first <= most)");
  }
}
