package io.volare.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SweepTest {
  @ParameterizedTest
  @CsvSource({"1, 1, 1", "10, 10, 1", "100, 40, 3", "10000, 40, 250"})
  void callsInFlightAreSpreadOverSomeConnections(int calls, int connections, int onEach) {
    Options options = Sweep.Kind.INFLIGHT.at(calls, Options.of());

    assertThat(options.number("connections", 0)).isEqualTo(connections);
    assertThat(options.number("in-flight", 0)).isEqualTo(onEach);
  }

  @Test
  void onlyServersOfOursGetLayers() {
    assertThat(Variant.of("inline").withLayers(8).command())
        .containsExactly("thrift-server", "--mode", "inline", "--layers", "8");
    assertThat(Variant.of("bare").withLayers(8).command()).containsExactly("bare-server");
  }

  @Test
  void aLineGoesThroughTheMedianOfEachPoint() {
    String picture =
        LineChart.draw(
            "a & b",
            List.of("0", "1"),
            List.of(new LineChart.Line("one", List.of(samples(1, 10, 100), samples(10)))));

    assertThat(picture).contains("a &amp; b", ">0<", ">1<", ">one<").endsWith("</svg>\n");
    String points = picture.replaceAll("(?s).*points=\"([^\"]*)\".*", "$1");
    assertThat(points.split("[, ]")[1]).isEqualTo(points.split("[, ]")[3]);
  }

  private static Samples samples(double... values) {
    Samples samples = new Samples();
    for (double value : values) {
      samples.add(value);
    }
    return samples;
  }
}
