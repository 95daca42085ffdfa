package io.volare.benchmarks;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One server in a process of its own, its load, and what was seen of it. Not thread-safe. */
final class Contender implements AutoCloseable {
  private static final long LONGEST_PAUSE_NANOS = 8_000_000_000L;
  private static final double TOUCH_SECONDS = 0.01;

  final Variant variant;
  final ServerProcess server;
  private Options options;
  private @Nullable Load load;
  private Seen seen = Seen.nothing();
  private long lastUsed;

  private Contender(Variant variant, ServerProcess server, Options options) {
    this.variant = variant;
    this.server = server;
    this.options = options;
  }

  /** Starts a server; its load opens with the first call. */
  static Contender start(Variant variant, String processor, List<String> flags, Options options)
      throws IOException {
    return new Contender(variant, ServerProcess.start(variant, processor, flags), options);
  }

  /** Gives the server another load, and forgets what was seen. */
  void reload(Options other) throws Exception {
    rest();
    options = other;
    seen = Seen.nothing();
  }

  /** Closes the connections; the next call opens them again. */
  void rest() throws Exception {
    if (load != null) {
      load.close();
      load = null;
    }
  }

  LoadResult load(double seconds) throws Exception {
    try {
      LoadResult result = open().run(seconds);
      lastUsed = System.nanoTime();
      return result;
    } catch (IllegalStateException wrong) {
      throw new IllegalStateException(
          "variant " + variant.name() + ": " + wrong.getMessage(), wrong);
    }
  }

  /** Opens the connections if they are not open. */
  Load open() throws InterruptedException {
    if (load == null) {
      load =
          FrameLoad.open(
              options
                  .with("port", server.port())
                  .with("protocol", variant.protocol().name())
                  .with("in-flight", options.text("in-flight", "25"))
                  .with("connections", options.text("connections", "4")));
    }
    return load;
  }

  /** Makes a call on each connection if there was none for long: servers close what is idle. */
  void stayAwake() throws Exception {
    if (load != null && System.nanoTime() - lastUsed > LONGEST_PAUSE_NANOS) {
      load(TOUCH_SECONDS);
    }
  }

  void measure(double seconds) throws Exception {
    if (load == null) {
      load(TOUCH_SECONDS);
    }
    ProcessFigures before = server.figures();
    LoadResult result = load(seconds);
    seen.add(result, before, server.figures());
  }

  /** {@return what was seen under the load that it has now} */
  Seen seen() {
    return seen;
  }

  @Override
  public void close() throws Exception {
    rest();
    server.close();
  }
}
