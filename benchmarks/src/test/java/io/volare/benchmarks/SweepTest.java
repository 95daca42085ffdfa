package io.volare.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SweepTest {
  @ParameterizedTest
  @CsvSource({"1, 1, 1, 1", "10, 10, 1, 1", "97, 40, 2, 3", "100, 40, 2, 3", "10000, 40, 250, 250"})
  void asManyCallsAreInFlightAsThePointSays(int calls, int connections, int least, int most) {
    Options options = Sweep.Kind.INFLIGHT.at(calls, Options.of());

    int[] spread = FrameLoad.spread(options.number("calls", 0), options.number("connections", 0));

    assertThat(spread).hasSize(connections);
    assertThat(Arrays.stream(spread)).allMatch(each -> each >= least && each <= most);
    assertThat(Arrays.stream(spread).sum()).isEqualTo(calls);
    assertThat(options.number("in-flight", 0)).isEqualTo(most);
  }

  @Test
  void aConnectionWithoutACallIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FrameLoad.spread(2, 3))
        .withMessage("calls in flight: 2 (expected: >= 3, one a connection)");
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
