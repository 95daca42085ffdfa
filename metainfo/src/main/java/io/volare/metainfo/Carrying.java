package io.volare.metainfo;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes the metainfo of the thread that hands work over to the thread that does it. Each task gets
 * a {@link MetaInfo#fork}, made at the moment of handing over, and the binding ends with the task.
 * Where nothing is bound, tasks are left as they are.
 */
public final class Carrying {
  private Carrying() {}

  /** {@return {@code task}, to be run with a fork of what is bound here now} */
  public static Runnable wrap(Runnable task) {
    MetaInfo mine = MetaInfo.currentOrNull();
    if (mine == null) {
      return task;
    }
    MetaInfo fork = mine.fork();
    return () -> MetaInfo.run(fork, task);
  }

  /** {@return {@code task}, to be run with a fork of what is bound here now} */
  public static <R extends @Nullable Object> Callable<R> wrapCallable(Callable<R> task) {
    return MetaInfo.carried(task);
  }

  /** {@return {@code supplier}, to be run with a fork of what is bound here now} */
  public static <R extends @Nullable Object> Supplier<R> wrapSupplier(Supplier<R> supplier) {
    MetaInfo mine = MetaInfo.currentOrNull();
    if (mine == null) {
      return supplier;
    }
    MetaInfo fork = mine.fork();
    return () -> MetaInfo.<R, RuntimeException>call(fork, supplier::get);
  }

  /**
   * {@return an executor that wraps every task handed to it} Give it to {@code CompletableFuture}
   * too. Its life is the life of {@code executor}.
   */
  public static ExecutorService executor(ExecutorService executor) {
    return new CarryingExecutor(executor);
  }

  /**
   * {@return a factory whose threads each run with a fork of what is bound where they are made} For
   * {@code StructuredTaskScope} and thread-per-task executors.
   */
  public static ThreadFactory threads(ThreadFactory threads) {
    return task -> threads.newThread(wrap(task));
  }

  /** {@return a factory of virtual threads; see {@link #threads}} */
  public static ThreadFactory virtualThreads() {
    return threads(Thread.ofVirtual().factory());
  }
}
