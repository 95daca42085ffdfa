package io.volare.layers.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.motore.testing.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

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
