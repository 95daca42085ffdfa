package io.volare.interop;

import java.time.Duration;
import java.util.List;

/**
 * What {@link Restarts} shall do.
 *
 * @param restarts how many, in turn over both servers
 * @param calls at least so many of each kind of connection
 * @param rate calls per second of each kind of connection
 * @param kinds the kinds of connections
 */
record RestartOptions(int restarts, int calls, int rate, List<String> kinds) {
  static final List<String> THRIFT =
      List.of("ttheaderframed", "ttheaderframed+mux", "framed", "bare");
  static final List<String> GRPC = List.of("grpc", "grpc-stream");

  static RestartOptions parse(List<String> kinds, String... args) {
    int restarts = 20;
    int calls = 100_000;
    int rate = 1_000;
    for (int i = 0; i + 1 < args.length; i += 2) {
      int value = Integer.parseInt(args[i + 1]);
      switch (args[i]) {
        case "--restarts" -> restarts = value;
        case "--calls" -> calls = value;
        case "--rate" -> rate = value;
        default ->
            throw new IllegalArgumentException(
                "argument: " + args[i] + " (expected: --restarts, --calls or --rate)");
      }
    }
    return new RestartOptions(restarts, calls, rate, kinds);
  }

  Duration lasts() {
    return Duration.ofMillis(1_000L * calls / rate);
  }
}
