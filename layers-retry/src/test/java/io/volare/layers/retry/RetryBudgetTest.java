package io.volare.layers.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.motore.CallContext;
import io.volare.motore.Service;
import io.volare.motore.testing.ManualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class RetryBudgetTest {
  private final ManualTime time = ManualTime.create();

  @Test
  void addsAtMostATenthAndOneASecondWhenEverythingFails() {
    AtomicInteger sent = new AtomicInteger();
    RetryConfig config =
        RetryConfig.create()
            .withTime(time)
            .withBudget(RetryBudget.of(0.1, 1, time))
            .withBackoff(Backoff.constant(Duration.ZERO))
            .withRetryable((context, failure) -> true);
    Service<CallContext, String, String> client =
        RetryLayer.<CallContext, String, String>of(config)
            .wrap((context, request) -> {
              sent.incrementAndGet();
              throw new IOException("down");
            });

    int calls = 100_000;
    for (int i = 0; i < calls; i++) {
      time.advance(Duration.ofMillis(1));
      assertThatThrownBy(() -> client.call(CallContext.standalone("x"), "")).isNotNull();
    }

    int seconds = calls / 1_000;
    assertThat(sent.get() - calls).isBetween(calls / 10 - 200, calls / 10 + seconds + 20);
  }

  @Test
  void aQuietHourDoesNotPayForAStorm() {
    RetryBudget budget = RetryBudget.of(0, 1, time);
    time.advance(Duration.ofHours(1));

    int granted = 0;
    while (budget.tryWithdraw()) {
      granted++;
    }

    assertThat(granted).isEqualTo(10);
  }

  @Test
  void refusesSharesThatAreNone() {
    assertThatThrownBy(() -> RetryBudget.of(1.5, 1, time))
        .hasMessage("share: 1.5 (expected: 0..1)");
  }
}
