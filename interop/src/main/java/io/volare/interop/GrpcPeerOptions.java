package io.volare.interop;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The command line of every gRPC peer.
 *
 * @param role server or client
 * @param host where the server is
 * @param port where to listen, or where the server is
 * @param cases what a client runs, separated by commas
 * @param soakCalls how many calls a soak makes in all
 * @param soakThreads how many threads make them
 */
record GrpcPeerOptions(
    String role, String host, int port, String cases, int soakCalls, int soakThreads) {
  private static final Set<String> KNOWN = Set.of("--host", "--port", "--case");

  /**
   * Options with {@code =} are those of the official suites; what they say beyond these is theirs.
   */
  static GrpcPeerOptions parse(String... args) {
    Map<String, String> values = new HashMap<>();
    for (int i = 1; i < args.length; i++) {
      int equals = args[i].indexOf('=');
      if (equals > 0) {
        values.put(args[i].substring(0, equals), args[i].substring(equals + 1));
      } else {
        values.put(known(args[i]), value(args, ++i));
      }
    }
    return new GrpcPeerOptions(
        args[0],
        values.getOrDefault("--host", "127.0.0.1"),
        Integer.parseInt(values.getOrDefault("--port", "0")),
        values.getOrDefault("--case", ""),
        Integer.parseInt(values.getOrDefault("--soak_iterations", "160")),
        Integer.parseInt(values.getOrDefault("--soak_num_threads", "8")));
  }

  private static String known(String option) {
    if (!KNOWN.contains(option)) {
      throw new IllegalArgumentException(
          "argument: " + option + " (expected: --host, --port, --case or --soak_…=…)");
    }
    return option;
  }

  private static String value(String[] args, int i) {
    if (i == args.length) {
      throw new IllegalArgumentException(args[i - 1] + ": nothing follows (expected: a value)");
    }
    return args[i];
  }
}
