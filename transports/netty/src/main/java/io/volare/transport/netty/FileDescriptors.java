package io.volare.transport.netty;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How many files and sockets this process may have open, and how many of them connections may be.
 * Immutable.
 *
 * @param limit the process's soft limit; {@link #UNKNOWN} where nothing says so
 * @param open how many were open when that was looked at
 */
record FileDescriptors(long limit, long open) {
  /** No limit that anybody knows of. */
  static final long UNKNOWN = Long.MAX_VALUE;

  private static final Path LIMITS = Path.of("/proc/self/limits");
  private static final Path OPEN = Path.of("/proc/self/fd");
  private static final Pattern SOFT = Pattern.compile("(?m)^Max open files\\s+(\\d+)\\s");
  private static final long LEAST_SPARE = 32;
  private static final long MOST_SPARE = 1_000;

  /** {@return those of this process now} Known on Linux. */
  static FileDescriptors now() {
    try (Stream<Path> open = Files.list(OPEN)) {
      return new FileDescriptors(softLimit(Files.readString(LIMITS)), open.count());
    } catch (IOException | RuntimeException notLinux) {
      return new FileDescriptors(UNKNOWN, 0);
    }
  }

  /** {@return the limit that a file in the form of {@code /proc/self/limits} tells} */
  static long softLimit(String limits) {
    Matcher soft = SOFT.matcher(limits);
    return soft.find() ? Long.parseLong(soft.group(1)) : UNKNOWN;
  }

  /** {@return those left to files, clients, and to connections that are closed as they come} */
  private long spare() {
    return Math.clamp(limit / 10, LEAST_SPARE, MOST_SPARE);
  }

  /** {@return how many connections a port may have that would have {@code wanted}; one at least} */
  int connections(int wanted) {
    return limit == UNKNOWN ? wanted : Math.clamp(limit - open - spare(), 1, wanted);
  }

  /**
   * {@return the first descriptor that leaves too few} The kernel hands out the lowest number that
   * is free, so a higher one tells how many are in use, by whomever.
   */
  long tooHigh() {
    return limit == UNKNOWN ? UNKNOWN : Math.max(limit - spare() / 2, 1);
  }

  @Override
  public String toString() {
    return "%,d file descriptors, of which %,d are open".formatted(limit, open);
  }
}
