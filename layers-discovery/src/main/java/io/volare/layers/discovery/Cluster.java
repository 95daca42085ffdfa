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
 * <p>{@code avoided} holds the instances that a transport has just reported as draining or
 * refusing: they are used only when there is no other.
 */
final class Cluster {
  private static final long AVOID_NANOS = 1_000_000_000L;

  private final String service;
  private final DiscoveryConfig config;
  private final CountDownLatch told = new CountDownLatch(1);
  private final Map<Address, Avoided> avoided = new ConcurrentHashMap<>();
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
    avoided.keySet().removeIf(address -> !knows(address));
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

  /** Hears of all instances that transports of this process notice, whosever they are. */
  void noticed(Endpoint endpoint, Signal signal) {
    if (!knows(endpoint.address())) {
      return;
    }
    switch (signal) {
      case DRAINING, REFUSED -> {
        long until = config.time().nanos() + AVOID_NANOS;
        avoided.put(endpoint.address(), new Avoided(until, signal == Signal.DRAINING));
      }
      case CONNECTED ->
          avoided.computeIfPresent(endpoint.address(), (at, why) -> why.draining() ? why : null);
      case LOST -> {}
    }
  }

  private boolean knows(Address address) {
    List<Candidate> all = candidates;
    return all != null
        && all.stream().anyMatch(candidate -> candidate.endpoint().address().equals(address));
  }

  /** {@return whether it has said that it shuts down, so that what it does not take is no fault} */
  boolean isDraining(Candidate candidate, long now) {
    Avoided why = avoided(candidate, now);
    return why != null && why.draining();
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
   * {@return where {@code context} goes from now on: to one that was not tried by this call, if
   * there is one, and is neither ejected nor avoided}
   */
  Candidate pick(Tried tried, RpcContext context) {
    List<Candidate> all = candidates;
    if (all == null || all.isEmpty()) {
      throw RpcException.notExecuted(
          Kind.UNAVAILABLE,
          context.target() + ": no instance of " + service + " is known to " + config.discovery());
    }
    if (tried.isEmpty() && avoided.isEmpty() && allTakeCalls(all)) {
      return send(context, config.balancer().pick(all), all.size() > 1);
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
      if (!candidate.isEjected(now) && avoided(candidate, now) == null) {
        usable.add(candidate);
      }
    }
    if (weighted.isEmpty()) {
      throw RpcException.notExecuted(
          Kind.UNAVAILABLE, context.target() + ": all instances of " + service + " have weight 0");
    }
    if (!usable.isEmpty()) {
      return send(context, config.balancer().pick(usable), weighted.size() > 1);
    }
    return send(context, config.balancer().pick(untried.isEmpty() ? weighted : untried), false);
  }

  /** Who is chosen for want of a better one has to do, even while it is shutting down. */
  private static Candidate send(RpcContext context, Candidate chosen, boolean oneOfSeveral) {
    context.endpoint(chosen.endpoint(), oneOfSeveral);
    return chosen;
  }

  private @Nullable Avoided avoided(Candidate candidate, long now) {
    if (avoided.isEmpty()) {
      return null;
    }
    Avoided why = avoided.get(candidate.endpoint().address());
    if (why == null || now - why.untilNanos() < 0) {
      return why;
    }
    avoided.remove(candidate.endpoint().address(), why);
    return null;
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

  /** Why an instance is left alone, and until when. */
  private record Avoided(long untilNanos, boolean draining) {}
}
