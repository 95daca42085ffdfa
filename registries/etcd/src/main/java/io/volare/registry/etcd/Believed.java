package io.volare.registry.etcd;

import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which instances count. Belongs to one thread.
 *
 * <p>When all are gone, or less than half are left of the most there were within the time of doubt,
 * that is doubted: etcd may have lost them (a restored backup, leases that ended while it could not
 * be reached) and not they their servers. Those that are there are used, those that are gone stay
 * until three more readings have missed them too and the doubt has lasted long enough.
 */
final class Believed {
  private static final int READINGS = 3;

  private final long doubtNanos;
  private List<Endpoint> believed = List.of();
  private List<Endpoint> shown = List.of();
  private boolean nothingYet = true;
  private int most;
  private long mostNanos;
  private boolean inDoubt;
  private int readings;
  private long doubtedSinceNanos;

  Believed(Duration doubt) {
    this.doubtNanos = doubt.toNanos();
  }

  /**
   * Takes in what is there now.
   *
   * @param isReading whether everything was read, rather than one change heard of
   */
  void learn(Collection<Endpoint> found, boolean isReading, long nowNanos) {
    List<Endpoint> distinct = union(found, List.of());
    if (nowNanos - mostNanos >= doubtNanos) {
      most = believed.size();
      mostNanos = nowNanos;
    }
    boolean loss = distinct.isEmpty() || distinct.size() * 2 < most;
    if (loss && !isRepeatedEnough(isReading, nowNanos)) {
      shown = union(distinct, believed);
      return;
    }
    inDoubt = false;
    nothingYet = false;
    believed = distinct;
    shown = distinct;
    if (loss || distinct.size() > most) {
      most = distinct.size();
      mostNanos = nowNanos;
    }
  }

  private boolean isRepeatedEnough(boolean isReading, long nowNanos) {
    if (!inDoubt) {
      inDoubt = true;
      readings = 0;
      doubtedSinceNanos = nowNanos;
      return false;
    }
    readings += isReading ? 1 : 0;
    return readings >= READINGS && nowNanos - doubtedSinceNanos >= doubtNanos;
  }

  private static List<Endpoint> union(Collection<Endpoint> first, Collection<Endpoint> second) {
    Map<Address, Endpoint> union = new LinkedHashMap<>();
    first.forEach(one -> union.putIfAbsent(one.address(), one));
    second.forEach(one -> union.putIfAbsent(one.address(), one));
    return List.copyOf(union.values());
  }

  boolean isInDoubt() {
    return inDoubt;
  }

  /** {@return whether nothing that was found has counted yet} */
  boolean isNothingYet() {
    return nothingYet;
  }

  int size() {
    return believed.size();
  }

  /** {@return the instances that calls may go to} */
  List<Endpoint> inForce() {
    return shown;
  }
}
