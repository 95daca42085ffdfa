package io.volare.transport.grpc;

/**
 * How large the window of a stream has to be, so that its sender need not wait for it: as much as
 * the way to the peer holds. Belongs to one event loop; time is a parameter.
 *
 * <p>How is this designed, and why? What arrives between a ping and its answer is what one round
 * trip carries. If that is half the window at least, since windows are given back in parts, and
 * faster than anything before, the window may be what limits it, and doubles. Where it is not,
 * measuring pauses for longer and longer. The peer has always sent data since the last ping, which
 * is what servers of gRPC ask of whom they do not call a nuisance; and no ping is sent while
 * another is not answered.
 *
 * <p>Source: gRPC's <a
 * href="https://grpc.io/blog/grpc-go-perf-improvements/#bdp-estimation-and-dynamic-flow-control-window">BDP
 * estimation</a>.
 */
final class WindowEstimator {
  /** How many windows at most come unmeasured after one that was measured for nothing. */
  private static final int MOST_PAUSE_WINDOWS = 4;

  private final int mostBytes;
  private int targetBytes;
  private boolean allowed;
  private boolean measuring;
  private long measuredBytes;
  private long startNanos;
  private double bestBytesPerNano;
  private long pauseBytes;
  private long pausedBytes;

  /**
   * Starts with a window that is as it is agreed, and measures nothing if that is the largest.
   *
   * @param firstBytes what every stream begins with
   * @param mostBytes how far a window may grow
   */
  WindowEstimator(int firstBytes, int mostBytes) {
    this.targetBytes = firstBytes;
    this.mostBytes = mostBytes;
    allowed = firstBytes < mostBytes;
  }

  /** {@return how large a stream's window should be} */
  int targetBytes() {
    return targetBytes;
  }

  /** Data came, of whichever stream. */
  void read(int bytes) {
    if (measuring) {
      measuredBytes += bytes;
    } else {
      pausedBytes += bytes;
    }
  }

  /** {@return whether to send a ping now, since a batch came whose sender may wait for a window} */
  boolean begins(long now) {
    if (!allowed || measuring || pausedBytes < pauseBytes) {
      return false;
    }
    measuring = true;
    measuredBytes = 0;
    startNanos = now;
    return true;
  }

  /** The ping was answered. */
  void ended(long now) {
    if (!measuring) {
      return;
    }
    measuring = false;
    pausedBytes = 0;
    double bytesPerNano = (double) measuredBytes / Math.max(1, now - startNanos);
    boolean full = 2 * measuredBytes >= targetBytes;
    if (!full || bytesPerNano <= bestBytesPerNano) {
      pauseBytes =
          Math.min((long) MOST_PAUSE_WINDOWS * targetBytes, 2 * pauseBytes + targetBytes / 2);
      return;
    }
    bestBytesPerNano = bytesPerNano;
    targetBytes = (int) Math.min(mostBytes, 2 * Math.max(targetBytes, measuredBytes));
    pauseBytes = 0;
    allowed = targetBytes < mostBytes;
  }

  /** The peer does not want pings. */
  void stop() {
    allowed = false;
  }
}
