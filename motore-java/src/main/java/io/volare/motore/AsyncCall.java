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
 * A call that runs on its own virtual thread.
 *
 * {@snippet class=io.volare.motore.MotoreSnippetsTest region=async}
 *
 * <p>Thread-safe.
 *
 * @param <R> the response
 */
public final class AsyncCall<R extends @Nullable Object> {
  private final FutureTask<R> task;
  private final Thread thread;
  private final ThreadScope scope;

  private AsyncCall(Callable<R> call) {
    task = new FutureTask<>(call);
    thread = Thread.ofVirtual().name("volare-call").unstarted(this::run);
    scope = new ThreadScope(thread);
  }

  static <R extends @Nullable Object> AsyncCall<R> start(Callable<R> call) {
    AsyncCall<R> started = new AsyncCall<>(call);
    started.thread.start();
    return started;
  }

  private void run() {
    try (scope) {
      task.run();
    }
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
   * Interrupts the call's thread: {@link #join} throws {@link CancellationException} from now on,
   * while the call unwinds through its {@code finally} blocks. The interrupt is never lost to a
   * timeout inside the call that fires at the same moment.
   *
   * @return false if the call had already ended
   */
  public boolean cancel() {
    boolean cancelled = task.cancel(false);
    if (cancelled) {
      scope.interrupt();
    }
    return cancelled;
  }

  /** {@return whether the call has ended, in whatever way; a cancelled one may be unwinding} */
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
