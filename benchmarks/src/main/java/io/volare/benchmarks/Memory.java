package io.volare.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * What a server holds for connections that do nothing, and for streams that wait: after some calls
 * to warm it up, so many connections are opened with one call on each; then, on a server of their
 * own that has served streams, 100 streams on each of some connections, of which one message came
 * and went. Servers are looked at one after another.
 */
final class Memory {
  private static final int STREAMS_OF_A_CONNECTION = 100;
  private static final int MESSAGES_OF_A_STREAM = 20;
  private static final int MESSAGE_BYTES = 16;
  private static final long SETTLED_MILLIS = 500;

  private final Options options;
  private final List<String> flags;
  private final StringBuilder table = new StringBuilder();
  private final StringBuilder raw = new StringBuilder("server,what,count,heap_b,resident_b\n");
  private final List<BarChart.Bar> bars = new ArrayList<>();

  private Memory(Options options, String flags) {
    this.options = options;
    this.flags = Arrays.asList(flags.split(" "));
  }

  static void run(Options options) throws Exception {
    String name = options.text("name", "");
    int connections = options.number("connections", 5_000);
    int streams = options.number("streams", 5_000);
    String flags = options.text("server-jvm", Lineup.SERVER_FLAGS);
    Memory memory = new Memory(options, flags);
    memory.table.append(
        "| server | heap of a connection, KiB | resident of a connection, KiB |"
            + " heap of a stream, KiB | resident of a stream, KiB |\n|---|---|---|---|---|\n");
    for (String variant : options.text("variants", "bare-h2,grpc-default,grpc-inline").split(",")) {
      memory.look(Variant.of(variant), connections, streams);
    }
    Results.publish(
        name,
        String.format(
            Locale.ROOT,
            "Memory of %,d idle connections and of %,d open streams.\n%s, server flags `%s`.\n",
            connections,
            streams,
            Machine.describe(),
            flags),
        memory.table.toString(),
        BarChart.draw("Resident memory of an idle connection, KiB", memory.bars),
        memory.raw.toString());
  }

  /**
   * What a server holds.
   *
   * @param heap bytes that live on its heap; 0 where nobody can say
   */
  private record Held(long heap, long resident) {
    static Held of(ServerProcess server) throws IOException, InterruptedException {
      Thread.sleep(SETTLED_MILLIS);
      long heap = server.heldBytes();
      return new Held(heap, server.residentBytes());
    }

    Held since(Held before) {
      return new Held(heap - before.heap, resident - before.resident);
    }
  }

  private void look(Variant variant, int connections, int streams) throws Exception {
    Options idle = options.with("in-flight", 1).with("connections", connections);
    Held connected = held(variant, options.with("connections", 1), idle);
    note(variant, "connections", connections, connected);
    bars.add(bar(variant.name(), connected, connections));
    Held streaming = new Held(0, 0);
    if (variant.isGrpc()) {
      Options few =
          options
              .with("connections", Math.ceilDiv(streams, STREAMS_OF_A_CONNECTION))
              .with("in-flight", STREAMS_OF_A_CONNECTION)
              .with("call", "both") // streams that wait in compiled code hold less
              .with("messages", MESSAGES_OF_A_STREAM);
      streaming = held(variant, few, few.with("call", "hold"));
      note(variant, "streams", streams, streaming);
    }
    table.append(
        String.format(
            Locale.ROOT,
            "| %s | %s | %s | %s | %s |\n",
            variant.name(),
            kibibytes(connected.heap, connections),
            kibibytes(connected.resident, connections),
            kibibytes(streaming.heap, streams),
            kibibytes(streaming.resident, streams)));
  }

  /** {@return what a server holds more when, after one load, it is under another one} */
  private Held held(Variant variant, Options first, Options then) throws Exception {
    Options small = first.with("size", MESSAGE_BYTES);
    try (Contender server =
        Contender.start(variant, options.text("server-cpu", "0"), flags, small)) {
      server.load(options.seconds("warmup", 3));
      options.requireAllKnown();
      Held before = Held.of(server.server);
      server.reload(then.with("size", MESSAGE_BYTES));
      server.load(0);
      return Held.of(server.server).since(before);
    }
  }

  private void note(Variant variant, String what, int count, Held held) {
    raw.append(
        String.format(
            Locale.ROOT,
            "%s,%s,%d,%d,%d\n",
            variant.name(),
            what,
            count,
            held.heap,
            held.resident));
  }

  private static BarChart.Bar bar(String name, Held held, int count) {
    double value = Math.max(0, held.resident / 1024.0 / count);
    return new BarChart.Bar(name, value, value, value);
  }

  private static String kibibytes(long bytes, int count) {
    return bytes == 0 ? "" : String.format(Locale.ROOT, "%.1f", bytes / 1024.0 / count);
  }
}
