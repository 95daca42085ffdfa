package io.volare.transport.grpc;

/**
 * How many streams of a connection may be reset, by the peer or because of it: some in any 30
 * seconds, and one for every ten that ended well. Belongs to one event loop.
 *
 * <p>A client whose calls sometimes time out stays far below; one that opens streams only to have
 * them reset, by whatever trick, does not.
 */
final class ResetBudget {
  private static final long REFILL_NANOS = 30_000_000_000L;

  /** Of one reset; so shares of it can be earned. */
  private static final long UNIT = 10;

  private final long most;
  private final long nanosForOne;
  private long left;
  private long refilledNanos;

  /** Starts full. */
  ResetBudget(int perThirtySeconds, long now) {
    most = perThirtySeconds * UNIT;
    nanosForOne = REFILL_NANOS / most;
    left = most;
    refilledNanos = now;
  }

  /** A stream came to its end as it should. */
  void endedWell() {
    left = Math.min(most, left + 1);
  }

  /** {@return whether one more reset may be; false is the end of the connection} */
  boolean spend(long now) {
    long earned = (now - refilledNanos) / nanosForOne;
    if (earned > 0) {
      left = Math.min(most, left + earned);
      refilledNanos += earned * nanosForOne;
    }
    left -= UNIT;
    return left >= 0;
  }
}
