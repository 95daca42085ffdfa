package io.volare.layers.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.motore.testing.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenBucketTest {
  private final ManualTime time = ManualTime.create();

  private static int granted(RateLimiter limiter, int asked) {
    int granted = 0;
    for (int i = 0; i < asked; i++) {
      granted += limiter.tryAcquire() == 0 ? 1 : 0;
    }
    return granted;
  }

  @Test
  void letsABurstPassAndThenTheRate() {
    TokenBucket bucket = TokenBucket.of(10, 5, time);

    assertThat(granted(bucket, 100)).isEqualTo(5);
    time.advance(Duration.ofMillis(100));
    assertThat(granted(bucket, 100)).isEqualTo(1);
    time.advance(Duration.ofHours(1));
    assertThat(granted(bucket, 100)).isEqualTo(5);
  }

  @Test
  void saysWhenThereWillBeRoom() {
    TokenBucket bucket = TokenBucket.of(10, 1, time);
    bucket.tryAcquire();

    long wait = bucket.tryAcquire();

    assertThat(Duration.ofNanos(wait)).isEqualTo(Duration.ofMillis(100));
    time.advance(Duration.ofNanos(wait));
    assertThat(bucket.tryAcquire()).isZero();
  }

  @ParameterizedTest
  @ValueSource(doubles = {1.0 / 7, 3, 999, 700_000, 3e6, 7e7, 3e8, 7e8, 1e9})
  void keepsToTheRateInTheLongRun(double perSecond) {
    int burst = 1_000;
    int asked = 200_000;
    TokenBucket bucket = TokenBucket.of(perSecond, burst, time);
    for (int granted = 0; granted < asked; ) {
      long wait = bucket.tryAcquire();
      if (wait == 0) {
        granted++;
      } else {
        time.advance(Duration.ofNanos(wait));
      }
    }

    double expected = (asked - burst) / perSecond * 1e9;
    assertThat((double) time.nanos()).isBetween(expected - 1, expected * 1.000_000_1 + 2);
  }

  @ParameterizedTest
  @ValueSource(doubles = {1.0 / 7, 3, 999, 700_000, 3e6, 7e7, 3e8, 7e8, 1e9})
  void grantsNoMoreThanTheRateAndTheBurstInAnyTime(double perSecond) {
    TokenBucket bucket = TokenBucket.of(perSecond, 3, time);
    Random random = new Random(1);
    long granted = 0;
    for (int i = 0; i < 100_000; i++) {
      granted += bucket.tryAcquire() == 0 ? 1 : 0;
      time.advance(Duration.ofNanos((long) (random.nextDouble() * 2e9 / perSecond)));
      assertThat((double) granted).isLessThanOrEqualTo(3 + time.nanos() * perSecond / 1e9);
    }
  }

  @Test
  void isExactAfterAYearToo() {
    TokenBucket bucket = TokenBucket.of(700_000, 10, time);
    time.advance(Duration.ofDays(366));
    assertThat(granted(bucket, 100)).isEqualTo(10);

    int granted = 0;
    for (int i = 0; i < 1_000_000; i++) {
      time.advance(Duration.ofNanos(1_000));
      granted += bucket.tryAcquire() == 0 ? 1 : 0;
    }

    assertThat(granted).isBetween(699_990, 700_000);
  }

  @Test
  void takesAnyRateWithAnyBurst() {
    TokenBucket bucket = TokenBucket.of(1e-12, Integer.MAX_VALUE, time);

    assertThat(granted(bucket, 1_000)).isEqualTo(1_000);
    assertThat(granted(TokenBucket.of(1e-300, 1, time), 10)).isEqualTo(1);
  }

  @Test
  void grantsExactlyTheBurstToManyThreads() throws Exception {
    TokenBucket bucket = TokenBucket.of(1, 1_000, time);
    AtomicInteger granted = new AtomicInteger();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      threads.add(Thread.startVirtualThread(() -> granted.addAndGet(granted(bucket, 100))));
    }
    for (Thread thread : threads) {
      thread.join();
    }

    assertThat(granted).hasValue(1_000);
  }

  @Test
  void refusesRatesThatAreNone() {
    assertThatThrownBy(() -> TokenBucket.of(0, 1, time))
        .hasMessage("perSecond: 0.0 (expected: > 0, <= 1e9)");
    assertThatThrownBy(() -> TokenBucket.of(1, 0, time)).hasMessage("burst: 0 (expected: >= 1)");
  }
}
