package io.volare.integrations.junit;

import java.util.List;

/** Stands among the suppressed exceptions of a failed test and says what was called. */
final class CallsOfThisTest extends Exception {
  private static final long serialVersionUID = 1;

  CallsOfThisTest(List<String> outcomes) {
    super(
        outcomes.isEmpty()
            ? "the test made no call that ended"
            : "the calls of the test, in the order of their end:\n    "
                + String.join("\n    ", outcomes),
        null,
        true,
        false);
  }
}
