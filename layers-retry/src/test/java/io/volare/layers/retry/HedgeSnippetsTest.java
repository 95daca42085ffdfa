package io.volare.layers.retry;

import static org.assertj.core.api.Assertions.assertThat;

import io.volare.motore.CallContext;
import io.volare.motore.Service;
import io.volare.motore.ServiceBuilder;
import io.volare.motore.Time;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class HedgeSnippetsTest {
  @Test
  void aroundAFunction() throws Exception {
    Service<CallContext, String, String> slow = (context, name) -> "hello " + name;
    // @start region="use"
    HedgeDelay delay = HedgeDelay.percentile(0.95, Duration.ofMillis(50), Time.SYSTEM);
    Service<CallContext, String, String> steady =
        ServiceBuilder.<CallContext, String, String>create()
            .layer(HedgeLayer.of(HedgeConfig.of(delay)))
            .service(slow);

    String greeting = steady.call(CallContext.standalone("greeting").idempotent(true), "Ada");
    // @end

    assertThat(greeting).isEqualTo("hello Ada");
  }

  @Test
  void oneBudgetForBoth() {
    // @start region="budget"
    RetryConfig retries = RetryConfig.create();
    HedgeConfig hedges =
        HedgeConfig.of(HedgeDelay.fixed(Duration.ofMillis(50)))
            .withBudget(retries.budget().joint());
    ServiceBuilder<CallContext, String, String> stack =
        ServiceBuilder.<CallContext, String, String>create()
            .layer(RetryLayer.of(retries)) // tries again what failed
            .layer(HedgeLayer.of(hedges)); // each try may have a backup
    // @end

    assertThat(stack)
        .hasToString("Retry[3 attempts, 10 % and 1.0/s] > Hedge[2 attempts, 10 % and 1.0/s]");
  }
}
