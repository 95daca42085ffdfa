package io.volare.interop;

import java.util.HashMap;
import java.util.Map;

/**
 * The command line of every gRPC peer.
 *
 * @param role server or client
 * @param host where the server is
 * @param port where to listen, or where the server is
 * @param cases what a client runs, separated by commas
 * @param tls whether the connection is encrypted
 * @param certs the folder of {@code ca.pem}, {@code server1.pem} and {@code server1.key}
 * @param soakCalls how many calls a soak makes in all
 * @param soakThreads how many threads make them
 */
record GrpcPeerOptions(
    String role,
    String host,
    int port,
    String cases,
    boolean tls,
    String certs,
    int soakCalls,
    int soakThreads) {
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
        values.put(args[i], args[i].equals("--tls") ? "yes" : value(args, ++i));
      }
    }
    return new GrpcPeerOptions(
        args[0],
        values.getOrDefault("--host", "127.0.0.1"),
        Integer.parseInt(values.getOrDefault("--port", "0")),
        values.getOrDefault("--case", ""),
        values.containsKey("--tls"),
        values.getOrDefault("--certs", "."),
        Integer.parseInt(values.getOrDefault("--soak_iterations", "160")),
        Integer.parseInt(values.getOrDefault("--soak_num_threads", "8")));
  }

  private static String value(String[] args, int i) {
    if (i == args.length) {
      throw new IllegalArgumentException(args[i - 1] + ": nothing follows (expected: a value)");
    }
    return args[i];
  }
}
