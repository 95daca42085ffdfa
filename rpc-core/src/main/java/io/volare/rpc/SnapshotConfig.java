package io.volare.rpc;

import static java.util.Objects.requireNonNull;

import io.volare.motore.Time;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Where a {@link SnapshotDiscovery} remembers what it heard, and when it goes by that. Immutable;
 * each {@code with} method returns a copy.
 *
 * @param folder holds a file for each service; made when it is needed, and several processes may
 *     share it
 * @param patience how long the registry has to answer first
 * @param endpoints the most of a service that are remembered
 * @param time the clock
 */
public record SnapshotConfig(Path folder, Duration patience, int endpoints, Time time) {
  /** Checks every value. */
  public SnapshotConfig {
    requireNonNull(folder, "folder");
    requireNonNull(time, "time");
    if (patience.isNegative()) {
      throw new IllegalArgumentException("patience: " + patience + " (expected: >= 0)");
    }
    if (endpoints < 1 || endpoints > 100_000) {
      throw new IllegalArgumentException("endpoints: " + endpoints + " (expected: 1..100000)");
    }
  }

  /** {@return snapshots in {@code folder}, used after 500 ms of silence; 10,000 endpoints} */
  public static SnapshotConfig of(Path folder) {
    return new SnapshotConfig(folder, Duration.ofMillis(500), 10_000, Time.SYSTEM);
  }

  /** {@return a copy that lets the registry answer within {@code patience}} */
  public SnapshotConfig withPatience(Duration patience) {
    return new SnapshotConfig(folder, patience, endpoints, time);
  }

  /** {@return a copy that remembers so many endpoints of a service} */
  public SnapshotConfig withEndpoints(int endpoints) {
    return new SnapshotConfig(folder, patience, endpoints, time);
  }

  /** {@return a copy on this clock} */
  public SnapshotConfig withTime(Time time) {
    return new SnapshotConfig(folder, patience, endpoints, time);
  }
}
