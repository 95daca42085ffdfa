package io.volare.motore;

import org.jspecify.annotations.Nullable;

/**
 * Answers a request: the one shape of every handler, client, transport and layered stack.
 *
 * <p>A service is called on the caller's thread, may block, and is shared by concurrent calls, so
 * it is thread-safe. Cancellation is interruption: a service that blocks lets {@link
 * InterruptedException} through.
 *
 * @param <C> what is known about the call; one object per call, owned by the calling thread
 * @param <Q> the request
 * @param <R> the response
 */
@FunctionalInterface
public interface Service<
    C extends @Nullable Object, Q extends @Nullable Object, R extends @Nullable Object> {
  /**
   * Answers one request.
   *
   * @throws InterruptedException if the call was cancelled
   * @throws Exception whatever went wrong; where it implements {@link Failure} it says what the
   *     caller may do next
   */
  R call(C context, Q request) throws Exception;
}
