package io.volare.transport.netty;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.Executor;

/**
 * On which thread a server answers: the one dispatch of a call.
 *
 * <p>{@link #virtualThreads()} is the default and always safe. {@link #inline()} is for handlers
 * that never block: they run on the event loop, and whatever blocks there stalls every connection
 * of that loop.
 */
public final class Execution {
  private static final Execution INLINE = new Execution("inline", true, Runnable::run);
  private static final Execution VIRTUAL_THREADS =
      new Execution(
          "virtual threads", false, task -> Thread.ofVirtual().name("volare-server").start(task));

  private final String name;
  private final boolean inline;
  private final Executor executor;

  private Execution(String name, boolean inline, Executor executor) {
    this.name = name;
    this.inline = inline;
    this.executor = executor;
  }

  /** {@return each call on the event loop itself, for handlers that never block} */
  public static Execution inline() {
    return INLINE;
  }

  /** {@return each call on a virtual thread of its own} */
  public static Execution virtualThreads() {
    return VIRTUAL_THREADS;
  }

  /**
   * {@return each call on {@code executor}} Where it rejects a call, the caller is told that the
   * server is exhausted and that the call did not run.
   */
  public static Execution on(Executor executor) {
    return new Execution("on " + executor, false, requireNonNull(executor, "executor"));
  }

  /** {@return whether calls run on the event loop} */
  public boolean isInline() {
    return inline;
  }

  /**
   * Runs {@code call}.
   *
   * @throws java.util.concurrent.RejectedExecutionException if the executor has no room
   */
  public void run(Runnable call) {
    executor.execute(call);
  }

  @Override
  public String toString() {
    return name;
  }
}
