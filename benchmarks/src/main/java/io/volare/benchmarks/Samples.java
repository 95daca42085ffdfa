package io.volare.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleBinaryOperator;

/**
 * Numbers of one kind, one from each round; at least one before anything is asked. Not thread-safe.
 */
final class Samples {
  private final List<Double> values = new ArrayList<>();

  void add(double value) {
    values.add(value);
  }

  double at(int round) {
    return values.get(round);
  }

  int count() {
    return values.size();
  }

  double median() {
    List<Double> sorted = sorted();
    int half = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(half)
        : (sorted.get(half - 1) + sorted.get(half)) / 2;
  }

  /** {@return below which the true median hardly lies; see {@link MedianBounds}} */
  double lower() {
    return sorted().get(MedianBounds.of(count()).rank() - 1);
  }

  /** {@return above which the true median hardly lies; see {@link MedianBounds}} */
  double upper() {
    return sorted().get(MedianBounds.of(count()).last() - 1);
  }

  private List<Double> sorted() {
    return values.stream().sorted().toList();
  }

  /** {@return the median, and in brackets its bounds} */
  String spread() {
    return String.format(Locale.ROOT, "%.2f (%.2f–%.2f)", median(), lower(), upper());
  }

  /** {@return the same of numbers that may be below 0, with their signs} */
  String signedSpread() {
    return String.format(Locale.ROOT, "%+.2f (%+.2f to %+.2f)", median(), lower(), upper());
  }

  /** {@return round by round, these divided by the others} */
  Samples over(Samples others) {
    return paired(others, (mine, theirs) -> mine / theirs);
  }

  /** {@return round by round, these less the others} */
  Samples minus(Samples others) {
    return paired(others, (mine, theirs) -> mine - theirs);
  }

  private Samples paired(Samples others, DoubleBinaryOperator of) {
    Samples paired = new Samples();
    for (int i = 0; i < values.size(); i++) {
      paired.add(of.applyAsDouble(values.get(i), others.at(i)));
    }
    return paired;
  }
}
