package io.volare.motore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.motore.testing.ManualTime;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DeadlineTest {
  private final ManualTime time = ManualTime.create();

  @Test
  void shrinksAsTimePassesAndExpires() {
    Deadline deadline = Deadline.after(Duration.ofMillis(250), time);

    time.advance(Duration.ofMillis(100));
    assertThat(deadline.remainingNanos()).isEqualTo(150_000_000);
    assertThat(deadline.isExpired()).isFalse();
    assertThat(deadline).hasToString("150 ms left");

    time.advance(Duration.ofMillis(150));
    assertThat(deadline.isExpired()).isTrue();
  }

  @Test
  void aPointOfAClockThatWasReadIsAsGoodAsALimitFromNow() {
    long read = time.nanos();
    time.advance(Duration.ofMillis(100));

    Deadline deadline = Deadline.at(read + Duration.ofMillis(250).toNanos(), time);

    assertThat(deadline.remainingNanos()).isEqualTo(150_000_000);
    assertThat(deadline.isFinite()).isTrue();
  }

  @Test
  void noneNeverPasses() {
    assertThat(Deadline.NONE.isFinite()).isFalse();
    assertThat(Deadline.NONE.isExpired()).isFalse();
    assertThat(Deadline.NONE.remainingNanos()).isEqualTo(Long.MAX_VALUE);
    assertThat(Deadline.NONE).hasToString("none");
  }

  @Test
  void theEarlierOneWins() {
    Deadline near = Deadline.after(Duration.ofMillis(1), time);
    Deadline far = Deadline.after(Duration.ofMillis(2), time);

    assertThat(near.earlier(far)).isSameAs(near);
    assertThat(far.earlier(near)).isSameAs(near);
    assertThat(far.earlier(Deadline.NONE)).isSameAs(far);
    assertThat(Deadline.NONE.earlier(far)).isSameAs(far);
    assertThat(Deadline.NONE.earlier(Deadline.NONE)).isSameAs(Deadline.NONE);
  }

  @Test
  void aLimitOfAgesCountsAsAHundredYears() {
    Deadline deadline = Deadline.after(Duration.ofSeconds(Long.MAX_VALUE), time);

    assertThat(deadline.remainingNanos()).isEqualTo(Duration.ofDays(36_500).toNanos());
  }

  @Test
  void refusesANegativeLimit() {
    assertThatThrownBy(() -> Deadline.after(Duration.ofMillis(-1), time))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("limit: PT-0.001S (expected: >= 0)");
  }
}
