package io.volare.benchmarks;

import java.io.IOException;
import java.util.Locale;

/**
 * Servers under the same load. What is compared is the processor time of a call, by the ratio and
 * the difference of two servers in the same round.
 */
final class Comparison {
  private static final String DEFAULT_VARIANTS =
      "bare,inline,virtual,executor,bare+framed,inline+framed,virtual+framed,"
          + "libthrift-selector,libthrift-pool";

  static final String RAW_HEADING = "name,round,cpu_us,rate,busy,heap_b,p50,p99,p999,more_us\n";

  private Comparison() {}

  static void run(Options options) throws Exception {
    String name = options.text("name", "");
    try (Lineup lineup = Lineup.start(options, DEFAULT_VARIANTS)) {
      lineup.measure();
      String load = describe(options);
      Results.publish(
          name,
          lineup.conditions(load),
          table(lineup) + Pairs.of(lineup.contenders()).tables(),
          picture(lineup, load),
          raw(lineup));
    }
  }

  static String describe(Options options) {
    String call = options.text("call", "echo");
    return "%s connections x %s in flight, %s B%s%s"
        .formatted(
            options.text("connections", "4"),
            options.text("in-flight", "25"),
            options.text("size", "1024"),
            headers(options),
            call.equals("echo")
                ? ""
                : ", streams %s of %s messages".formatted(call, options.text("messages", "1000")));
  }

  /** {@return what each call's header carries beside what it must} */
  static String headers(Options options) {
    int deadline = options.number("deadline", 0);
    int entries = options.number("metainfo", 0);
    return (deadline > 0 ? ", a deadline of " + deadline + " ms where the wire has one" : "")
        + (entries > 0 ? ", " + entries + " entries of metainfo" : "");
  }

  private static String table(Lineup lineup) throws IOException {
    StringBuilder out = new StringBuilder();
    out.append(
        "| server | wire | CPU of a call, µs | µs more | ratio | to | calls/s | busy | p50 µs | p99 µs |"
            + " p99.9 µs | heap B | resident MB |\n");
    out.append("|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (Contender each : lineup.contenders()) {
      Contender reference = lineup.reference(each);
      Seen seen = each.seen();
      out.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %s | %s | %s | %s | %,.0f | %.0f %% | %.0f | %.0f | %.0f | %s | %d |\n",
              each.variant.name(),
              each.variant.protocol().name().toLowerCase(Locale.ROOT),
              seen.micros().spread(),
              seen.micros().minus(reference.seen().micros()).signedSpread(),
              seen.micros().over(reference.seen().micros()).spread(),
              reference.variant.name(),
              seen.rate().median(),
              seen.busy().median() * 100,
              seen.p50().median(),
              seen.p99().median(),
              seen.p999().median(),
              seen.heap().median() > 0
                  ? String.format(Locale.ROOT, "%,.0f", seen.heap().median())
                  : "",
              each.server.residentBytes() >> 20));
    }
    return out.toString();
  }

  private static String picture(Lineup lineup, String load) {
    return BarChart.draw(
        "Server CPU of a call, µs: " + load,
        lineup.contenders().stream()
            .map(each -> BarChart.Bar.of(each.variant.name(), each.seen().micros()))
            .toList());
  }

  /** {@return every round of every server} */
  static String raw(Lineup lineup) {
    StringBuilder out = new StringBuilder(RAW_HEADING);
    for (Contender each : lineup.contenders()) {
      rounds(each.variant.name(), each.seen(), lineup.reference(each).seen(), out);
    }
    return out.toString();
  }

  /** Appends each round; its last column is what it took more than the reference. */
  static void rounds(String name, Seen seen, Seen reference, StringBuilder out) {
    Samples more = seen.micros().minus(reference.micros());
    for (int i = 0; i < seen.micros().count(); i++) {
      out.append(
          String.format(
              Locale.ROOT,
              "%s,%d,%.3f,%.0f,%.3f,%.1f,%.1f,%.1f,%.1f,%.3f\n",
              name,
              i + 1,
              seen.micros().at(i),
              seen.rate().at(i),
              seen.busy().at(i),
              seen.heap().at(i),
              seen.p50().at(i),
              seen.p99().at(i),
              seen.p999().at(i),
              more.at(i)));
    }
  }
}
