package io.volare.benchmarks;

import io.volare.transport.thrift.WireForm;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One server of a comparison.
 *
 * @param name how it is called on the command line and in tables
 * @param form what it is sent
 * @param checkout another checkout whose classes it runs, or empty for these; to compare changes
 * @param command its command and options
 */
record Variant(String name, WireForm form, String checkout, List<String> command) {
  private static final Map<String, List<String>> SERVERS = new LinkedHashMap<>();

  static {
    SERVERS.put("bare", List.of("bare-server"));
    SERVERS.put("inline", List.of("thrift-server", "--mode", "inline"));
    SERVERS.put("virtual", List.of("thrift-server", "--mode", "virtual"));
    SERVERS.put("affine", List.of("thrift-server", "--mode", "affine"));
    SERVERS.put("executor", List.of("thrift-server", "--mode", "executor"));
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
    List<String> command = SERVERS.get(parts[0]);
    if (command == null) {
      throw new IllegalArgumentException(
          "variant: " + name + " (expected: one of " + SERVERS.keySet() + ")");
    }
    command = new ArrayList<>(command);
    boolean apache = parts[0].startsWith("libthrift");
    WireForm form = apache ? WireForm.FRAMED : WireForm.TTHEADER;
    for (int i = 1; i < parts.length; i++) {
      switch (parts[i]) {
        case "framed" -> form = WireForm.FRAMED;
        case "bare" -> form = WireForm.BARE;
        case "nio", "epoll", "io_uring" -> command.addAll(List.of("--loops", parts[i]));
        default ->
            throw new IllegalArgumentException(
                "variant: " + name + " (expected: +framed, +bare, +nio, +epoll or +io_uring)");
      }
    }
    return new Variant(name, form, checkout, command);
  }
}
