package io.volare.layers.discovery;

import java.time.Duration;

/**
 * When a failing instance is left out, and for how long. Immutable; each {@code with} method
 * returns a copy.
 *
 * @param failuresInARow failures one after another that eject
 * @param failurePercent share of failures in the window that ejects, in percent
 * @param leastCalls calls in the window before the share counts
 * @param window calls that are remembered of each instance
 * @param ejectFor how long the first ejection lasts; each further one twice as long
 * @param ejectAtMost how long an ejection lasts at most
 * @param mostEjectedPercent share of the instances that may be left out at a time, in percent
 * @param probation successes after which a returned instance is trusted again; one failure before
 *     that ejects it
 */
public record EjectionConfig(
    int failuresInARow,
    float failurePercent,
    int leastCalls,
    int window,
    Duration ejectFor,
    Duration ejectAtMost,
    int mostEjectedPercent,
    int probation) {
  /**
   * 5 in a row, or 20 % of at least 10 in the last 100; 5 s to 5 min; half of them; 5 successes.
   */
  public static final EjectionConfig DEFAULT =
      new EjectionConfig(5, 20, 10, 100, Duration.ofSeconds(5), Duration.ofMinutes(5), 50, 5);

  /** Checks the numbers. */
  public EjectionConfig {
    atLeastOne("failuresInARow", failuresInARow);
    atLeastOne("leastCalls", leastCalls);
    atLeastOne("window", window);
    atLeastOne("probation", probation);
    if (!(failurePercent > 0 && failurePercent <= 100)) {
      throw new IllegalArgumentException(
          "failurePercent: " + failurePercent + " (expected: > 0, <= 100)");
    }
    if (mostEjectedPercent < 0 || mostEjectedPercent > 100) {
      throw new IllegalArgumentException(
          "mostEjectedPercent: " + mostEjectedPercent + " (expected: 0..100)");
    }
    if (!ejectFor.isPositive() || ejectAtMost.compareTo(ejectFor) < 0) {
      throw new IllegalArgumentException(
          "ejectFor: "
              + ejectFor
              + ", ejectAtMost: "
              + ejectAtMost
              + " (expected: 0 < ejectFor <= ejectAtMost)");
    }
  }

  private static void atLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
    }
  }

  /** {@return a copy that ejects after this many failures one after another} */
  public EjectionConfig withFailuresInARow(int failuresInARow) {
    return new EjectionConfig(
        failuresInARow,
        failurePercent,
        leastCalls,
        window,
        ejectFor,
        ejectAtMost,
        mostEjectedPercent,
        probation);
  }

  /** {@return a copy that ejects for this long at first} */
  public EjectionConfig withEjectFor(Duration ejectFor) {
    return new EjectionConfig(
        failuresInARow,
        failurePercent,
        leastCalls,
        window,
        ejectFor,
        ejectAtMost,
        mostEjectedPercent,
        probation);
  }
}
