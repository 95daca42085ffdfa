package io.volare.integrations.contextpropagation;

import static java.util.Objects.requireNonNull;

import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import io.volare.metainfo.MetaInfo;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Runs actions with the metainfo of a Micrometer snapshot bound.
 *
 * <p>In use, once the jar is there:
 *
 * {@snippet class=io.volare.integrations.contextpropagation.ContextPropagationSnippetsTest
 * region=use}
 *
 * <p>Each action gets a fork: its writes stay its own, backward values go to the one response.
 */
public final class MetaInfoSnapshots {
  private MetaInfoSnapshots() {}

  /** {@return {@code task}, run with the thread locals and the metainfo of {@code snapshot}} */
  public static Runnable wrap(ContextSnapshot snapshot, Runnable task) {
    requireNonNull(task, "task");
    return snapshot.wrap(() -> run(task));
  }

  /** {@return {@code task}, run with the thread locals and the metainfo of {@code snapshot}} */
  public static <R extends @Nullable Object> Callable<R> wrapCallable(
      ContextSnapshot snapshot, Callable<R> task) {
    requireNonNull(task, "task");
    return snapshot.wrap(() -> MetaInfoSnapshots.<R, Exception>call(task::call));
  }

  /** {@return an executor that takes a snapshot of where each task is handed over} */
  public static Executor executor(ContextSnapshotFactory snapshots, Executor executor) {
    return task -> executor.execute(wrap(snapshots.captureAll(), task));
  }

  /**
   * {@return what {@code action} returns, run with the metainfo bound that a snapshot left on this
   * thread} For code that somebody else's snapshot runs, for instance in an operator of Reactor.
   * Where nothing was left, or something was bound since, it runs as it is.
   */
  public static <R extends @Nullable Object, X extends Throwable> R call(
      ScopedValue.CallableOp<? extends R, X> action) throws X {
    MetaInfo left = Captured.leftHere();
    return left == null ? action.call() : MetaInfo.<R, X>call(left.fork(), action);
  }

  /** Runs {@code action} as {@link #call} does. */
  public static void run(Runnable action) {
    MetaInfo left = Captured.leftHere();
    if (left == null) {
      action.run();
    } else {
      MetaInfo.run(left.fork(), action);
    }
  }
}
