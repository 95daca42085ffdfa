package io.volare.registry.dns;

import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * What is known of a service, and which part of it is in force.
 *
 * <p>An answer that leaves no instance, or less than half as many as were known, is doubted: what
 * it adds is used at once, what it leaves out stays until three more answers in a row have said the
 * same and the doubt has lasted long enough. A change of all addresses at once is no loss: as many
 * come as go.
 *
 * <p>Of several priorities the lowest is in force, together with the next ones as long as every
 * instance of it refuses connections. It stays among them, so that calls find out when it is back.
 *
 * <p>{@link #learn} and {@link #inForce} belong to one thread; the other methods are thread-safe.
 */
final class KnownEndpoints {
  private static final int REPEATED = 3;

  private final long doubtNanos;
  private final Set<Address> refusing = ConcurrentHashMap.newKeySet();
  private List<Ranked> believed = List.of();
  private List<Ranked> shown = List.of();
  private volatile Set<Address> addresses = Set.of();
  private boolean nothingYet = true;
  private int doubts;
  private long doubtedSinceNanos;

  KnownEndpoints(Duration doubt) {
    this.doubtNanos = doubt.toNanos();
  }

  /** Takes an answer in, whole or in part. */
  void learn(List<Ranked> answer, long nowNanos) {
    if (isLoss(answer) && !isRepeatedEnough(nowNanos)) {
      shown = answer.isEmpty() ? believed : union(answer, believed);
    } else {
      doubts = 0;
      believed = answer;
      shown = answer;
      nothingYet = false;
    }
    addresses =
        shown.stream().map(one -> one.endpoint().address()).collect(Collectors.toUnmodifiableSet());
    refusing.retainAll(addresses);
  }

  private boolean isLoss(List<Ranked> answer) {
    return answer.isEmpty() || answer.size() * 2 < believed.size();
  }

  private boolean isRepeatedEnough(long nowNanos) {
    if (doubts == 0) {
      doubtedSinceNanos = nowNanos;
    }
    doubts++;
    return doubts > REPEATED && nowNanos - doubtedSinceNanos >= doubtNanos;
  }

  private static List<Ranked> union(List<Ranked> first, List<Ranked> second) {
    Map<Address, Ranked> union = new LinkedHashMap<>();
    first.forEach(one -> union.put(one.endpoint().address(), one));
    second.forEach(one -> union.putIfAbsent(one.endpoint().address(), one));
    return List.copyOf(union.values());
  }

  /** {@return whether the last answer is doubted} */
  boolean isInDoubt() {
    return doubts > 0;
  }

  /** {@return whether no answer has counted yet} */
  boolean isNothingYet() {
    return nothingYet;
  }

  /** {@return how many are believed to be there} */
  int size() {
    return believed.size();
  }

  /** {@return whether {@code address} is one of those known} */
  boolean knows(Address address) {
    return addresses.contains(address);
  }

  /** {@return whether it is news that {@code address} refuses connections} */
  boolean refuses(Address address) {
    return knows(address) && refusing.add(address);
  }

  /** {@return whether it is news that {@code address} takes connections} */
  boolean accepts(Address address) {
    return refusing.remove(address);
  }

  /** {@return the instances that calls may go to} */
  List<Endpoint> inForce() {
    Map<Integer, List<Endpoint>> byPriority = new TreeMap<>();
    for (Ranked one : shown) {
      byPriority.computeIfAbsent(one.priority(), none -> new ArrayList<>()).add(one.endpoint());
    }
    List<Endpoint> inForce = new ArrayList<>();
    for (List<Endpoint> sameClass : byPriority.values()) {
      inForce.addAll(sameClass);
      if (!sameClass.stream().allMatch(one -> refusing.contains(one.address()))) {
        break;
      }
    }
    return inForce;
  }
}
