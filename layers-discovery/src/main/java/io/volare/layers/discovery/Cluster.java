package io.volare.layers.discovery;

import io.volare.motore.Deadline;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Time.InterruptScope;
import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import io.volare.rpc.EndpointHealth.Signal;
import io.volare.rpc.EndpointSet;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * The instances of one service and what is known of them. Thread-safe: the list is replaced as a
 * whole, what an update keeps keeps its {@link Candidate}.
 *
 * <p>{@code avoidedUntil} holds the instances that a transport has just reported as draining or
 * refusing: they are used only when there is no other.
 */
final class Cluster {
  private static final long AVOID_NANOS = 1_000_000_000L;

  private final String service;
  private final DiscoveryConfig config;
  private final CountDownLatch told = new CountDownLatch(1);
  private final Map<Address, Long> avoidedUntil = new ConcurrentHashMap<>();
  private volatile @Nullable List<Candidate> candidates;

  Cluster(String service, DiscoveryConfig config) {
    this.service = service;
    this.config = config;
  }

  synchronized void update(EndpointSet set) {
    List<Candidate> known = candidates == null ? List.of() : candidates;
    List<Candidate> updated = new ArrayList<>();
    for (Endpoint endpoint : set.endpoints()) {
      updated.add(keptOrNew(known, endpoint));
    }
    candidates = List.copyOf(updated);
    told.countDown();
    config.listener().updated(set);
  }

  private Candidate keptOrNew(List<Candidate> known, Endpoint endpoint) {
    for (Candidate candidate : known) {
      if (candidate.endpoint().equals(endpoint)) {
        return candidate;
      }
    }
    return new Candidate(endpoint, config.ejection());
  }

  void noticed(Endpoint endpoint, Signal signal) {
    switch (signal) {
      case DRAINING, REFUSED ->
          avoidedUntil.put(endpoint.address(), config.time().nanos() + AVOID_NANOS);
      case CONNECTED -> avoidedUntil.remove(endpoint.address());
      case LOST -> {}
    }
  }

  /** Waits until the discovery has said something, or patience or {@code deadline} end. */
  void awaitFirstSet(Deadline deadline) throws InterruptedException {
    if (candidates != null) {
      return;
    }
    long nanos = Math.min(config.patience().toNanos(), deadline.remainingNanos());
    Deadline until = Deadline.after(Duration.ofNanos(nanos), config.time());
    try (InterruptScope scope = config.time().interruptAt(until)) {
      try {
        told.await();
      } catch (InterruptedException interrupted) {
        if (!scope.isCauseOf(interrupted)) {
          throw interrupted;
        }
      }
    }
  }

  /**
   * {@return one that was not tried by this call, if there is one, and is neither ejected nor
   * avoided}
   */
  Candidate pick(Tried tried, RpcContext context) {
    List<Candidate> all = candidates;
    if (all == null || all.isEmpty()) {
      throw RpcException.notExecuted(
          Kind.UNAVAILABLE,
          context.target() + ": no instance of " + service + " is known to " + config.discovery());
    }
    if (tried.isEmpty() && avoidedUntil.isEmpty() && allTakeCalls(all)) {
      return config.balancer().pick(all);
    }
    return pickOfSome(all, tried, context, config.time().nanos());
  }

  private static boolean allTakeCalls(List<Candidate> all) {
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).weight() == 0 || all.get(i).wasEjected()) {
        return false;
      }
    }
    return true;
  }

  private Candidate pickOfSome(List<Candidate> all, Tried tried, RpcContext context, long now) {
    List<Candidate> usable = new ArrayList<>(all.size());
    List<Candidate> untried = new ArrayList<>(all.size());
    List<Candidate> weighted = new ArrayList<>(all.size());
    for (Candidate candidate : all) {
      if (candidate.weight() == 0) {
        continue;
      }
      weighted.add(candidate);
      if (tried.contains(candidate.endpoint().address())) {
        continue;
      }
      untried.add(candidate);
      if (!candidate.isEjected(now) && !isAvoided(candidate, now)) {
        usable.add(candidate);
      }
    }
    if (weighted.isEmpty()) {
      throw RpcException.notExecuted(
          Kind.UNAVAILABLE, context.target() + ": all instances of " + service + " have weight 0");
    }
    if (!usable.isEmpty()) {
      return config.balancer().pick(usable);
    }
    return config.balancer().pick(untried.isEmpty() ? weighted : untried);
  }

  private boolean isAvoided(Candidate candidate, long now) {
    if (avoidedUntil.isEmpty()) {
      return false;
    }
    Long until = avoidedUntil.get(candidate.endpoint().address());
    if (until == null || now - until < 0) {
      return until != null;
    }
    avoidedUntil.remove(candidate.endpoint().address(), until);
    return false;
  }

  /** Ejects {@code candidate} unless too many are ejected already. */
  synchronized void eject(Candidate candidate) {
    List<Candidate> all = candidates == null ? List.of() : candidates;
    long now = config.time().nanos();
    long ejected = all.stream().filter(other -> other.isEjected(now)).count();
    if ((ejected + 1) * 100 <= (long) all.size() * config.ejection().mostEjectedPercent()) {
      candidate.eject(now);
      config.listener().ejected(candidate.endpoint());
    }
  }
}
