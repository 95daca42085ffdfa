package io.volare.transport.netty;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a port that shake hands: so many at a time, and so many of one address.
 * Thread-safe.
 *
 * <p>Where one more comes the oldest gives way; of its own address, if that has too many, so that
 * one peer does not drive out all others. A handshake that goes on is over in a few round trips;
 * those that stay are of peers that begin one and do no more.
 */
final class Handshakes {
  private final int most;
  private final int mostOfOne;
  private final Map<Newcomer, InetAddress> underWay = new LinkedHashMap<>();
  private final Map<InetAddress, Set<Newcomer>> byAddress = new HashMap<>();

  Handshakes(int most, int mostOfOne) {
    this.most = most;
    this.mostOfOne = mostOfOne;
  }

  /** Counts {@code one}; where that is one too many, the oldest is closed. */
  void begin(Newcomer one) {
    Newcomer ofAddress;
    Newcomer ofAll;
    synchronized (this) {
      InetAddress from = address(one);
      underWay.put(one, from);
      Set<Newcomer> siblings = byAddress.computeIfAbsent(from, unused -> new LinkedHashSet<>());
      siblings.add(one);
      ofAddress = oldestBeyond(mostOfOne, siblings);
      ofAll = oldestBeyond(most, underWay.keySet());
    }
    if (ofAddress != null) {
      ofAddress.giveWay(
          "TLS: as many handshakes of its address were under way (limit: " + mostOfOne + ")");
    }
    if (ofAll != null) {
      ofAll.giveWay("TLS: as many handshakes were under way (limit: " + most + ")");
    }
  }

  /** All peers of a Unix socket are one. */
  private static InetAddress address(Newcomer one) {
    return one.channel.remoteAddress() instanceof InetSocketAddress from
        ? from.getAddress()
        : InetAddress.getLoopbackAddress();
  }

  private @Nullable Newcomer oldestBeyond(int limit, Set<Newcomer> some) {
    if (some.size() <= limit) {
      return null;
    }
    Newcomer oldest = some.iterator().next();
    end(oldest);
    return oldest;
  }

  synchronized void end(Newcomer one) {
    InetAddress from = underWay.remove(one);
    if (from != null) {
      byAddress.computeIfPresent(
          from, (unused, siblings) -> siblings.remove(one) && siblings.isEmpty() ? null : siblings);
    }
  }
}
