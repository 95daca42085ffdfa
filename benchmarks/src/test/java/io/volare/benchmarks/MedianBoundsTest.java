package io.volare.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MedianBoundsTest {
  /** The ranks are those of tables of the sign test. */
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, 0",
    "3, 1, 3, 0.75",
    "5, 1, 5, 0.9375",
    "6, 1, 6, 0.96875",
    "7, 1, 7, 0.984375",
    "8, 1, 8, 0.9921875",
    "9, 2, 8, 0.9609375",
    "15, 4, 12, 0.96484375",
    "25, 8, 18, 0.95671",
    "100, 40, 61, 0.96480",
    "2000, 956, 1045, 0.95345",
  })
  void theNarrowestThatHoldTheMedianWith95PercentAreTaken(
      int count, int rank, int last, double coverage) {
    MedianBounds bounds = MedianBounds.of(count);

    assertThat(bounds.rank()).isEqualTo(rank);
    assertThat(bounds.last()).isEqualTo(last);
    assertThat(bounds.coverage()).isCloseTo(coverage, within(0.000_01));
  }

  @Test
  void whatTheBracketsHoldIsSaidWithItsCoverage() {
    assertThat(MedianBounds.of(3).inWords())
        .isEqualTo(
            "medians of 3 rounds, in brackets the least and the most,"
                + " between which the true median lies with 75.0 %");
    assertThat(MedianBounds.of(15).inWords())
        .isEqualTo(
            "medians of 15 rounds, in brackets the 4th and the 12th,"
                + " between which the true median lies with 96.5 %");
    assertThat(MedianBounds.of(12).inWords()).contains("the 3rd and the 10th");
    assertThat(MedianBounds.of(28).inWords()).contains("the 9th and the 20th");
    assertThat(MedianBounds.of(50).inWords()).contains("the 18th and the 33rd");
  }
}
