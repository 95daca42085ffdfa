package io.volare.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** On what the figures were taken, and of which versions: benchmarks/run says them. */
final class Machine {
  private Machine() {}

  static String describe() throws IOException {
    return "%s, %s %s, %s %s; %s"
        .formatted(
            processor(),
            System.getProperty("os.name"),
            System.getProperty("os.version"),
            System.getProperty("java.vm.name"),
            System.getProperty("java.runtime.version"),
            System.getProperty("versions", "no versions told"));
  }

  private static String processor() throws IOException {
    Path info = Path.of("/proc/cpuinfo");
    if (!Files.exists(info)) {
      return System.getProperty("os.arch");
    }
    var models =
        Files.readAllLines(info).stream()
            .filter(line -> line.startsWith("model name"))
            .map(line -> line.substring(line.indexOf(':') + 1).strip())
            .toList();
    return models.isEmpty()
        ? System.getProperty("os.arch")
        : models.size() + " x " + models.getFirst();
  }
}
