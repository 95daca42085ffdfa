package io.volare.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * Servers side by side: all are started on one processor, the load runs on another and goes round
 * them, each round in another order. What is compared is the processor time of a call, by the ratio
 * of two servers in the same round.
 */
final class Comparison implements AutoCloseable {
  private static final String DEFAULT_VARIANTS =
      "bare,inline,virtual,executor,bare+framed,inline+framed,virtual+framed,"
          + "libthrift-selector,libthrift-pool";

  /** The second is for loop-affine virtual threads. */
  private static final String SERVER_FLAGS =
      "-Xms256m -Xmx512m --enable-native-access=ALL-UNNAMED"
          + " --add-opens=java.base/java.lang=ALL-UNNAMED";

  private final List<Contender> contenders = new ArrayList<>();

  static void run(Options options) throws Exception {
    String name = options.text("name", "");
    List<Variant> variants =
        Arrays.stream(options.text("variants", DEFAULT_VARIANTS).split(","))
            .map(Variant::of)
            .toList();
    int rounds = options.number("rounds", 7);
    double seconds = options.seconds("seconds", 1.5);
    double warmup = options.seconds("warmup", 4);
    String processor = options.text("server-cpu", "0");
    List<String> flags = List.of(options.text("server-jvm", SERVER_FLAGS).split(" "));
    String load =
        "%s connections x %s in flight, %s B"
            .formatted(
                options.text("connections", "4"),
                options.text("in-flight", "25"),
                options.text("size", "1024"));
    try (Comparison comparison = new Comparison()) {
      for (Variant variant : variants) {
        comparison.add(variant, processor, flags, options, warmup);
      }
      options.requireAllKnown();
      for (int round = 0; round < rounds; round++) {
        comparison.round(round, seconds);
      }
      String table = comparison.table();
      System.out.println(table);
      if (!name.isEmpty()) {
        comparison.write(name, load, flags, table);
      }
    }
  }

  private void add(
      Variant variant, String processor, List<String> flags, Options options, double warmup)
      throws Exception {
    Contender added = Contender.start(variant, processor, flags, options);
    contenders.add(added);
    added.load(warmup);
    stayAwake();
  }

  private void stayAwake() throws Exception {
    for (Contender contender : contenders) {
      contender.stayAwake();
    }
  }

  private void round(int round, double seconds) throws Exception {
    List<Contender> order = new ArrayList<>(contenders);
    Collections.rotate(order, round);
    if (round % 2 == 1) {
      Collections.reverse(order);
    }
    for (Contender contender : order) {
      contender.measure(seconds);
      stayAwake();
    }
  }

  /**
   * {@return the bare echo of the same frames or at least of the same kind, or the first of all}
   */
  private Contender reference(Contender of) {
    List<Contender> bare =
        contenders.stream()
            .filter(other -> other.variant.command().getFirst().startsWith("bare-"))
            .toList();
    return bare.stream()
        .filter(other -> other.variant.protocol() == of.variant.protocol())
        .findFirst()
        .or(() ->
            bare.stream()
                .filter(other -> other.variant.isGrpc() == of.variant.isGrpc())
                .findFirst())
        .orElse(contenders.getFirst());
  }

  private String table() throws IOException {
    StringBuilder out = new StringBuilder();
    out.append(
        "| server | wire | CPU of a call, µs | ratio | to | calls/s | busy | p50 µs | p99 µs |"
            + " p99.9 µs | heap B | resident MB |\n");
    out.append("|---|---|---|---|---|---|---|---|---|---|---|---|\n");
    for (Contender each : contenders) {
      Contender reference = reference(each);
      out.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %s | %s | %s | %,.0f | %.0f %% | %.0f | %.0f | %.0f | %s | %d |\n",
              each.variant.name(),
              each.variant.protocol().name().toLowerCase(Locale.ROOT),
              spread(each.micros),
              spread(each.micros.over(reference.micros)),
              reference.variant.name(),
              each.rate.median(),
              each.busy.median() * 100,
              each.p50.median(),
              each.p99.median(),
              each.p999.median(),
              each.heap.most() > 0 ? String.format(Locale.ROOT, "%,.0f", each.heap.median()) : "",
              each.server.residentBytes() >> 20));
    }
    return out.toString();
  }

  private static String spread(Samples samples) {
    return String.format(
        Locale.ROOT, "%.2f (%.2f–%.2f)", samples.median(), samples.least(), samples.most());
  }

  private void write(String name, String load, List<String> flags, String table)
      throws IOException {
    Path results = Files.createDirectories(Path.of("benchmarks", "results"));
    List<BarChart.Bar> bars =
        contenders.stream()
            .map(each ->
                new BarChart.Bar(
                    each.variant.name(),
                    each.micros.median(),
                    each.micros.least(),
                    each.micros.most()))
            .toList();
    Files.writeString(
        results.resolve(name + ".svg"), BarChart.draw("Server CPU of a call, µs: " + load, bars));
    Files.writeString(
        results.resolve(name + ".md"),
        "%s; medians of %d rounds, in brackets the least and the most.\n%s, server flags `%s`.\n\n%s"
            .formatted(
                load,
                contenders.getFirst().micros.count(),
                Machine.describe(),
                String.join(" ", flags),
                table));
    Files.writeString(results.resolve(name + ".csv"), csv());
  }

  private String csv() {
    StringBuilder out = new StringBuilder("server,round,cpu_us,rate,busy,heap_b,p50,p99,p999\n");
    for (Contender each : contenders) {
      for (int i = 0; i < each.micros.count(); i++) {
        out.append(
            String.format(
                Locale.ROOT,
                "%s,%d,%.3f,%.0f,%.3f,%.1f,%.1f,%.1f,%.1f\n",
                each.variant.name(),
                i + 1,
                each.micros.at(i),
                each.rate.at(i),
                each.busy.at(i),
                each.heap.at(i),
                each.p50.at(i),
                each.p99.at(i),
                each.p999.at(i)));
      }
    }
    return out.toString();
  }

  @Override
  public void close() throws Exception {
    for (Contender contender : contenders) {
      contender.close();
    }
  }
}
