package io.volare.rpc;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The receiving end of a stream: read it in a for-loop, inside a try block. Used by one thread at a
 * time.
 *
 * <p>Receiving blocks until a message, the end, or the deadline of the call. Leaving the try block
 * before the end cancels the stream.
 *
 * @param <T> the messages
 */
public interface Source<T> extends Iterable<T>, AutoCloseable {
  /**
   * {@return the next message, or null once the other side has completed}
   *
   * @throws InterruptedException if the thread is interrupted; the stream is cancelled by it
   * @throws RpcException if the stream failed, or the deadline passed while waiting
   */
  @Nullable T receive() throws InterruptedException;

  /** Ends the reading; the sender learns that nobody listens any more. Harmless at the end. */
  @Override
  void close();

  /**
   * {@return the messages that are left, for the for-loop} Interruption surfaces as an {@link
   * RpcException} of kind {@code CANCELLED} with the thread's flag set.
   */
  @Override
  default Iterator<T> iterator() {
    return new Iterator<>() {
      private @Nullable T next;
      private boolean ended;

      @Override
      public boolean hasNext() {
        if (next == null && !ended) {
          try {
            next = receive();
          } catch (InterruptedException cancelled) {
            Thread.currentThread().interrupt();
            throw RpcException.of(
                io.volare.motore.Failure.Kind.CANCELLED,
                "interrupted while receiving from a stream",
                cancelled);
          }
          ended = next == null;
        }
        return next != null;
      }

      @Override
      public T next() {
        if (!hasNext()) {
          throw new NoSuchElementException("the stream has ended");
        }
        T message = java.util.Objects.requireNonNull(next);
        next = null;
        return message;
      }
    };
  }
}
