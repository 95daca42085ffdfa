package io.volare.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PairsTest {
  @Test
  void eachIsComparedWithThoseBeforeItRoundByRound() {
    Pairs pairs =
        Pairs.of(
            List.of("bare", "inline", "default"),
            List.of(SamplesTest.of(1, 2, 4), SamplesTest.of(2, 5, 5), SamplesTest.of(3, 4, 7)));

    assertThat(pairs.tables())
        .isEqualTo(
            """

            CPU of a call, µs more than of those before it, in the same rounds:

            | | bare | inline |
            |---|---|---|
            | inline | +1.00 (+1.00 to +3.00) | |
            | default | +2.00 (+2.00 to +3.00) | +1.00 (-1.00 to +2.00) |

            The same as a ratio to them:

            | | bare | inline |
            |---|---|---|
            | inline | 2.00 (1.25–2.50) | |
            | default | 2.00 (1.75–3.00) | 1.40 (0.80–1.50) |
            """);
  }

  @Test
  void aServerAloneIsComparedWithNone() {
    Pairs alone = Pairs.of(List.of("bare"), List.of(SamplesTest.of(1)));

    assertThat(alone.tables()).contains("| |\n|---|\n").doesNotContain("bare");
  }
}
