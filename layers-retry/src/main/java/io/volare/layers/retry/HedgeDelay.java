package io.volare.layers.retry;

import io.volare.motore.Time;
import java.time.Duration;

/** How long a call may take before a backup of it is sent. Thread-safe. */
public interface HedgeDelay {
  /** {@return the wait between the start of an attempt and that of the next} */
  Duration next();

  /**
   * Notes how long a first attempt took. One that lost against its backup is noted with the time
   * after which it was given up, so that slow ones are not forgotten.
   */
  default void observed(Duration latency) {}

  /** {@return the same wait each time} */
  static HedgeDelay fixed(Duration wait) {
    if (wait.isNegative()) {
      throw new IllegalArgumentException("wait: " + wait + " (expected: >= 0)");
    }
    return () -> wait;
  }

  /**
   * {@return the time within which this share of the last half to whole minute's calls was
   * answered} Rounded up by at most a sixteenth. With 0.95, one call in twenty gets a backup.
   *
   * @param percentile between 0 and 1, both excluded
   * @param unknown the wait while fewer than 100 calls are known
   * @param time the clock by which calls are forgotten
   */
  static HedgeDelay percentile(double percentile, Duration unknown, Time time) {
    return new LatencyPercentile(percentile, unknown, time);
  }
}
