package io.volare.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How the price of a call grows with one thing, for some servers side by side. */
final class Sweep {
  private static final String DEFAULT_VARIANTS = "bare,default,affine,inline,libthrift-selector";
  private static final int MOST_CONNECTIONS_IN_FLIGHT = 40;

  private final Kind kind;
  private final List<String> variants = new ArrayList<>();
  private final List<Integer> points = new ArrayList<>();
  private final List<List<Beside>> seen = new ArrayList<>();

  private Sweep(Kind kind) {
    this.kind = kind;
  }

  /** What was seen of a server at one point, and of the one that it is compared with. */
  private record Beside(Seen seen, Seen reference) {
    static List<Beside> of(Lineup lineup) {
      return lineup.contenders().stream()
          .map(each -> new Beside(each.seen(), lineup.reference(each).seen()))
          .toList();
    }

    String price() {
      return seen.micros().spread();
    }

    String more() {
      return seen.micros().minus(reference.micros()).signedSpread();
    }

    String ratio() {
      return seen.micros().over(reference.micros()).spread();
    }
  }

  /** What grows. */
  enum Kind {
    CONNECTIONS("connections, one call in flight on each", "1,10,100,1000,10000"),
    INFLIGHT("calls in flight, over at most 40 connections", "1,10,100,1000,10000"),
    PAYLOAD("bytes of the message", "0,64,1024,4096,16384,65536,262144,1048576"),
    LAYERS("layers that do nothing", "0,1,2,4,8,16,32"),
    METAINFO("entries of metainfo", "0,1,4,16,64,128");

    private final String what;
    private final String points;

    Kind(String what, String points) {
      this.what = what;
      this.points = points;
    }

    Options at(int point, Options options) {
      return switch (this) {
        case CONNECTIONS -> options.with("connections", point).with("in-flight", 1);
        case INFLIGHT -> {
          int connections = Math.min(point, MOST_CONNECTIONS_IN_FLIGHT);
          yield options
              .with("connections", connections)
              .with("in-flight", Math.ceilDiv(point, connections))
              .with("calls", point);
        }
        case PAYLOAD -> options.with("size", point);
        case LAYERS -> options.with("layers", point);
        case METAINFO -> options.with("metainfo", point);
      };
    }
  }

  static void run(Kind kind, Options given) throws Exception {
    Options options =
        given
            .with("rounds", given.number("rounds", 3))
            .with("seconds", Double.toString(given.seconds("seconds", 1)));
    String name = options.text("name", "");
    List<Integer> points =
        Arrays.stream(options.text("points", kind.points).split(","))
            .map(Integer::valueOf)
            .toList();
    Sweep sweep = new Sweep(kind);
    String conditions = sweep.measure(points, options);
    Results.publish(name, conditions, sweep.table(), sweep.picture(), sweep.raw());
  }

  private String measure(List<Integer> all, Options options) throws Exception {
    Lineup lineup = Lineup.start(kind.at(all.getFirst(), options), DEFAULT_VARIANTS);
    try {
      lineup.contenders().forEach(each -> variants.add(each.variant.name()));
      for (int point : all) {
        if (kind == Kind.LAYERS && point != all.getFirst()) {
          lineup.close();
          lineup = Lineup.start(kind.at(point, options), DEFAULT_VARIANTS);
        } else if (point != all.getFirst()) {
          lineup.reload(kind.at(point, options));
        }
        lineup.measure();
        points.add(point);
        seen.add(Beside.of(lineup));
        System.out.println(lastRow());
      }
      return lineup.conditions(
          "CPU of a call by " + kind.what + "; else " + Comparison.describe(options));
    } finally {
      lineup.close();
    }
  }

  private String lastRow() {
    return row(points.size() - 1, Beside::price);
  }

  private interface Cell {
    String of(Beside beside);
  }

  private String row(int at, Cell cell) {
    StringBuilder out = new StringBuilder(String.format(Locale.ROOT, "| %,d |", points.get(at)));
    seen.get(at).forEach(each -> out.append(' ').append(cell.of(each)).append(" |"));
    return out.toString();
  }

  private String table() {
    return table("CPU of a call, µs", Beside::price)
        + "\n"
        + table("µs more than the bare echo (or the first) in the same rounds", Beside::more)
        + "\n"
        + table("Ratio to it", Beside::ratio)
        + "\n"
        + table("p99, µs", each -> String.format(Locale.ROOT, "%,.0f", each.seen().p99().median()))
        + "\n"
        + table(
            "calls/s", each -> String.format(Locale.ROOT, "%,.0f", each.seen().rate().median()));
  }

  private String table(String title, Cell cell) {
    StringBuilder out = new StringBuilder(title + " by " + kind.what + ":\n\n| |");
    variants.forEach(variant -> out.append(' ').append(variant).append(" |"));
    out.append("\n|---|").append("---|".repeat(variants.size())).append('\n');
    for (int at = 0; at < points.size(); at++) {
      out.append(row(at, cell)).append('\n');
    }
    return out.toString();
  }

  private String picture() {
    List<LineChart.Line> lines = new ArrayList<>();
    for (int i = 0; i < variants.size(); i++) {
      int variant = i;
      lines.add(
          new LineChart.Line(
              variants.get(i),
              seen.stream().map(each -> each.get(variant).seen().micros()).toList()));
    }
    return LineChart.draw(
        "Server CPU of a call, µs, by " + kind.what,
        points.stream().map(point -> String.format(Locale.ROOT, "%,d", point)).toList(),
        lines);
  }

  private String raw() {
    StringBuilder out = new StringBuilder(Comparison.RAW_HEADING);
    for (int at = 0; at < points.size(); at++) {
      for (int i = 0; i < variants.size(); i++) {
        Beside beside = seen.get(at).get(i);
        Comparison.rounds(
            variants.get(i) + " at " + points.get(at), beside.seen(), beside.reference(), out);
      }
    }
    return out.toString();
  }
}
