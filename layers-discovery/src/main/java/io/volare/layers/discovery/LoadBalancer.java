package io.volare.layers.discovery;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/** Picks one of the instances that may be used. Thread-safe. */
@FunctionalInterface
public interface LoadBalancer {
  /** {@return one of {@code candidates}, which are never empty and all of a weight above 0} */
  Candidate pick(List<Candidate> candidates);

  /** {@return each in its turn, whatever it weighs} */
  static LoadBalancer roundRobin() {
    AtomicInteger turn = new AtomicInteger();
    return candidates -> candidates.get(Math.floorMod(turn.getAndIncrement(), candidates.size()));
  }

  /** {@return at random, as often as their weights say} */
  static LoadBalancer weightedRandom(RandomGenerator random) {
    return candidates -> {
      long total = 0;
      for (Candidate candidate : candidates) {
        total += candidate.weight();
      }
      long at = random.nextLong(total);
      for (Candidate candidate : candidates) {
        at -= candidate.weight();
        if (at < 0) {
          return candidate;
        }
      }
      return candidates.getLast();
    };
  }

  /**
   * {@return of two at random the one with fewer calls for its weight}
   *
   * <p>Source: M. Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 1996.
   */
  static LoadBalancer leastLoadedOfTwo(RandomGenerator random) {
    return candidates -> {
      int count = candidates.size();
      if (count == 1) {
        return candidates.getFirst();
      }
      int one = random.nextInt(count);
      int other = random.nextInt(count - 1);
      Candidate first = candidates.get(one);
      Candidate second = candidates.get(other >= one ? other + 1 : other);
      long firstLoad = (first.inFlight() + 1L) * second.weight();
      long secondLoad = (second.inFlight() + 1L) * first.weight();
      return firstLoad <= secondLoad ? first : second;
    };
  }
}
