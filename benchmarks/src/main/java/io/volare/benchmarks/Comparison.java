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

  private final List<Contender> contenders = new ArrayList<>();

  /** One server, its load and what was seen. */
  private static final class Contender implements AutoCloseable {
    final Variant variant;
    final ServerProcess server;
    final Load load;
    final Samples micros = new Samples();
    final Samples rate = new Samples();
    final Samples busy = new Samples();
    final Samples heap = new Samples();
    final Samples p50 = new Samples();
    final Samples p99 = new Samples();
    final Samples p999 = new Samples();

    Contender(Variant variant, ServerProcess server, Load load) {
      this.variant = variant;
      this.server = server;
      this.load = load;
    }

    void measure(double seconds) throws Exception {
      ProcessFigures before = server.figures();
      LoadResult result = load.run(seconds);
      ProcessFigures after = server.figures();
      double cpu = after.cpuNanos() - before.cpuNanos();
      micros.add(cpu / 1e3 / result.calls());
      rate.add(result.rate());
      busy.add(cpu / 1e9 / result.seconds());
      heap.add((double) (after.allocated() - before.allocated()) / result.calls());
      p50.add(result.micros(50));
      p99.add(result.micros(99));
      p999.add(result.micros(99.9));
    }

    @Override
    public void close() throws Exception {
      load.close();
      server.close();
    }
  }

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
    List<String> flags =
        List.of(
            options
                .text("server-jvm", "-Xms256m -Xmx512m --enable-native-access=ALL-UNNAMED")
                .split(" "));
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
    ServerProcess server = ServerProcess.start(variant, processor, flags);
    Load load =
        FrameLoad.open(
            options
                .with("port", Integer.toString(server.port()))
                .with("protocol", variant.form().name())
                .with("in-flight", options.text("in-flight", "25"))
                .with("connections", options.text("connections", "4")));
    contenders.add(new Contender(variant, server, load));
    load.run(warmup);
  }

  private void round(int round, double seconds) throws Exception {
    List<Contender> order = new ArrayList<>(contenders);
    Collections.rotate(order, round);
    if (round % 2 == 1) {
      Collections.reverse(order);
    }
    for (Contender contender : order) {
      contender.measure(seconds);
    }
  }

  /** {@return the bare echo of the same frames, or the first contender where there is none} */
  private Contender reference(Contender of) {
    return contenders.stream()
        .filter(other -> other.variant.command().getFirst().equals("bare-server"))
        .filter(other -> other.variant.form() == of.variant.form())
        .findFirst()
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
              each.variant.form().name().toLowerCase(Locale.ROOT),
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
