package io.volare.benchmarks;

import java.util.List;

/** One server in a process of its own, its load, and what was seen of it. Not thread-safe. */
final class Contender implements AutoCloseable {
  private static final long LONGEST_PAUSE_NANOS = 8_000_000_000L;
  private static final double TOUCH_SECONDS = 0.01;

  final Variant variant;
  final ServerProcess server;
  final Samples micros = new Samples();
  final Samples rate = new Samples();
  final Samples busy = new Samples();
  final Samples heap = new Samples();
  final Samples p50 = new Samples();
  final Samples p99 = new Samples();
  final Samples p999 = new Samples();
  private final Load load;
  private long lastUsed;

  private Contender(Variant variant, ServerProcess server, Load load) {
    this.variant = variant;
    this.server = server;
    this.load = load;
  }

  /** Starts a server and opens the connections of its load. */
  static Contender start(Variant variant, String processor, List<String> flags, Options options)
      throws Exception {
    ServerProcess server = ServerProcess.start(variant, processor, flags);
    try {
      Load load =
          FrameLoad.open(
              options
                  .with("port", Integer.toString(server.port()))
                  .with("protocol", variant.protocol().name())
                  .with("in-flight", options.text("in-flight", "25"))
                  .with("connections", options.text("connections", "4")));
      return new Contender(variant, server, load);
    } catch (Exception refused) {
      server.close();
      throw new IllegalStateException("variant " + variant.name() + ": " + refused, refused);
    }
  }

  LoadResult load(double seconds) throws Exception {
    try {
      LoadResult result = load.run(seconds);
      lastUsed = System.nanoTime();
      return result;
    } catch (IllegalStateException wrong) {
      throw new IllegalStateException(
          "variant " + variant.name() + ": " + wrong.getMessage(), wrong);
    }
  }

  /** Makes a call on each connection if there was none for long: servers close what is idle. */
  void stayAwake() throws Exception {
    if (System.nanoTime() - lastUsed > LONGEST_PAUSE_NANOS) {
      load(TOUCH_SECONDS);
    }
  }

  void measure(double seconds) throws Exception {
    ProcessFigures before = server.figures();
    LoadResult result = load(seconds);
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
