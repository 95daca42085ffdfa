package io.volare.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SamplesTest {
  static Samples of(double... values) {
    Samples samples = new Samples();
    for (double value : values) {
      samples.add(value);
    }
    return samples;
  }

  @Test
  void theMedianIsInTheMiddle() {
    assertThat(of(9, 1, 5).median()).isEqualTo(5);
    assertThat(of(9, 1, 5, 7).median()).isEqualTo(6);
  }

  @Test
  void ratiosArePairedRoundByRound() {
    Samples ratios = of(2, 20, 6).over(of(1, 10, 2));

    assertThat(ratios.spread()).isEqualTo("2.00 (2.00–3.00)");
  }

  @Test
  void differencesArePairedRoundByRoundToo() {
    Samples differences = of(2, 20, 6).minus(of(1, 30, 2));

    assertThat(differences.signedSpread()).isEqualTo("+1.00 (-10.00 to +4.00)");
  }

  @Test
  void theBoundsAreRoundsAndLeaveTheFarthestOut() {
    Samples fifteen = of(100, 1, 14, 2, 13, 3, 12, 4, 11, 5, 10, 6, 9, 7, -100);

    assertThat(fifteen.median()).isEqualTo(7);
    assertThat(fifteen.lower()).isEqualTo(3);
    assertThat(fifteen.upper()).isEqualTo(12);
  }

  @Test
  void aPictureIsWellFormed() throws Exception {
    String svg = BarChart.draw("a < b & c", List.of(new BarChart.Bar("x", 1, 0.5, 2)));

    var parser = javax.xml.parsers.DocumentBuilderFactory.newInstance().newDocumentBuilder();
    var document = parser.parse(new java.io.ByteArrayInputStream(svg.getBytes()));

    assertThat(document.getElementsByTagName("rect").getLength()).isEqualTo(2);
  }
}
