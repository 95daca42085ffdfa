package io.volare.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SamplesTest {
  private static Samples of(double... values) {
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

    assertThat(ratios.median()).isEqualTo(2);
    assertThat(ratios.least()).isEqualTo(2);
    assertThat(ratios.most()).isEqualTo(3);
  }

  @Test
  void aPictureIsWellFormed() throws Exception {
    String svg = BarChart.draw("a < b & c", List.of(new BarChart.Bar("x", 1, 0.5, 2)));

    var parser = javax.xml.parsers.DocumentBuilderFactory.newInstance().newDocumentBuilder();
    var document = parser.parse(new java.io.ByteArrayInputStream(svg.getBytes()));

    assertThat(document.getElementsByTagName("rect").getLength()).isEqualTo(2);
  }
}
