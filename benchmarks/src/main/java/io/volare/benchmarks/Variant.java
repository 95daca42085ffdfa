package io.volare.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One server of a comparison.
 *
 * @param name how it is called on the command line and in tables
 * @param protocol what it is sent
 * @param checkout another checkout whose classes it runs, or empty for these; to compare changes
 * @param command its command and options: of {@link Benchmarks}, of another class where it begins
 *     with {@code -cp}, otherwise of another program
 */
record Variant(String name, Protocol protocol, String checkout, List<String> command) {
  private static final Map<String, List<String>> SERVERS = new LinkedHashMap<>();

  static {
    SERVERS.put("bare", List.of("bare-server"));
    SERVERS.put("bare-h2", List.of("bare-h2-server"));
    for (Hosting.Mode each : Hosting.Mode.values()) {
      String mode = each.name().toLowerCase(Locale.ROOT);
      SERVERS.put(mode, List.of("thrift-server", "--mode", mode));
      SERVERS.put("grpc-" + mode, List.of("grpc-server", "--mode", mode));
    }
    SERVERS.put("libthrift-selector", List.of("libthrift-server", "--mode", "selector"));
    SERVERS.put("libthrift-workers", List.of("libthrift-server", "--mode", "workers"));
    SERVERS.put("libthrift-pool", List.of("libthrift-server", "--mode", "pool"));
  }

  /**
   * {@return what {@code name} stands for: a server, {@code +framed} or {@code +bare} unless it is
   * sent TTHeader, {@code +nio} or {@code +io_uring} unless it uses the default loops, and
   * {@code @checkout}}
   */
  static Variant of(String name) {
    int at = name.indexOf('@');
    String checkout = at < 0 ? "" : name.substring(at + 1);
    String[] parts = (at < 0 ? name : name.substring(0, at)).split("\\+");
    List<String> command = new ArrayList<>(command(parts[0]));
    Protocol protocol = protocol(parts[0]);
    for (int i = 1; i < parts.length; i++) {
      switch (parts[i]) {
        case "framed" -> protocol = Protocol.FRAMED;
        case "bare" -> protocol = Protocol.BARE;
        case "nio", "epoll", "io_uring" -> command.addAll(List.of("--loops", parts[i]));
        default ->
            throw new IllegalArgumentException(
                "variant: " + name + " (expected: +framed, +bare, +nio, +epoll or +io_uring)");
      }
    }
    return new Variant(name, protocol, checkout, command);
  }

  /** {@return how to start a server: one of ours, or what benchmarks/run says of a foreign one} */
  private static List<String> command(String server) {
    List<String> ours = SERVERS.get(server);
    String foreign = System.getProperty("variant." + server);
    if (ours == null && foreign == null) {
      throw new IllegalArgumentException(
          "variant: "
              + server
              + " (expected: one of "
              + SERVERS.keySet()
              + " or of those that benchmarks/run builds)");
    }
    return ours != null ? ours : List.of(foreign.split("\n"));
  }

  /** {@return the same with layers that do nothing, where it is a server of Volare's} */
  Variant withLayers(int count) {
    if (count == 0 || !command.getFirst().matches("(thrift|grpc)-server")) {
      return this;
    }
    List<String> more = new ArrayList<>(command);
    more.addAll(List.of("--layers", Integer.toString(count)));
    return new Variant(name, protocol, checkout, more);
  }

  boolean isGrpc() {
    return protocol == Protocol.GRPC;
  }

  boolean isForeign() {
    return !SERVERS.containsKey(name.split("[+@]")[0]);
  }

  private static Protocol protocol(String server) {
    if (server.contains("grpc") || server.equals("bare-h2")) {
      return Protocol.GRPC;
    }
    return server.startsWith("libthrift") ? Protocol.FRAMED : Protocol.TTHEADER;
  }
}
