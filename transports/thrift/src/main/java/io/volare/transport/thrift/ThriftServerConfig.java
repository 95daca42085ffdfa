package io.volare.transport.thrift;

import static java.util.Objects.requireNonNull;

import io.volare.codec.thrift.ThriftLimits;
import io.volare.metainfo.MetaInfoLimits;
import java.time.Duration;

/**
 * What a server accepts and how long it waits. Immutable; each {@code with} method returns a copy.
 *
 * @param messageBytes the largest message, without its headers
 * @param connections connections at a time; more are closed as they come
 * @param inFlight calls of one connection at a time; more stay unread, and so do those beyond
 *     {@code messageBytes} of unanswered requests together
 * @param unsentBytes replies that wait for slow peers, all connections together; beyond it the one
 *     that holds most is closed
 * @param idle how long a connection without a call may stay
 * @param stalled how long a message may take to arrive, the first one of a connection to begin, and
 *     a peer to take nothing of its replies
 * @param thrift limits within a message
 * @param metaInfo limits of a request's metainfo
 */
public record ThriftServerConfig(
    int messageBytes,
    int connections,
    int inFlight,
    long unsentBytes,
    Duration idle,
    Duration stalled,
    ThriftLimits thrift,
    MetaInfoLimits metaInfo) {
  /** 16 MiB, 10,000 connections, 1,024 calls each, 128 MiB unsent, 60 s idle, 10 s stalled. */
  public static final ThriftServerConfig DEFAULT =
      new ThriftServerConfig(
          16 * 1024 * 1024,
          10_000,
          1_024,
          128L * 1024 * 1024,
          Duration.ofSeconds(60),
          Duration.ofSeconds(10),
          ThriftLimits.DEFAULT,
          MetaInfoLimits.DEFAULT);

  /** Checks the numbers. */
  public ThriftServerConfig {
    atLeastOne("messageBytes", messageBytes);
    atLeastOne("connections", connections);
    atLeastOne("inFlight", inFlight);
    if (unsentBytes < 1) {
      throw new IllegalArgumentException("unsentBytes: " + unsentBytes + " (expected: >= 1)");
    }
    positive("idle", idle);
    positive("stalled", stalled);
    requireNonNull(thrift, "thrift");
    requireNonNull(metaInfo, "metaInfo");
  }

  private static void atLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
    }
  }

  private static void positive(String name, Duration value) {
    if (!value.isPositive()) {
      throw new IllegalArgumentException(name + ": " + value + " (expected: > 0)");
    }
  }

  /** {@return a copy with this largest message} */
  public ThriftServerConfig withMessageBytes(int messageBytes) {
    return new ThriftServerConfig(
        messageBytes, connections, inFlight, unsentBytes, idle, stalled, thrift, metaInfo);
  }

  /** {@return a copy with this many connections} */
  public ThriftServerConfig withConnections(int connections) {
    return new ThriftServerConfig(
        messageBytes, connections, inFlight, unsentBytes, idle, stalled, thrift, metaInfo);
  }

  /** {@return a copy with this many calls at a time for each connection} */
  public ThriftServerConfig withInFlight(int inFlight) {
    return new ThriftServerConfig(
        messageBytes, connections, inFlight, unsentBytes, idle, stalled, thrift, metaInfo);
  }

  /** {@return a copy that keeps this much for slow peers} */
  public ThriftServerConfig withUnsentBytes(long unsentBytes) {
    return new ThriftServerConfig(
        messageBytes, connections, inFlight, unsentBytes, idle, stalled, thrift, metaInfo);
  }

  /** {@return a copy that lets connections idle this long} */
  public ThriftServerConfig withIdle(Duration idle) {
    return new ThriftServerConfig(
        messageBytes, connections, inFlight, unsentBytes, idle, stalled, thrift, metaInfo);
  }

  /** {@return a copy that lets messages stall this long} */
  public ThriftServerConfig withStalled(Duration stalled) {
    return new ThriftServerConfig(
        messageBytes, connections, inFlight, unsentBytes, idle, stalled, thrift, metaInfo);
  }
}
