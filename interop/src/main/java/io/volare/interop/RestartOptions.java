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
    Arguments given = Arguments.parse(List.of(args), List.of("--restarts", "--calls", "--rate"));
    int restarts = given.number("--restarts", 20);
    int calls = given.number("--calls", 100_000);
    int rate = given.number("--rate", 1_000);
    return new RestartOptions(restarts, calls, rate, kinds);
  }

  Duration lasts() {
    return Duration.ofMillis(1_000L * calls / rate);
  }
}
