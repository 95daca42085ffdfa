package io.volare.examples.trace;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class TraceTest {
  @Test
  void mainPrintsOneTreeWithEveryHopAndTheFork() throws Exception {
    PrintStream console = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      Trace.main(new String[0]);
    } finally {
      System.setOut(console);
    }
    List<String> lines = printed.toString(StandardCharsets.UTF_8).lines().toList();

    assertThat(lines.getFirst()).isEqualTo("5 x apple at 12.50");
    assertThat(lines.get(1)).matches("trace [0-9a-f]{32}");
    assertThat(childrenAndParents(lines.subList(2, lines.size())))
        .containsExactlyInAnyOrder(
            "Orders/place client < nothing",
            "Orders/place server < Orders/place client",
            "Inventory/count client < Orders/place server",
            "Inventory/count server < Inventory/count client",
            "Warehouse/look client < Inventory/count server",
            "Warehouse/look server < Warehouse/look client",
            "Prices/price client < Orders/place server",
            "Prices/price server < Prices/price client");
  }

  /** Each span with its parent, by how far the lines are indented. */
  private static List<String> childrenAndParents(List<String> lines) {
    List<String> found = new ArrayList<>();
    Deque<String> parents = new ArrayDeque<>(List.of("nothing"));
    for (String line : lines) {
      int depth = (line.length() - line.stripLeading().length()) / 2;
      while (parents.size() > depth) {
        parents.pop();
      }
      String span = line.strip().replaceAll(" +[0-9.]+ ms", "").replaceAll(" +", " ");
      found.add(span + " < " + parents.peek());
      parents.push(span);
    }
    return found;
  }
}
