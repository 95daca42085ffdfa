package io.volare.benchmarks;

/**
 * What was seen of a server under one load, round by round.
 *
 * @param micros processor time of a call
 * @param rate calls per second
 * @param busy processors it kept busy
 * @param heap bytes allocated for a call; 0 where nobody can say
 * @param p50 microseconds
 * @param p99 microseconds
 * @param p999 microseconds
 */
record Seen(
    Samples micros,
    Samples rate,
    Samples busy,
    Samples heap,
    Samples p50,
    Samples p99,
    Samples p999) {
  static Seen nothing() {
    return new Seen(
        new Samples(),
        new Samples(),
        new Samples(),
        new Samples(),
        new Samples(),
        new Samples(),
        new Samples());
  }

  /** Adds a round. */
  void add(LoadResult result, ProcessFigures before, ProcessFigures after) {
    double cpu = after.cpuNanos() - before.cpuNanos();
    micros.add(cpu / 1e3 / result.calls());
    rate.add(result.rate());
    busy.add(cpu / 1e9 / result.seconds());
    heap.add((double) (after.allocated() - before.allocated()) / result.calls());
    p50.add(result.micros(50));
    p99.add(result.micros(99));
    p999.add(result.micros(99.9));
  }
}
