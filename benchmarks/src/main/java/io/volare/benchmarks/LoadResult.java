package io.volare.benchmarks;

import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * What a load saw.
 *
 * @param calls that were answered; of streams, their messages
 * @param seconds it took
 * @param latency from sending to answer, in nanoseconds
 */
record LoadResult(long calls, double seconds, Histogram latency) {
  double rate() {
    return calls / seconds;
  }

  double micros(double percentile) {
    return latency.getValueAtPercentile(percentile) / 1e3;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%,d calls in %.1f s: %,.0f/s, latency p50 %.0f us, p99 %.0f us, p99.9 %.0f us, max %.0f us;",
        calls,
        seconds,
        rate(),
        micros(50),
        micros(99),
        micros(99.9),
        latency.getMaxValue() / 1e3);
  }
}
