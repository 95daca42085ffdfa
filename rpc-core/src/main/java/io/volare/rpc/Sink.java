package io.volare.rpc;

/**
 * The sending end of a stream. Used by one thread at a time.
 *
 * @param <T> the messages
 */
public interface Sink<T> {
  /**
   * Sends a message; blocks while the other side has no room, at most until the call's deadline.
   *
   * @throws InterruptedException if the thread is interrupted; the stream is cancelled by it
   * @throws RpcException if the stream has failed, was cancelled by the reader, or the deadline
   *     passed while waiting for room
   * @throws IllegalStateException if the stream was completed before
   */
  void send(T message) throws InterruptedException;

  /** Says that no message follows. Harmless when called again. */
  void complete();
}
