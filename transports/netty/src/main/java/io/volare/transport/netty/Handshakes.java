package io.volare.transport.netty;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a port that shake hands: so many at a time. Thread-safe.
 *
 * <p>Where one more comes the oldest gives way. A handshake that goes on is over in a few round
 * trips; those that stay are of peers that begin one and do no more.
 */
final class Handshakes {
  private final int most;
  private final Set<Newcomer> underWay = new LinkedHashSet<>();

  Handshakes(int most) {
    this.most = most;
  }

  /** {@return which one has to give way to {@code one}, or null} */
  synchronized @Nullable Newcomer begin(Newcomer one) {
    underWay.add(one);
    if (underWay.size() <= most) {
      return null;
    }
    Newcomer oldest = underWay.iterator().next();
    underWay.remove(oldest);
    return oldest;
  }

  synchronized void end(Newcomer one) {
    underWay.remove(one);
  }
}
