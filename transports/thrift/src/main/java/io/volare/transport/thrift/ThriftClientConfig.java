package io.volare.transport.thrift;

import static java.util.Objects.requireNonNull;

import io.volare.codec.thrift.ThriftLimits;
import java.time.Duration;

/**
 * How a client speaks and how many connections it keeps. Immutable; each {@code with} method
 * returns a copy.
 *
 * @param form how messages are wrapped
 * @param multiplexed true: many calls share a connection, replies in any order; false: one call at
 *     a time on each, from a pool
 * @param connections connections to an endpoint: all of them where multiplexed, at most this many
 *     in a pool
 * @param pending calls waiting on a multiplexed connection, at most 1,048,576 and rounded up to a
 *     power of two; more are refused
 * @param connectTimeout how long establishing a connection may take
 * @param idle how long an unused connection is kept; less than the 60 s after which servers close
 * @param maxAge how long a connection is used at all
 * @param messageBytes the largest message, either way, without its headers
 * @param thrift limits within a message
 */
public record ThriftClientConfig(
    WireForm form,
    boolean multiplexed,
    int connections,
    int pending,
    Duration connectTimeout,
    Duration idle,
    Duration maxAge,
    int messageBytes,
    ThriftLimits thrift) {
  /** TTHeader, pools of 64, 1 s to connect, 50 s idle, an hour of life, 16 MiB. */
  public static final ThriftClientConfig DEFAULT =
      new ThriftClientConfig(
          WireForm.TTHEADER,
          false,
          64,
          16_384,
          Duration.ofSeconds(1),
          Duration.ofSeconds(50),
          Duration.ofHours(1),
          16 * 1024 * 1024,
          ThriftLimits.DEFAULT);

  /** Two connections to an endpoint, shared by all calls; otherwise as {@link #DEFAULT}. */
  public static final ThriftClientConfig MULTIPLEXED = DEFAULT.withMultiplexed(2);

  /** Checks the numbers. */
  public ThriftClientConfig {
    requireNonNull(form, "form");
    requireNonNull(thrift, "thrift");
    atLeastOne("connections", connections);
    atLeastOne("pending", pending);
    if (pending > 1 << 20) {
      throw new IllegalArgumentException("pending: " + pending + " (expected: <= 1048576)");
    }
    atLeastOne("messageBytes", messageBytes);
    if (connectTimeout.toMillis() < 1) {
      throw new IllegalArgumentException(
          "connectTimeout: " + connectTimeout + " (expected: >= 1 ms)");
    }
    positive("idle", idle);
    positive("maxAge", maxAge);
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

  /** {@return a copy that wraps messages so} */
  public ThriftClientConfig withForm(WireForm form) {
    return new ThriftClientConfig(
        form,
        multiplexed,
        connections,
        pending,
        connectTimeout,
        idle,
        maxAge,
        messageBytes,
        thrift);
  }

  /** {@return a copy whose calls share this many connections to an endpoint} */
  public ThriftClientConfig withMultiplexed(int connections) {
    return new ThriftClientConfig(
        form, true, connections, pending, connectTimeout, idle, maxAge, messageBytes, thrift);
  }

  /**
   * {@return a copy with one call at a time on each connection, at most this many to an endpoint}
   */
  public ThriftClientConfig withPool(int connections) {
    return new ThriftClientConfig(
        form, false, connections, pending, connectTimeout, idle, maxAge, messageBytes, thrift);
  }

  /** {@return a copy that lets this many calls wait on a multiplexed connection} */
  public ThriftClientConfig withPending(int pending) {
    return new ThriftClientConfig(
        form,
        multiplexed,
        connections,
        pending,
        connectTimeout,
        idle,
        maxAge,
        messageBytes,
        thrift);
  }

  /** {@return a copy with this limit for establishing a connection} */
  public ThriftClientConfig withConnectTimeout(Duration connectTimeout) {
    return new ThriftClientConfig(
        form,
        multiplexed,
        connections,
        pending,
        connectTimeout,
        idle,
        maxAge,
        messageBytes,
        thrift);
  }

  /** {@return a copy that keeps unused connections this long} */
  public ThriftClientConfig withIdle(Duration idle) {
    return new ThriftClientConfig(
        form,
        multiplexed,
        connections,
        pending,
        connectTimeout,
        idle,
        maxAge,
        messageBytes,
        thrift);
  }

  /** {@return a copy that uses connections this long} */
  public ThriftClientConfig withMaxAge(Duration maxAge) {
    return new ThriftClientConfig(
        form,
        multiplexed,
        connections,
        pending,
        connectTimeout,
        idle,
        maxAge,
        messageBytes,
        thrift);
  }

  /** {@return a copy with this largest message} */
  public ThriftClientConfig withMessageBytes(int messageBytes) {
    return new ThriftClientConfig(
        form,
        multiplexed,
        connections,
        pending,
        connectTimeout,
        idle,
        maxAge,
        messageBytes,
        thrift);
  }
}
