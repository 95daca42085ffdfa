package io.volare.transport.netty;

import java.time.Duration;

/**
 * What a port accepts before a protocol has taken a connection over. Immutable; each {@code with}
 * method returns a copy.
 *
 * @param connections connections at a time; more are closed as they come
 * @param firstBytes how long the bytes that tell a connection's protocol may take
 */
public record ServerPortConfig(int connections, Duration firstBytes) {
  /** 10,000 connections, 10 s. */
  public static final ServerPortConfig DEFAULT =
      new ServerPortConfig(10_000, Duration.ofSeconds(10));

  /** Checks the numbers. */
  public ServerPortConfig {
    if (connections < 1) {
      throw new IllegalArgumentException("connections: " + connections + " (expected: >= 1)");
    }
    if (!firstBytes.isPositive()) {
      throw new IllegalArgumentException("firstBytes: " + firstBytes + " (expected: > 0)");
    }
  }

  /** {@return a copy with this many connections} */
  public ServerPortConfig withConnections(int connections) {
    return new ServerPortConfig(connections, firstBytes);
  }

  /** {@return a copy that waits this long for first bytes} */
  public ServerPortConfig withFirstBytes(Duration firstBytes) {
    return new ServerPortConfig(connections, firstBytes);
  }
}
