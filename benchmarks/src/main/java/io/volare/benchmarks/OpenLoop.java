package io.volare.benchmarks;

import java.util.Locale;

/**
 * Latency at a given rate, of servers that take turns: a call that waits because the one before it
 * was slow counts from when it was due. A variant named twice is two servers, and shows how far one
 * is from itself.
 */
final class OpenLoop {
  private OpenLoop() {}

  static void run(Options given) throws Exception {
    int rate = given.number("rate", 10_000);
    int inFlight = given.number("in-flight", 250);
    Options options =
        given.with("rate", Integer.toString(rate)).with("in-flight", Integer.toString(inFlight));
    String name = options.text("name", "");
    try (Lineup lineup = Lineup.start(options, "virtual,libthrift-selector,virtual")) {
      lineup.measure();
      String load =
          String.format(
              Locale.ROOT,
              "%,d calls/s over %s connections, %s B%s",
              rate,
              options.text("connections", "4"),
              options.text("size", "1024"),
              Comparison.headers(options));
      Results.publish(
          name,
          lineup.conditions(load),
          table(lineup),
          BarChart.draw(
              "p99, µs: " + load,
              lineup.contenders().stream()
                  .map(each -> BarChart.Bar.of(each.variant.name(), each.seen().p99()))
                  .toList()),
          Comparison.raw(lineup));
    }
  }

  private static String table(Lineup lineup) {
    Contender first = lineup.contenders().getFirst();
    StringBuilder out = new StringBuilder();
    out.append("| server | calls/s | p50 µs | p99 µs | to the first | p99.9 µs | busy |\n");
    out.append("|---|---|---|---|---|---|---|\n");
    for (Contender each : lineup.contenders()) {
      Seen seen = each.seen();
      out.append(
          String.format(
              Locale.ROOT,
              "| %s | %,.0f | %.0f | %s | %s | %.0f | %.0f %% |\n",
              each.variant.name(),
              seen.rate().median(),
              seen.p50().median(),
              seen.p99().spread(),
              seen.p99().over(first.seen().p99()).spread(),
              seen.p999().median(),
              seen.busy().median() * 100));
    }
    return out.toString();
  }
}
