package io.volare.benchmarks;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Locale;

/**
 * Between which of some sorted numbers the true median lies: from the {@code rank}-th least to the
 * {@code rank}-th most, each counted from 1. Nothing is assumed about how the numbers are spread,
 * only that one says nothing about the next: each is then below the median as often as above it, so
 * the bounds miss it as often as a fair coin falls on one side fewer than {@code rank} times.
 *
 * @param count of the numbers
 * @param rank the greatest that covers at least 95 %, or 1, the least and the most, where none does
 * @param coverage how often the bounds hold the median, of 1
 */
record MedianBounds(int count, int rank, double coverage) {
  private static final BigInteger MISSES_ONCE_IN = BigInteger.valueOf(20);

  static MedianBounds of(int count) {
    BigInteger all = BigInteger.TWO.pow(count);
    BigInteger ways = BigInteger.ONE; // to fall on one side rank - 1 times
    BigInteger missed = BigInteger.TWO;
    int rank = 1;
    while (true) {
      ways = ways.multiply(BigInteger.valueOf(count - rank + 1)).divide(BigInteger.valueOf(rank));
      BigInteger more = missed.add(ways.shiftLeft(1));
      if (more.multiply(MISSES_ONCE_IN).compareTo(all) > 0) {
        return new MedianBounds(count, rank, 1 - share(missed, all));
      }
      missed = more;
      rank++;
    }
  }

  private static double share(BigInteger part, BigInteger all) {
    return new BigDecimal(part).divide(new BigDecimal(all), MathContext.DECIMAL64).doubleValue();
  }

  /** {@return what brackets behind a median hold, in words} */
  String inWords() {
    String bounds =
        rank == 1
            ? "the least and the most"
            : "the %s and the %s".formatted(nth(rank), nth(last()));
    return String.format(
        Locale.ROOT,
        "medians of %d rounds, in brackets %s, between which the true median lies with %.1f %%",
        count,
        bounds,
        coverage * 100);
  }

  /** {@return the rank of the upper bound} */
  int last() {
    return count + 1 - rank;
  }

  private static String nth(int rank) {
    if (rank / 10 % 10 == 1) {
      return rank + "th";
    }
    return switch (rank % 10) {
      case 1 -> rank + "st";
      case 2 -> rank + "nd";
      case 3 -> rank + "rd";
      default -> rank + "th";
    };
  }
}
