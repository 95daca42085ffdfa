package io.volare.interop;

import io.volare.rpc.Address;
import io.volare.rpc.RpcClient;
import io.volare.transport.grpc.GrpcClient;
import io.volare.transport.grpc.GrpcClientConfig;
import io.volare.transport.grpc.GrpcServer;
import java.time.Duration;
import java.util.List;

/**
 * Streams of gRPC in both directions at once whose senders are faster than their readers. Nothing
 * may be lost, what is held has a bound, and streams that are given up hold nothing.
 */
public final class GrpcStreamSoak {
  private GrpcStreamSoak() {}

  /**
   * Streams, says what was seen, and exits with 1 if it is not as it must be.
   *
   * @param args {@code --seconds 10 --rate 100}, the last in MB/s that each reader takes
   */
  public static void main(String[] args) throws Exception {
    System.setProperty("io.netty.allocator.type", "unpooled"); // counts what is in use, and no more
    Arguments given =
        Arguments.orExit(() -> Arguments.parse(List.of(args), List.of("--seconds", "--rate")));
    int seconds = given.number("--seconds", 10);
    int rate = given.number("--rate", 100);
    Result result = run(Duration.ofSeconds(seconds), rate);
    System.out.println(result.summary());
    System.exit(result.holds() ? 0 : 1);
  }

  /**
   * {@return what became of two streams whose readers take {@code megabytes} a second for {@code
   * time}, and of two that nobody reads}
   */
  private static Result run(Duration time, int megabytes) throws Exception {
    StreamFlow flow = new StreamFlow(time, megabytes);
    GrpcServer server =
        GrpcServer.builder(Address.tcp("127.0.0.1", 0)).service(flow.service()).build();
    server.start();
    GrpcClient transport =
        GrpcClient.to(
            server.endpoint(), GrpcClientConfig.DEFAULT.withConnectTimeout(Duration.ofSeconds(10)));
    try {
      RpcClient client = RpcClient.builder("soak").transport(transport);
      flow.warmUp(client);
      return flow.run(client);
    } finally {
      transport.stop();
      server.stop();
    }
  }

  /**
   * What was seen.
   *
   * @param sent bytes of messages, of each direction
   * @param down bytes that came as they were sent, to the client
   * @param up the same, to the server
   * @param nanos how long it took
   * @param mostBytes direct memory that both sides held beyond what they began with, at most
   * @param unreadBytes the same, of streams that nobody reads
   * @param leftBytes the same, once those were given up
   */
  record Result(
      long sent, long down, long up, long nanos, long mostBytes, long unreadBytes, long leftBytes) {
    /** For each of two streams: its largest window, and parts of messages and buffers. */
    static final long BOUND_BYTES = 2 * (8L + 4L) * 1024 * 1024;

    /** Buffers that loops keep for themselves. */
    static final long KEPT_BYTES = 1024 * 1024;

    boolean holds() {
      return down == sent
          && up == sent
          && mostBytes <= BOUND_BYTES
          && unreadBytes <= BOUND_BYTES
          && leftBytes <= KEPT_BYTES;
    }

    String summary() {
      double seconds = nanos / 1e9;
      return """
      down: %d of %d B came, %.0f MB/s
      up:   %d of %d B came, %.0f MB/s
      held: %.1f MiB at most, %.1f MiB by two streams that nobody reads (bound: %d MiB), %.1f MiB once they were given up (bound: %d MiB)
      %s\
      """
          .formatted(
              down,
              sent,
              down / seconds / 1e6,
              up,
              sent,
              up / seconds / 1e6,
              mebibytes(mostBytes),
              mebibytes(unreadBytes),
              BOUND_BYTES >> 20,
              mebibytes(leftBytes),
              KEPT_BYTES >> 20,
              holds() ? "holds" : "DOES NOT HOLD");
    }

    private static double mebibytes(long bytes) {
      return bytes / 1024.0 / 1024.0;
    }
  }
}
