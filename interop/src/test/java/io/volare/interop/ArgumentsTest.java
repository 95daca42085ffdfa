package io.volare.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ArgumentsTest {
  private static RestartOptions restarts(String... words) {
    return RestartOptions.parse(RestartOptions.THRIFT, words);
  }

  @Test
  void whatIsNotGivenHasItsDefault() {
    RestartOptions options = restarts("--calls", "40000");

    assertThat(options.calls()).isEqualTo(40_000);
    assertThat(options.restarts()).isEqualTo(20);
    assertThat(options.rate()).isEqualTo(1_000);
  }

  @Test
  void whatIsWrongIsNamed() {
    assertThatThrownBy(() -> restarts("--bogus", "3"))
        .hasMessage("argument: --bogus (expected: --restarts, --calls, --rate)");
    assertThatThrownBy(() -> restarts("--rate", "9", "--calls"))
        .hasMessage("--calls: nothing follows (expected: a value)");
    assertThatThrownBy(() -> restarts("--calls", "many"))
        .hasMessage("--calls: many (expected: a number, >= 1)");
    assertThatThrownBy(() -> restarts("--calls", "0"))
        .hasMessage("--calls: 0 (expected: a number, >= 1)");
  }
}
