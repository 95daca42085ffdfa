package io.volare.examples.customstack;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CustomStackTest {
  private static List<String> printed(String... arguments) throws Exception {
    PrintStream console = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      CustomStack.main(arguments);
    } finally {
      System.setOut(console);
    }
    return printed.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void mainPrintsItsStackCallsThroughItAndIsRefusedWhereItIsWrong() throws Exception {
    assertThat(printed("audited"))
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .isEqualTo(
                        "client: shop > Audit > Timeout[2000 ms] > Retry[3 attempts, 10 % and 1.0/s]? >"
                            + " Discovery[static] > Timeout[800 ms an attempt] > stock"),
            line ->
                assertThat(line).endsWith("[Stock] on virtual threads behind ConcurrencyLimit[64]"),
            line -> assertThat(line).matches("journal: Stock/count at 127.0.0.1:\\d+ answered"),
            line -> assertThat(line).isEqualTo("apples: 5"),
            line ->
                assertThat(line)
                    .startsWith("the other way round: Retry[3 attempts, 10 % and 1.0/s] stands")
                    .contains("its limit covers all attempts together"),
            line ->
                assertThat(line)
                    .startsWith("on an event loop: ConcurrencyLimit[64] may block or interrupt"));
  }

  @Test
  void aLayerThatIsAbsentLeavesNoTrace() throws Exception {
    assertThat(printed())
        .noneMatch(line -> line.contains("Audit") || line.startsWith("journal"))
        .contains("apples: 5");
  }
}
