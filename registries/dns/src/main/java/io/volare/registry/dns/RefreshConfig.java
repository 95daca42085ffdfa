package io.volare.registry.dns;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * How often DNS is asked, and when an answer that takes instances away is believed. Immutable; each
 * {@code with} method returns a copy.
 *
 * @param floor the least time between two lookups of a name, whatever its TTL and whoever asks
 * @param ceiling the most time between two lookups, whatever the TTL
 * @param doubt how long, and in no fewer than four answers, an empty answer or one of less than
 *     half the instances has to be repeated before what it leaves out is dropped
 */
public record RefreshConfig(Duration floor, Duration ceiling, Duration doubt) {
  /** One second, one minute, thirty seconds. */
  public static final RefreshConfig DEFAULT =
      new RefreshConfig(Duration.ofSeconds(1), Duration.ofMinutes(1), Duration.ofSeconds(30));

  /** Checks that times are positive and in order. */
  public RefreshConfig {
    requireNonNull(floor, "floor");
    requireNonNull(ceiling, "ceiling");
    requireNonNull(doubt, "doubt");
    if (!floor.isPositive()) {
      throw new IllegalArgumentException("floor: " + floor + " (expected: > 0)");
    }
    if (ceiling.compareTo(floor) < 0 || ceiling.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException(
          "ceiling: " + ceiling + " (expected: " + floor + "..PT24H, the floor to a day)");
    }
    if (doubt.isNegative() || doubt.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException("doubt: " + doubt + " (expected: PT0S..PT24H)");
    }
  }

  /** {@return a copy with this floor} */
  public RefreshConfig withFloor(Duration floor) {
    return new RefreshConfig(floor, ceiling, doubt);
  }

  /** {@return a copy with this ceiling} */
  public RefreshConfig withCeiling(Duration ceiling) {
    return new RefreshConfig(floor, ceiling, doubt);
  }

  /** {@return a copy with this doubt} */
  public RefreshConfig withDoubt(Duration doubt) {
    return new RefreshConfig(floor, ceiling, doubt);
  }
}
