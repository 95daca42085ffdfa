package io.volare.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.volare.benchmarks.AllocationProbe.Operation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What codecs, layers and calls leave on the heap: README.md tells each figure. */
class AllocationTest {
  /** The reader and Netty's view for one copy: see docs/decisions/0070. */
  private static final int READING = 120;

  /** The writer. */
  private static final int WRITING = 40;

  /**
   * What another JDK may lay out in another way, or a JIT compiler leave that mostly removes it.
   */
  private static final int MARGIN = 48;

  private static final int ROUNDS = 100;
  private static final double ROUND_SECONDS = 0.2;

  static Stream<Arguments> operations() {
    return Stream.of(
        Arguments.of(Operation.READ_WIDE, wide() + READING),
        Arguments.of(Operation.WRITE_WIDE, WRITING),
        Arguments.of(Operation.READ_ECHO, echo() + READING),
        Arguments.of(Operation.WRITE_ECHO, WRITING),
        Arguments.of(Operation.RECOMMENDED_STACK, 560 + MARGIN),
        Arguments.of(Operation.CALL_BEHIND_IT, 608 + MARGIN));
  }

  /** {@return bytes of the struct of 20 fields: 4 long, 3 double, 4 int, 5 references, 5 bytes} */
  private static int wide() {
    return aligned(12 + 7 * 8 + 4 * 4 + 5 * 4 + 5)
        + Stream.of(
                "Ada Lovelace",
                "London",
                "ada.lovelace@example.org",
                "en-GB",
                "The first to see that it is not about numbers only.")
            .mapToInt(text -> string(text.length()))
            .sum();
  }

  /** {@return bytes of the echo's arguments: a reference to a request, which has two} */
  private static int echo() {
    return aligned(12 + 4) + aligned(12 + 2 * 4) + string("echo".length()) + string(1024);
  }

  private static int string(int characters) {
    return 24 + aligned(16 + characters);
  }

  private static int aligned(int bytes) {
    return bytes + 7 & ~7;
  }

  @ParameterizedTest
  @MethodSource("operations")
  void anOperationLeavesNoMoreThanItHasTo(Operation operation, int bytes) throws Exception {
    assertThat(measured(operation, bytes)).isLessThanOrEqualTo(bytes);
  }

  private static long measured(Operation operation, int enough) throws Exception {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx256m",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            AllocationProbe.class.getName(),
            operation.name(),
            Integer.toString(enough));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(output).contains("BYTES ");
      return Long.parseLong(output.replaceAll("(?s).*BYTES (\\d+).*", "$1"));
    } finally {
      process.destroyForcibly();
    }
  }

  /**
   * Of 1 KiB over TTHeader; how many of them share what Netty makes for a read is left to chance.
   */
  @ParameterizedTest
  @CsvSource({"inline, 2000", "affine, 2500", "virtual, 2500"})
  void aCallLeavesNoMoreAtItsServerThanItHasTo(String mode, int bytes) throws Exception {
    List<String> flags = Arrays.asList(Lineup.SERVER_FLAGS.split(" "));
    try (Contender server = Contender.start(Variant.of(mode), "", flags, Options.of())) {
      double least = Double.MAX_VALUE;
      for (int round = 0; round < ROUNDS && least > bytes; round++) {
        server.measure(ROUND_SECONDS);
        least = Math.min(least, server.seen().heap().at(round));
      }

      assertThat(least).isLessThanOrEqualTo(bytes);
    }
  }
}
