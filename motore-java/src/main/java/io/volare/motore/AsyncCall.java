package io.volare.motore;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A call that runs on its own virtual thread. Thread-safe.
 *
 * @param <R> the response
 */
public final class AsyncCall<R extends @Nullable Object> {
  private final FutureTask<R> task;

  private AsyncCall(FutureTask<R> task) {
    this.task = task;
  }

  static <R extends @Nullable Object> AsyncCall<R> start(Callable<R> call) {
    FutureTask<R> task = new FutureTask<>(call);
    Thread.ofVirtual().name("volare-call").start(task);
    return new AsyncCall<>(task);
  }

  /**
   * Waits for the response.
   *
   * @throws CancellationException if the call was cancelled
   * @throws InterruptedException if the waiting thread was interrupted; the call goes on
   * @throws Exception the call's own failure, as it was thrown
   */
  public R join() throws Exception {
    try {
      return task.get();
    } catch (ExecutionException wrapped) {
      throw failureIn(wrapped);
    }
  }

  /**
   * Waits for the response, at most {@code limit}.
   *
   * @throws TimeoutException if it is not there by then; the call goes on
   * @throws CancellationException if the call was cancelled
   * @throws InterruptedException if the waiting thread was interrupted; the call goes on
   * @throws Exception the call's own failure, as it was thrown
   */
  public R join(Duration limit) throws Exception {
    try {
      return task.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException wrapped) {
      throw failureIn(wrapped);
    }
  }

  /**
   * Interrupts the call's thread.
   *
   * @return false if the call had already ended
   */
  public boolean cancel() {
    return task.cancel(true);
  }

  /** {@return whether the call has ended, in whatever way} */
  public boolean isDone() {
    return task.isDone();
  }

  private static Exception failureIn(ExecutionException wrapped) {
    Throwable cause = wrapped.getCause();
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof Exception failure ? failure : wrapped;
  }
}
