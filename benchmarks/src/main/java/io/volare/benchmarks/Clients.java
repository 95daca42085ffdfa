package io.volare.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a call costs at the client: clients take turns in this process, against a bare server in
 * another. The processor time is this whole process's.
 */
final class Clients implements AutoCloseable {
  private final List<Client> clients = new ArrayList<>();
  private final ServerProcess server;

  private Clients(ServerProcess server) {
    this.server = server;
  }

  /** One client and what it took. */
  private record Client(String name, Load load, Seen seen) {
    void measure(double seconds) throws Exception {
      ProcessFigures before = ProcessFigures.own();
      LoadResult result = load.run(seconds);
      seen.add(result, before, ProcessFigures.own());
    }
  }

  static void run(Options given) throws Exception {
    String name = given.text("name", "");
    Protocol protocol = given.choice("protocol", Protocol.TTHEADER);
    int connections = given.number("connections", 4);
    int inFlight = given.number("in-flight", 25);
    String flags = given.text("server-jvm", Lineup.SERVER_FLAGS);
    Variant bare = Variant.of(protocol == Protocol.GRPC ? "bare-h2" : "bare");
    Options options =
        given
            .with("connections", connections)
            .with("in-flight", inFlight)
            .with("concurrency", connections * inFlight)
            .with("protocol", protocol.name());
    try (Clients clients =
        new Clients(
            ServerProcess.start(
                bare, options.text("server-cpu", "0"), Arrays.asList(flags.split(" "))))) {
      clients.open(protocol, options.with("port", clients.server.port()));
      clients.measure(options);
      String load =
          String.format(
              Locale.ROOT,
              "%s, %d connections x %d in flight, %d B",
              protocol.name().toLowerCase(Locale.ROOT),
              connections,
              inFlight,
              options.number("size", 1024));
      clients.publish(name, load);
    }
  }

  private void open(Protocol protocol, Options options) throws Exception {
    add("bare", FrameLoad.open(options));
    if (protocol == Protocol.GRPC) {
      add("volare-grpc", BlockingLoad.grpc(options));
      add("volare-grpc-affine", BlockingLoad.grpc(options.with("callers", "affine")));
      return;
    }
    Options sharing =
        options.with("multiplexed", options.number("in-flight", 1) > 1 ? "yes" : "no");
    add("volare", BlockingLoad.volare(sharing));
    add("volare-affine", BlockingLoad.volare(sharing.with("callers", "affine")));
    if (protocol == Protocol.FRAMED) {
      add("libthrift", BlockingLoad.libthrift(options));
    }
  }

  private void add(String name, Load load) {
    clients.add(new Client(name, load, Seen.nothing()));
  }

  private void measure(Options options) throws Exception {
    double seconds = options.seconds("seconds", 1.5);
    double warmup = options.seconds("warmup", 4);
    int rounds = options.number("rounds", 7);
    options.requireAllKnown();
    for (Client client : clients) {
      client.load.run(warmup);
    }
    for (int round = 0; round < rounds; round++) {
      List<Client> order = round % 2 == 0 ? clients : clients.reversed();
      for (Client client : order) {
        client.measure(seconds);
      }
    }
  }

  private void publish(String name, String load) throws IOException {
    Seen bare = clients.getFirst().seen;
    StringBuilder table =
        new StringBuilder(
            "| client | CPU of a call, µs | µs more | ratio | calls/s | p50 µs | p99 µs | heap B |\n"
                + "|---|---|---|---|---|---|---|---|\n");
    StringBuilder raw = new StringBuilder(Comparison.RAW_HEADING);
    for (Client each : clients) {
      Seen seen = each.seen;
      Comparison.rounds(each.name, seen, bare, raw);
      table.append(
          String.format(
              Locale.ROOT,
              "| %s | %s | %s | %s | %,.0f | %.0f | %.0f | %,.0f |\n",
              each.name,
              seen.micros().spread(),
              seen.micros().minus(bare.micros()).signedSpread(),
              seen.micros().over(bare.micros()).spread(),
              seen.rate().median(),
              seen.p50().median(),
              seen.p99().median(),
              seen.heap().median()));
    }
    Results.publish(
        name,
        "Clients against a bare server: %s; %s.\n%s.\n"
            .formatted(load, MedianBounds.of(bare.micros().count()).inWords(), Machine.describe()),
        table.toString(),
        BarChart.draw(
            "Client CPU of a call, µs: " + load,
            clients.stream().map(each -> BarChart.Bar.of(each.name, each.seen.micros())).toList()),
        raw.toString());
  }

  @Override
  public void close() throws Exception {
    for (Client client : clients) {
      client.load.close();
    }
    server.close();
  }
}
