package io.volare.examples.plainfunction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.layers.retry.RetryConfig;
import io.volare.layers.retry.RetryLayer;
import io.volare.layers.timeout.TimeoutConfig;
import io.volare.layers.timeout.TimeoutLayer;
import io.volare.motore.CallContext;
import io.volare.motore.ServiceBuilder;
import io.volare.motore.Services;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PlainFunctionTest {
  @Test
  void mainRetriesOnceAndIsThenRefused() throws Exception {
    PrintStream console = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      PlainFunction.main(new String[0]);
    } finally {
      System.setOut(console);
    }

    assertThat(printed.toString(StandardCharsets.UTF_8).lines())
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .startsWith("stack: RateLimit[0.001/s] > Timeout[2000 ms] > Retry[3"),
            line -> assertThat(line).isEqualTo("tea costs 12.50"),
            line -> assertThat(line).isEqualTo("tries: 2"),
            line -> assertThat(line).startsWith("refused: price lookup: refused, over the rate"));
  }

  @Test
  void aWrongOrderIsRefusedWithBothReasons() {
    ServiceBuilder<CallContext, String, String> wrong =
        ServiceBuilder.<CallContext, String, String>create()
            .layer(RetryLayer.of(RetryConfig.create()))
            .layer(TimeoutLayer.of(TimeoutConfig.perCall(Duration.ofSeconds(2))));

    assertThatThrownBy(() -> wrong.service(Services.of(request -> request)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("stands outside Timeout[2000 ms]")
        .hasMessageContaining("each try is an attempt of its own")
        .hasMessageContaining("its limit covers all attempts together")
        .hasMessageEndingWith("Swap them, or call inAnyOrder().");
  }

  @Test
  void aLimitForEachAttemptStandsInsideTheRetry() {
    ServiceBuilder<CallContext, String, String> wrong =
        ServiceBuilder.<CallContext, String, String>create()
            .layer(TimeoutLayer.of(TimeoutConfig.perAttempt(Duration.ofMillis(200))))
            .layer(RetryLayer.of(RetryConfig.create()));

    assertThatThrownBy(() -> wrong.service(Services.of(request -> request)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("its limit starts anew with each attempt");
    assertThat(wrong.inAnyOrder().service(Services.of(request -> request))).isNotNull();
  }
}
