package io.volare.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class DemoTest {
  @Test
  @Timeout(120)
  void everyLineOfTheSummaryHolds() throws Exception {
    assertThat(Demo.holds(false)).isTrue();
  }
}
