package io.volare.rpc;

import static java.util.Objects.requireNonNull;

import io.volare.motore.Failure.Kind;
import org.jspecify.annotations.Nullable;

/**
 * A call whose requests stream and whose response is one message: send in a loop, then finish, all
 * inside a try block. Used by one thread at a time.
 *
 * <p>Leaving the try block before {@link #finish} has returned cancels the call.
 *
 * @param <Q> the requests
 * @param <R> the response
 */
public final class RequestStream<Q, R> implements AutoCloseable {
  private final String target;
  private final Duplex<R, Q> ends;
  private @Nullable R response;

  private RequestStream(String target, Duplex<R, Q> ends) {
    this.target = requireNonNull(target, "target");
    this.ends = requireNonNull(ends, "ends");
  }

  /** {@return the call that {@code ends} are of; {@code target} names it in messages} */
  public static <Q, R> RequestStream<Q, R> of(String target, Duplex<R, Q> ends) {
    return new RequestStream<>(target, ends);
  }

  /**
   * Sends a request; blocks while the server has no room for it, at most until the call's deadline.
   * Where the server has answered already, nothing is sent any more.
   *
   * @throws InterruptedException if the thread is interrupted; the call is cancelled by it
   * @throws RpcException if the call has failed: its own failure, not that of the sending
   * @throws IllegalStateException after {@link #finish}
   */
  public void send(Q request) throws InterruptedException {
    if (response != null) {
      return;
    }
    try {
      ends.sink().send(request);
    } catch (RpcException refused) {
      if (refused.kind() != Kind.CANCELLED) {
        throw refused;
      }
      response = answerAfter(refused);
    }
  }

  /**
   * Says that no request follows and waits for the response.
   *
   * @throws InterruptedException if the thread is interrupted; the call is cancelled by it
   * @throws RpcException if the call has failed, or its deadline passed while waiting
   */
  public R finish() throws InterruptedException {
    ends.sink().complete();
    if (response == null) {
      response = answer();
    }
    return response;
  }

  /** Cancels the call unless it has ended. */
  @Override
  public void close() {
    ends.close();
  }

  /** A server that listens no more has either answered or failed: that is what the caller hears. */
  private R answerAfter(RpcException refused) throws InterruptedException {
    try {
      return answer();
    } catch (RpcException failure) {
      if (failure != refused) {
        failure.addSuppressed(refused);
      }
      throw failure;
    }
  }

  private R answer() throws InterruptedException {
    R only = ends.source().receive();
    if (only == null) {
      throw RpcException.of(Kind.PROTOCOL, target + ": ended with no response (expected: one)");
    }
    if (ends.source().receive() != null) {
      throw RpcException.of(Kind.PROTOCOL, target + ": a second response (expected: one)");
    }
    return only;
  }
}
