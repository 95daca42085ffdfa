package io.volare.motore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.motore.Time.InterruptScope;
import io.volare.motore.testing.ManualTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ManualTimeTest extends InterruptScopeContract {
  private final ManualTime manual = (ManualTime) time;

  ManualTimeTest() {
    super(ManualTime.create());
  }

  @Override
  void pass(Duration duration) {
    manual.advance(duration);
  }

  @Test
  void sleepsWithoutWaitingAndRemembersIt() throws Exception {
    Instant before = manual.now();

    manual.sleep(Duration.ofHours(1));

    assertThat(manual.sleeps()).containsExactly(Duration.ofHours(1));
    assertThat(Duration.between(before, manual.now())).hasHours(1);
    assertThat(manual.nanos()).isEqualTo(Duration.ofHours(1).toNanos());
  }

  @Test
  void aSleepBeyondAScopeIsInterrupted() {
    try (InterruptScope scope = openFor(10)) {
      assertThatThrownBy(() -> manual.sleep(Duration.ofMillis(20)))
          .isInstanceOf(InterruptedException.class);
      assertThat(scope.fired()).isTrue();
    }
  }

  @Test
  void countsTheScopesThatAreOpen() {
    InterruptScope scope = openFor(10);
    assertThat(manual.openScopes()).isEqualTo(1);

    scope.close();

    assertThat(manual.openScopes()).isZero();
  }

  @Test
  void aParkEndsWhenTheClockHasPassedItsDeadline() throws Exception {
    Deadline deadline = Deadline.after(Duration.ofHours(1), manual);
    CountDownLatch begun = new CountDownLatch(1);
    Thread thread =
        Thread.startVirtualThread(() -> {
          begun.countDown();
          while (!deadline.isExpired()) {
            manual.park(this, deadline);
          }
        });
    begun.await();

    manual.advance(Duration.ofHours(1));

    assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
  }
}
