package io.volare.registry.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class ScheduleTest {
  private static final RandomGenerator LEAST =
      new RandomGenerator() {
        @Override
        public long nextLong() {
          return 0;
        }

        @Override
        public long nextLong(long bound) {
          return 0;
        }
      };
  private static final RandomGenerator MOST =
      new RandomGenerator() {
        @Override
        public long nextLong() {
          return -1;
        }

        @Override
        public long nextLong(long bound) {
          return bound - 1;
        }
      };

  private static Duration next(RandomGenerator random, long ttl, boolean inDoubt, int failures) {
    return new Schedule(RefreshConfig.DEFAULT, random).next(ttl, inDoubt, failures);
  }

  @Test
  void waitsForTheTtlAndUpToATenthLonger() {
    assertThat(next(LEAST, 3, false, 0)).isEqualTo(Duration.ofSeconds(3));
    assertThat(next(MOST, 3, false, 0)).isEqualTo(Duration.ofMillis(3_300));
  }

  @Test
  void isAtMostHalfASecondLate() {
    assertThat(next(MOST, 40, false, 0)).isEqualTo(Duration.ofMillis(40_500));
  }

  @Test
  void keepsFloorAndCeiling() {
    assertThat(next(LEAST, 0, false, 0)).isEqualTo(Duration.ofSeconds(1));
    assertThat(next(LEAST, 86_400, false, 0)).isEqualTo(Duration.ofMinutes(1));
    assertThat(next(LEAST, Long.MAX_VALUE, false, 0)).isEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void asksFourTimesWithinADoubt() {
    assertThat(next(MOST, 60, true, 0)).isEqualTo(Duration.ofSeconds(10));
    assertThat(next(LEAST, 2, true, 0)).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void asksLessAndLessOftenWhileLookupsFail() {
    assertThat(next(MOST, Long.MAX_VALUE, false, 1)).isEqualTo(Duration.ofSeconds(2));
    assertThat(next(MOST, Long.MAX_VALUE, false, 2)).isEqualTo(Duration.ofSeconds(4));
    assertThat(next(MOST, Long.MAX_VALUE, false, 3)).isEqualTo(Duration.ofSeconds(8));
    assertThat(next(MOST, Long.MAX_VALUE, false, 4)).isEqualTo(Duration.ofSeconds(10));
    assertThat(next(MOST, Long.MAX_VALUE, false, 1_000_000)).isEqualTo(Duration.ofSeconds(10));
    assertThat(next(LEAST, Long.MAX_VALUE, false, 9)).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void aFailureBesideAFreshAnswerDoesNotPutItsRefreshOff() {
    assertThat(next(LEAST, 2, false, 9)).isLessThanOrEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void spreadsLookupsAfterAFailureOverTheWholePause() {
    Schedule schedule = new Schedule(RefreshConfig.DEFAULT, new SplittableRandom(42));
    int[] seconds = new int[10];
    for (int i = 0; i < 9_000; i++) {
      seconds[(int) schedule.next(Long.MAX_VALUE, false, 9).toSeconds()]++;
    }

    assertThat(seconds[0]).isZero();
    for (int second = 1; second < 10; second++) {
      assertThat(seconds[second]).isBetween(800, 1_200);
    }
  }
}
