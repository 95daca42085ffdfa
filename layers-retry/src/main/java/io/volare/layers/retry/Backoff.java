package io.volare.layers.retry;

import io.github.resilience4j.core.IntervalFunction;
import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long to wait before trying again. Thread-safe. */
@FunctionalInterface
public interface Backoff {
  /** {@return the pause after the attempt of this number failed; 1 is the first} */
  Duration after(int attempt);

  /** {@return the same pause each time} */
  static Backoff constant(Duration pause) {
    if (pause.isNegative()) {
      throw new IllegalArgumentException("pause: " + pause + " (expected: >= 0)");
    }
    return attempt -> pause;
  }

  /**
   * {@return a random pause between nothing and a ceiling that doubles from {@code first} up to
   * {@code most}} With full jitter the callers that failed together do not come back together.
   *
   * <p>Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015. The ceiling is
   * resilience4j's; its own jitter ends at the cap, so ours lies under it.
   */
  static Backoff fullJitter(Duration first, Duration most, RandomGenerator random) {
    if (!first.isPositive() || most.compareTo(first) < 0) {
      throw new IllegalArgumentException(
          "first: " + first + ", most: " + most + " (expected: 0 < first <= most)");
    }
    IntervalFunction ceiling =
        IntervalFunction.ofExponentialBackoff(first.toMillis(), 2.0, most.toMillis());
    return attempt -> Duration.ofNanos(random.nextLong(ceiling.apply(attempt) * 1_000_000 + 1));
  }
}
