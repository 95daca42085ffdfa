package io.volare.transport.netty;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/**
 * On which thread a server answers: the one dispatch of a call.
 *
 * <p>{@link #virtualThreads()} is the default and always safe. {@link #loopAffine()} is nearly as
 * cheap as {@link #inline()} and lets handlers wait, but not hold their processor. {@link
 * #inline()} is for handlers that never block: they run on the event loop, and whatever blocks
 * there stalls every connection of that loop. Immutable.
 */
public final class Execution {
  private static final System.Logger LOG = System.getLogger(Execution.class.getName());

  private static final ThreadFactory POOL_THREADS =
      Thread.ofVirtual().name("volare-server").inheritInheritableThreadLocals(false).factory();
  private static final Execution INLINE = new Execution("inline", true, false, Runnable::run);
  private static final Execution VIRTUAL_THREADS =
      new Execution("virtual threads", false, false, Execution::startOnPool);

  private final String name;
  private final boolean inline;
  private final boolean affine;
  private final Executor executor;

  private Execution(String name, boolean inline, boolean affine, Executor executor) {
    this.name = name;
    this.inline = inline;
    this.affine = affine;
    this.executor = executor;
  }

  private static void startOnPool(Runnable call) {
    if (Thread.currentThread() instanceof LoopThread loop) {
      loop.handOver(call);
    } else {
      POOL_THREADS.newThread(call).start();
    }
  }

  /** {@return makes virtual threads of the pool} */
  static ThreadFactory poolThreads() {
    return POOL_THREADS;
  }

  /** {@return each call on the event loop itself, for handlers that never block} */
  public static Execution inline() {
    return INLINE;
  }

  /**
   * {@return each call on a virtual thread of its own, of the JDK's pool} Calls that a loop has
   * read at once are handed over together.
   */
  public static Execution virtualThreads() {
    return VIRTUAL_THREADS;
  }

  /**
   * {@return each call on a virtual thread of its own that the connection's event loop carries} It
   * starts on the loop's thread without any hand-over, and gives the thread back whenever it waits:
   * for a lock, a reply, a queue, a sleep. A handler that holds its processor, or blocks in native
   * code or a file, stalls every connection of that loop until it lets go, so this is for services
   * whose handlers wait in Java or not at all. Where native code that called back, or the
   * initialiser of a class, stands on its stack, the JVM cannot give the thread back either: a call
   * through the same loop then waits for itself, and ends at its deadline. The JVM does not tell
   * beforehand, so it is not refused as one on an event loop is.
   *
   * <p>A client whose calls share connections prefers one of the loop that carries the caller: then
   * neither the request nor the reply goes from one thread to another. Give it the server's loops,
   * and at least as many connections as there are of those.
   *
   * <p>It needs {@code --add-opens java.base/java.lang=ALL-UNNAMED}, or {@code Add-Opens:
   * java.base/java.lang} in the manifest of an executable jar. Without it this is {@link
   * #virtualThreads()}, and one log line says so.
   */
  public static Execution loopAffine() {
    return Affine.EXECUTION;
  }

  /**
   * {@return each call on {@code executor}} Where it rejects a call, the caller is told that the
   * server is exhausted and that the call did not run.
   */
  public static Execution on(Executor executor) {
    return new Execution("on " + executor, false, false, requireNonNull(executor, "executor"));
  }

  /** {@return whether calls run on the event loop} */
  public boolean isInline() {
    return inline;
  }

  /**
   * {@return whether {@link #run}, called on this thread, comes back when the call has ended or
   * waits} What it waits for does not come before this thread has gone on.
   */
  public boolean startsHere() {
    return inline
        || affine && Thread.currentThread() instanceof LoopThread loop && loop.carriesThreads();
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

  /** Made, and said to be missing, when it is first asked for. */
  private static final class Affine {
    static final Execution EXECUTION = LoopThread.canCarry() ? affine() : missing();

    private static Execution affine() {
      return new Execution("loop-affine virtual threads", false, true, Affine::start);
    }

    private static void start(Runnable call) {
      if (!(Thread.currentThread() instanceof LoopThread loop) || !loop.startVirtual(call)) {
        startOnPool(call);
      }
    }

    private static Execution missing() {
      LOG.log(
          System.Logger.Level.WARNING,
          "loop-affine virtual threads need " + LoopThread.FLAG + ": calls run on the common pool");
      return VIRTUAL_THREADS;
    }
  }
}
