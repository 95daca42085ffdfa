package io.volare.transport.grpc;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a client speaks gRPC and how many connections it keeps. Immutable; each {@code with} method
 * returns a copy.
 *
 * @param connections connections to an endpoint that calls take in turn
 * @param mostConnections how many there may be when all streams of the others are in use
 * @param streams calls that run at a time on one connection, if the server allows that many
 * @param connectTimeout how long until a connection is there and the server has said its settings
 * @param idle how long an unused connection is kept; less than the 60 s after which servers close
 * @param maxAge how long a connection is used at all
 * @param keepalive after how long without a byte from the server a connection with calls is asked
 *     whether it lives; servers of gRPC allow that every 5 minutes unless told otherwise
 * @param keepaliveAnswer how long the answer may take before the connection counts as lost
 * @param progress how long a stream without a deadline waits for anything to happen
 * @param messageBytes the largest message, either way
 * @param headerBytes the largest list of headers of a response, as HTTP/2 counts it
 * @param windowBytes how far the window of a stream grows from 64 KiB where a long way needs it
 * @param compression how requests are compressed
 * @param waitForReady whether calls wait for a connection, up to their deadline, where one cannot
 *     be made for now
 * @param authority what to say as {@code :authority}; null: the address
 */
public record GrpcClientConfig(
    int connections,
    int mostConnections,
    int streams,
    Duration connectTimeout,
    Duration idle,
    Duration maxAge,
    Duration keepalive,
    Duration keepaliveAnswer,
    Duration progress,
    int messageBytes,
    int headerBytes,
    int windowBytes,
    Compression compression,
    boolean waitForReady,
    @Nullable String authority) {
  /**
   * One connection, up to 64 when streams run out, 1 s to connect, 50 s idle, an hour of life,
   * asked after 6 minutes of silence, 4 MiB, 8 KiB of headers, nothing compressed.
   */
  public static final GrpcClientConfig DEFAULT =
      new GrpcClientConfig(
          1,
          64,
          1_024,
          Duration.ofSeconds(1),
          Duration.ofSeconds(50),
          Duration.ofHours(1),
          Duration.ofMinutes(6),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30),
          4 * 1024 * 1024,
          8 * 1024,
          8 * 1024 * 1024,
          Compression.IDENTITY,
          false,
          null);

  /** Checks the numbers. */
  public GrpcClientConfig {
    atLeastOne("connections", connections);
    if (mostConnections < connections) {
      throw new IllegalArgumentException(
          "mostConnections: "
              + mostConnections
              + " (expected: >= connections, "
              + connections
              + ")");
    }
    atLeastOne("streams", streams);
    if (connectTimeout.toMillis() < 1) {
      throw new IllegalArgumentException(
          "connectTimeout: " + connectTimeout + " (expected: >= 1 ms)");
    }
    positive("idle", idle);
    positive("maxAge", maxAge);
    positive("keepalive", keepalive);
    positive("keepaliveAnswer", keepaliveAnswer);
    positive("progress", progress);
    atLeastOne("messageBytes", messageBytes);
    atLeastOne("headerBytes", headerBytes);
    atLeastOne("windowBytes", windowBytes);
    Compression.requireThere(compression);
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

  /** {@return a copy with this many connections to an endpoint, and at most so many} */
  public GrpcClientConfig withConnections(int connections, int most) {
    return new GrpcClientConfig(
        connections,
        most,
        streams,
        connectTimeout,
        idle,
        maxAge,
        keepalive,
        keepaliveAnswer,
        progress,
        messageBytes,
        headerBytes,
        windowBytes,
        compression,
        waitForReady,
        authority);
  }

  /** {@return a copy with at most this many calls at a time on a connection} */
  public GrpcClientConfig withStreams(int streams) {
    return new GrpcClientConfig(
        connections,
        mostConnections,
        streams,
        connectTimeout,
        idle,
        maxAge,
        keepalive,
        keepaliveAnswer,
        progress,
        messageBytes,
        headerBytes,
        windowBytes,
        compression,
        waitForReady,
        authority);
  }

  /** {@return a copy whose streams have windows of up to this size} */
  public GrpcClientConfig withWindowBytes(int windowBytes) {
    return new GrpcClientConfig(
        connections,
        mostConnections,
        streams,
        connectTimeout,
        idle,
        maxAge,
        keepalive,
        keepaliveAnswer,
        progress,
        messageBytes,
        headerBytes,
        windowBytes,
        compression,
        waitForReady,
        authority);
  }

  /** {@return a copy with this limit for establishing a connection} */
  public GrpcClientConfig withConnectTimeout(Duration connectTimeout) {
    return new GrpcClientConfig(
        connections,
        mostConnections,
        streams,
        connectTimeout,
        idle,
        maxAge,
        keepalive,
        keepaliveAnswer,
        progress,
        messageBytes,
        headerBytes,
        windowBytes,
        compression,
        waitForReady,
        authority);
  }

  /** {@return a copy that keeps unused connections this long} */
  public GrpcClientConfig withIdle(Duration idle) {
    return new GrpcClientConfig(
        connections,
        mostConnections,
        streams,
        connectTimeout,
        idle,
        maxAge,
        keepalive,
        keepaliveAnswer,
        progress,
        messageBytes,
        headerBytes,
        windowBytes,
        compression,
        waitForReady,
        authority);
  }

  /** {@return a copy that uses connections this long} */
  public GrpcClientConfig withMaxAge(Duration maxAge) {
    return new GrpcClientConfig(
        connections,
        mostConnections,
        streams,
        connectTimeout,
        idle,
        maxAge,
        keepalive,
        keepaliveAnswer,
        progress,
        messageBytes,
        headerBytes,
        windowBytes,
        compression,
        waitForReady,
        authority);
  }

  /** {@return a copy that asks after this long without a byte, and waits so long for the answer} */
  public GrpcClientConfig withKeepalive(Duration keepalive, Duration keepaliveAnswer) {
    return new GrpcClientConfig(
        connections,
        mostConnections,
        streams,
        connectTimeout,
        idle,
        maxAge,
        keepalive,
        keepaliveAnswer,
        progress,
        messageBytes,
        headerBytes,
        windowBytes,
        compression,
        waitForReady,
        authority);
  }

  /** {@return a copy whose streams without a deadline wait this long for anything to happen} */
  public GrpcClientConfig withProgress(Duration progress) {
    return new GrpcClientConfig(
        connections,
        mostConnections,
        streams,
        connectTimeout,
        idle,
        maxAge,
        keepalive,
        keepaliveAnswer,
        progress,
        messageBytes,
        headerBytes,
        windowBytes,
        compression,
        waitForReady,
        authority);
  }

  /** {@return a copy with this largest message} */
  public GrpcClientConfig withMessageBytes(int messageBytes) {
    return new GrpcClientConfig(
        connections,
        mostConnections,
        streams,
        connectTimeout,
        idle,
        maxAge,
        keepalive,
        keepaliveAnswer,
        progress,
        messageBytes,
        headerBytes,
        windowBytes,
        compression,
        waitForReady,
        authority);
  }

  /** {@return a copy that takes this many bytes of headers} */
  public GrpcClientConfig withHeaderBytes(int headerBytes) {
    return new GrpcClientConfig(
        connections,
        mostConnections,
        streams,
        connectTimeout,
        idle,
        maxAge,
        keepalive,
        keepaliveAnswer,
        progress,
        messageBytes,
        headerBytes,
        windowBytes,
        compression,
        waitForReady,
        authority);
  }

  /** {@return a copy that compresses its requests so} */
  public GrpcClientConfig withCompression(Compression compression) {
    return new GrpcClientConfig(
        connections,
        mostConnections,
        streams,
        connectTimeout,
        idle,
        maxAge,
        keepalive,
        keepaliveAnswer,
        progress,
        messageBytes,
        headerBytes,
        windowBytes,
        compression,
        waitForReady,
        authority);
  }

  /** {@return a copy whose calls wait for a connection, or do not} */
  public GrpcClientConfig withWaitForReady(boolean waitForReady) {
    return new GrpcClientConfig(
        connections,
        mostConnections,
        streams,
        connectTimeout,
        idle,
        maxAge,
        keepalive,
        keepaliveAnswer,
        progress,
        messageBytes,
        headerBytes,
        windowBytes,
        compression,
        waitForReady,
        authority);
  }

  /** {@return a copy that says this as {@code :authority}} */
  public GrpcClientConfig withAuthority(String authority) {
    return new GrpcClientConfig(
        connections,
        mostConnections,
        streams,
        connectTimeout,
        idle,
        maxAge,
        keepalive,
        keepaliveAnswer,
        progress,
        messageBytes,
        headerBytes,
        windowBytes,
        compression,
        waitForReady,
        authority);
  }
}
