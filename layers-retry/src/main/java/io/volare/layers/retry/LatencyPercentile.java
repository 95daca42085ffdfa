package io.volare.layers.retry;

import static java.util.Objects.requireNonNull;

import io.volare.motore.Time;
import java.time.Duration;

/**
 * The latency that a share of the recent calls stays within.
 *
 * <p>How is this designed, and why? A latency counts in one of 16 buckets for each power of two, so
 * an answer is right to a sixteenth at any scale, in a fixed space. Two sets of buckets, of half a
 * minute each, take turns: what is older is forgotten, and there are always some to answer from.
 * The answer is worked out anew with every 16th call only.
 *
 * <p>Guarded by its own monitor; the answer is volatile.
 */
final class LatencyPercentile implements HedgeDelay {
  private static final long HALF_NANOS = Duration.ofSeconds(30).toNanos();
  private static final int ENOUGH = 100;
  private static final int EVERY = 16;
  private static final int SUB_BITS = 4;

  private final double percentile;
  private final Duration unknown;
  private final Time time;
  private int[] older = new int[64 << SUB_BITS];
  private int[] newer = new int[64 << SUB_BITS];
  private int olderCalls;
  private int newerCalls;
  private long newerSince;
  private volatile Duration answer;

  LatencyPercentile(double percentile, Duration unknown, Time time) {
    if (!(percentile > 0 && percentile < 1)) {
      throw new IllegalArgumentException("percentile: " + percentile + " (expected: > 0, < 1)");
    }
    if (unknown.isNegative()) {
      throw new IllegalArgumentException("unknown: " + unknown + " (expected: >= 0)");
    }
    this.percentile = percentile;
    this.unknown = unknown;
    this.time = requireNonNull(time, "time");
    this.newerSince = time.nanos();
    this.answer = unknown;
  }

  @Override
  public Duration next() {
    return answer;
  }

  @Override
  public synchronized void observed(Duration latency) {
    long now = time.nanos();
    boolean turned = false;
    for (int turns = 0; now - newerSince >= HALF_NANOS && turns < 2; turns++) {
      turn();
      turned = true;
    }
    if (turned) {
      newerSince = now;
    }
    newer[bucket(latency.toNanos())]++;
    newerCalls++;
    if (turned || newerCalls % EVERY == 0) {
      answer = olderCalls + newerCalls < ENOUGH ? unknown : Duration.ofNanos(workOut());
    }
  }

  private void turn() {
    int[] forgotten = older;
    older = newer;
    olderCalls = newerCalls;
    java.util.Arrays.fill(forgotten, 0);
    newer = forgotten;
    newerCalls = 0;
    newerSince += HALF_NANOS;
  }

  private long workOut() {
    long within = (long) Math.ceil(percentile * (olderCalls + newerCalls));
    int bucket = -1;
    for (long seen = 0; seen < within; ) {
      bucket++;
      seen += older[bucket] + newer[bucket];
    }
    return end(bucket);
  }

  private static int bucket(long nanos) {
    long value = Math.max(nanos, 1 << SUB_BITS);
    int power = 63 - Long.numberOfLeadingZeros(value);
    int sub = (int) (value >>> power - SUB_BITS) & (1 << SUB_BITS) - 1;
    return power << SUB_BITS | sub;
  }

  /** {@return the first latency that is too long for the bucket} */
  private static long end(int bucket) {
    int power = bucket >>> SUB_BITS;
    long sub = bucket & (1 << SUB_BITS) - 1;
    return (1 << SUB_BITS | sub) + 1 << power - SUB_BITS;
  }

  @Override
  public String toString() {
    return "p%s, now %d ms".formatted(Double.toString(percentile * 100), answer.toMillis());
  }
}
