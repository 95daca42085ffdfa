package io.volare.benchmarks;

import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * What a process has used so far.
 *
 * @param cpuNanos of all its threads; the system counts in steps of 10 ms
 * @param allocated bytes on the Java heap; 0 where nobody can say
 */
record ProcessFigures(long cpuNanos, long allocated) {
  /** A line to which {@link #answerOn} says how many bytes have been allocated. */
  static final String ALLOCATED = "allocated";

  /** A line to which {@link #answerOn} says how many bytes the heap holds after a collection. */
  static final String HELD = "held";

  static ProcessFigures own() {
    return new ProcessFigures(cpuNanos(ProcessHandle.current()), ownAllocation());
  }

  private static long ownAllocation() {
    return ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean threads
        ? threads.getTotalThreadAllocatedBytes()
        : 0;
  }

  static long cpuNanos(ProcessHandle process) {
    return process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L);
  }

  /** {@return the resident memory of a process in bytes; 0 where there is no /proc} */
  static long residentBytes(long pid) throws java.io.IOException {
    Path status = Path.of("/proc", Long.toString(pid), "status");
    if (!Files.exists(status)) {
      return 0;
    }
    try (var lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("VmRSS:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElse(0);
    }
  }

  private static long held() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** Answers each question that is a line; for {@link ServerProcess}. */
  static void answerOn(InputStream in, PrintStream out) {
    Thread.ofPlatform()
        .daemon()
        .name("figures")
        .start(() -> {
          try (BufferedReader lines =
              new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
              switch (line) {
                case ALLOCATED -> out.println(ownAllocation());
                case HELD -> out.println(held());
                default -> {} // nothing that is asked here
              }
            }
          } catch (java.io.IOException gone) {
            // nobody asks any more
          }
        });
  }

  /** {@return what each of so many calls cost since {@code before}, in words} */
  String since(ProcessFigures before, long calls) {
    return String.format(
        Locale.ROOT,
        "%.2f us CPU and %,.0f B a call",
        (cpuNanos - before.cpuNanos) / 1e3 / calls,
        (double) (allocated - before.allocated) / calls);
  }
}
