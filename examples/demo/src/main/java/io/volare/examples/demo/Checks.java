package io.volare.examples.demo;

import java.util.ArrayList;
import java.util.List;

/** What the demo has proved so far. */
final class Checks {
  private final List<String> lines = new ArrayList<>();
  private boolean failed;

  void check(String claim, boolean holds, Object evidence) {
    failed |= !holds;
    lines.add((holds ? "  proved   " : "  FAILED   ") + claim + "  [" + evidence + "]");
  }

  boolean failed() {
    return failed;
  }

  void print() {
    System.out.println("\nWhat was proved");
    lines.forEach(System.out::println);
  }
}
