package io.volare.interop;

import io.volare.transport.netty.TlsClientConfig;
import io.volare.transport.netty.TlsIdentity;
import io.volare.transport.netty.TlsServerConfig;
import io.volare.transport.netty.TlsTrust;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The command line of every gRPC peer.
 *
 * @param role server or client
 * @param host where the server is
 * @param port where to listen, or where the server is
 * @param certificates the folder of the suites' key material, or null for clear text
 * @param web whether a server answers gRPC-Web too
 * @param cases what a client runs, separated by commas
 * @param soakCalls how many calls a soak makes in all
 * @param soakThreads how many threads make them
 */
record GrpcPeerOptions(
    String role,
    String host,
    int port,
    @Nullable Path certificates,
    boolean web,
    String cases,
    int soakCalls,
    int soakThreads) {
  private static final Set<String> KNOWN = Set.of("--host", "--port", "--certs", "--case");

  /** The host that the certificate of all suites names. */
  private static final String SERVER_NAME = "foo.test.google.fr";

  /**
   * Options with {@code =} are those of the official suites; what they say beyond these is theirs.
   */
  static GrpcPeerOptions parse(String... args) {
    Map<String, String> values = new HashMap<>();
    for (int i = 1; i < args.length; i++) {
      int equals = args[i].indexOf('=');
      if (args[i].equals("--tls") || args[i].equals("--web")) {
        values.put(args[i], "");
      } else if (equals > 0) {
        values.put(args[i].substring(0, equals), args[i].substring(equals + 1));
      } else {
        values.put(known(args[i]), value(args, ++i));
      }
    }
    return new GrpcPeerOptions(
        args[0],
        values.getOrDefault("--host", "127.0.0.1"),
        number(values, "--port", 0),
        certificates(values),
        values.containsKey("--web"),
        values.getOrDefault("--case", ""),
        number(values, "--soak_iterations", 160),
        number(values, "--soak_num_threads", 8));
  }

  private static int number(Map<String, String> values, String name, int otherwise) {
    return Arguments.number(name, values.getOrDefault(name, Integer.toString(otherwise)), 0);
  }

  private static @Nullable Path certificates(Map<String, String> values) {
    if (!values.containsKey("--tls")) {
      return null;
    }
    String folder = values.get("--certs");
    if (folder == null) {
      throw new IllegalArgumentException("--tls: no --certs FOLDER with it (expected: one)");
    }
    return Path.of(folder);
  }

  /** {@return what a server shows, or null for clear text} */
  @Nullable TlsServerConfig serverTls() {
    return certificates == null
        ? null
        : TlsServerConfig.of(
            TlsIdentity.pem(
                certificates.resolve("server1.pem"), certificates.resolve("server1.key")));
  }

  /** {@return whom a client believes, or null for clear text} */
  @Nullable TlsClientConfig clientTls() {
    return certificates == null
        ? null
        : TlsClientConfig.of(TlsTrust.pem(certificates.resolve("ca.pem")))
            .withServerName(SERVER_NAME);
  }

  private static String known(String option) {
    if (!KNOWN.contains(option)) {
      throw new IllegalArgumentException(
          "argument: "
              + option
              + " (expected: --host, --port, --tls, --certs, --web, --case or --soak_…=…)");
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
