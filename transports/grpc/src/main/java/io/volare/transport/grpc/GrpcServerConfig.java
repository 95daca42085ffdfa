package io.volare.transport.grpc;

import static java.util.Objects.requireNonNull;

import io.volare.metainfo.MetaInfoLimits;
import java.time.Duration;

/**
 * What a server accepts and how long it waits. Immutable; each {@code with} method returns a copy.
 *
 * @param messageBytes the largest message, either way, compressed or not
 * @param headerListBytes the largest list of headers, as HTTP/2 counts it
 * @param connections connections at a time; more are closed as they come
 * @param streams calls of one connection at a time; more are refused
 * @param windowBytes how far the window of a stream grows from 64 KiB where a long way needs it
 * @param unsentBytes responses that wait for one slow peer; calls of its connection wait beyond it
 * @param unsentBytesInAll responses that wait for slow peers, all connections together; beyond it
 *     the one that holds most is closed
 * @param resets streams of a connection that may be reset within 30 s, beside one for every ten
 *     that ended well
 * @param idle how long a connection without a call may stay
 * @param stalled how long a message may take to arrive, the first frame of a connection to begin, a
 *     peer to take nothing of a response, and one to answer a ping
 * @param keepAlive how long a connection with calls may be silent before it is asked by a ping
 * @param maxAge how long a connection lives, a tenth more or less; its calls come to their end
 * @param metaInfo limits of a request's metainfo
 */
public record GrpcServerConfig(
    int messageBytes,
    int headerListBytes,
    int connections,
    int streams,
    int windowBytes,
    int unsentBytes,
    long unsentBytesInAll,
    int resets,
    Duration idle,
    Duration stalled,
    Duration keepAlive,
    Duration maxAge,
    MetaInfoLimits metaInfo) {
  /**
   * Messages of 4 MiB, headers of 8 KiB, 10,000 connections of 256 streams, windows of up to 8 MiB,
   * 4 MiB and 128 MiB unsent, 200 resets, 60 s idle, 10 s stalled, a ping after 20 s, an hour of
   * age.
   */
  public static final GrpcServerConfig DEFAULT =
      new GrpcServerConfig(
          4 * 1024 * 1024,
          8 * 1024,
          10_000,
          256,
          8 * 1024 * 1024,
          4 * 1024 * 1024,
          128L * 1024 * 1024,
          200,
          Duration.ofSeconds(60),
          Duration.ofSeconds(10),
          Duration.ofSeconds(20),
          Duration.ofHours(1),
          MetaInfoLimits.DEFAULT);

  /** Checks the numbers. */
  public GrpcServerConfig {
    atLeastOne("messageBytes", messageBytes);
    atLeastOne("headerListBytes", headerListBytes);
    atLeastOne("connections", connections);
    atLeastOne("streams", streams);
    atLeastOne("windowBytes", windowBytes);
    atLeastOne("unsentBytes", unsentBytes);
    atLeastOne("unsentBytesInAll", unsentBytesInAll);
    atLeastOne("resets", resets);
    positive("idle", idle);
    positive("stalled", stalled);
    positive("keepAlive", keepAlive);
    positive("maxAge", maxAge);
    requireNonNull(metaInfo, "metaInfo");
  }

  private static void atLeastOne(String name, long value) {
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
  public GrpcServerConfig withMessageBytes(int messageBytes) {
    return new GrpcServerConfig(
        messageBytes,
        headerListBytes,
        connections,
        streams,
        windowBytes,
        unsentBytes,
        unsentBytesInAll,
        resets,
        idle,
        stalled,
        keepAlive,
        maxAge,
        metaInfo);
  }

  /** {@return a copy with this largest list of headers} */
  public GrpcServerConfig withHeaderListBytes(int headerListBytes) {
    return new GrpcServerConfig(
        messageBytes,
        headerListBytes,
        connections,
        streams,
        windowBytes,
        unsentBytes,
        unsentBytesInAll,
        resets,
        idle,
        stalled,
        keepAlive,
        maxAge,
        metaInfo);
  }

  /** {@return a copy with this many connections} */
  public GrpcServerConfig withConnections(int connections) {
    return new GrpcServerConfig(
        messageBytes,
        headerListBytes,
        connections,
        streams,
        windowBytes,
        unsentBytes,
        unsentBytesInAll,
        resets,
        idle,
        stalled,
        keepAlive,
        maxAge,
        metaInfo);
  }

  /** {@return a copy with this many calls at a time for each connection} */
  public GrpcServerConfig withStreams(int streams) {
    return new GrpcServerConfig(
        messageBytes,
        headerListBytes,
        connections,
        streams,
        windowBytes,
        unsentBytes,
        unsentBytesInAll,
        resets,
        idle,
        stalled,
        keepAlive,
        maxAge,
        metaInfo);
  }

  /** {@return a copy whose streams have windows of up to this size} */
  public GrpcServerConfig withWindowBytes(int windowBytes) {
    return new GrpcServerConfig(
        messageBytes,
        headerListBytes,
        connections,
        streams,
        windowBytes,
        unsentBytes,
        unsentBytesInAll,
        resets,
        idle,
        stalled,
        keepAlive,
        maxAge,
        metaInfo);
  }

  /** {@return a copy that keeps this much for slow peers, of one connection and of all} */
  public GrpcServerConfig withUnsentBytes(int unsentBytes, long unsentBytesInAll) {
    return new GrpcServerConfig(
        messageBytes,
        headerListBytes,
        connections,
        streams,
        windowBytes,
        unsentBytes,
        unsentBytesInAll,
        resets,
        idle,
        stalled,
        keepAlive,
        maxAge,
        metaInfo);
  }

  /** {@return a copy that allows this many resets within 30 s} */
  public GrpcServerConfig withResets(int resets) {
    return new GrpcServerConfig(
        messageBytes,
        headerListBytes,
        connections,
        streams,
        windowBytes,
        unsentBytes,
        unsentBytesInAll,
        resets,
        idle,
        stalled,
        keepAlive,
        maxAge,
        metaInfo);
  }

  /** {@return a copy that lets connections idle this long} */
  public GrpcServerConfig withIdle(Duration idle) {
    return new GrpcServerConfig(
        messageBytes,
        headerListBytes,
        connections,
        streams,
        windowBytes,
        unsentBytes,
        unsentBytesInAll,
        resets,
        idle,
        stalled,
        keepAlive,
        maxAge,
        metaInfo);
  }

  /** {@return a copy that lets messages stall this long} */
  public GrpcServerConfig withStalled(Duration stalled) {
    return new GrpcServerConfig(
        messageBytes,
        headerListBytes,
        connections,
        streams,
        windowBytes,
        unsentBytes,
        unsentBytesInAll,
        resets,
        idle,
        stalled,
        keepAlive,
        maxAge,
        metaInfo);
  }

  /** {@return a copy that asks silent connections after this long} */
  public GrpcServerConfig withKeepAlive(Duration keepAlive) {
    return new GrpcServerConfig(
        messageBytes,
        headerListBytes,
        connections,
        streams,
        windowBytes,
        unsentBytes,
        unsentBytesInAll,
        resets,
        idle,
        stalled,
        keepAlive,
        maxAge,
        metaInfo);
  }

  /** {@return a copy whose connections live this long} */
  public GrpcServerConfig withMaxAge(Duration maxAge) {
    return new GrpcServerConfig(
        messageBytes,
        headerListBytes,
        connections,
        streams,
        windowBytes,
        unsentBytes,
        unsentBytesInAll,
        resets,
        idle,
        stalled,
        keepAlive,
        maxAge,
        metaInfo);
  }
}
