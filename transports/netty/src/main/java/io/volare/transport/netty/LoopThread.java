package io.volare.transport.netty;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.FastThreadLocalThread;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The thread of one event loop, which can carry virtual threads as well. Known by its class, so
 * that asking whether a thread is a loop costs nothing.
 *
 * <p>How is this designed, and why? A virtual thread runs on whatever its scheduler runs it on. The
 * JDK's own scheduler is a pool, and handing a call over to it and its answer back costs more than
 * many handlers do. Here the loop's thread is the scheduler: {@link #startVirtual} runs the call at
 * once, on the thread that has read it, until it ends or waits; then the loop goes on. What wakes
 * it later puts it into the loop's queue. JDK 25 has no public way to name a scheduler, so its
 * package-private builder is used where the JVM opens it, and nothing breaks where it does not.
 */
final class LoopThread extends FastThreadLocalThread implements Executor {
  /** What must be said on the command line, or as {@code Add-Opens} in a manifest. */
  static final String FLAG = "--add-opens java.base/java.lang=ALL-UNNAMED";

  /** What is read at a time. */
  private static final int READ_BYTES = 64 * 1024;

  private static final @Nullable MethodHandle NEW_BUILDER = newBuilder();
  private static final @Nullable MethodHandle CURRENT_CARRIER =
      NEW_BUILDER == null ? null : currentCarrier();
  private static final @Nullable MethodHandle SCHEDULER = NEW_BUILDER == null ? null : scheduler();

  private final Thread.Builder.@Nullable OfVirtual virtual;
  private @Nullable SingleThreadIoEventLoop loop;
  private @Nullable Handover handover;
  private final LoopBuffer reads = new LoopBuffer(READ_BYTES);
  private boolean carries;
  private boolean running;

  LoopThread(Runnable task, String name) {
    super(task, name);
    setDaemon(true);
    virtual = NEW_BUILDER == null ? null : builder(NEW_BUILDER);
  }

  private static @Nullable MethodHandle newBuilder() {
    try {
      Class<?> type = Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder");
      return MethodHandles.privateLookupIn(type, MethodHandles.lookup())
          .findConstructor(type, MethodType.methodType(void.class, Executor.class))
          .asType(MethodType.methodType(Thread.Builder.OfVirtual.class, Executor.class));
    } catch (ReflectiveOperationException notThere) {
      return null;
    }
  }

  /** {@return what tells the thread that runs the calling one, or that is the calling one} */
  private static @Nullable MethodHandle currentCarrier() {
    try {
      return MethodHandles.privateLookupIn(Thread.class, MethodHandles.lookup())
          .findStatic(Thread.class, "currentCarrierThread", MethodType.methodType(Thread.class));
    } catch (ReflectiveOperationException notThere) {
      return null;
    }
  }

  /** {@return what tells the scheduler of a virtual thread} */
  private static @Nullable MethodHandle scheduler() {
    try {
      Class<?> type = Class.forName("java.lang.VirtualThread");
      return MethodHandles.privateLookupIn(type, MethodHandles.lookup())
          .findGetter(type, "scheduler", Executor.class)
          .asType(MethodType.methodType(Executor.class, Thread.class));
    } catch (ReflectiveOperationException notThere) {
      return null;
    }
  }

  /** {@return the loop that carries the calling virtual thread, null on any other thread} */
  static @Nullable EventLoop ofCaller() {
    if (CURRENT_CARRIER == null || !Thread.currentThread().isVirtual()) {
      return null;
    }
    try {
      return (Thread) CURRENT_CARRIER.invokeExact() instanceof LoopThread carrier
          ? carrier.loop
          : null;
    } catch (Throwable unexpected) {
      throw new IllegalStateException("cannot tell what carries this thread", unexpected);
    }
  }

  private Thread.Builder.OfVirtual builder(MethodHandle maker) {
    try {
      return ((Thread.Builder.OfVirtual) maker.invokeExact((Executor) this))
          .name("volare-server")
          .inheritInheritableThreadLocals(false);
    } catch (Throwable unexpected) {
      throw new IllegalStateException("cannot make virtual threads of a loop", unexpected);
    }
  }

  /** {@return whether this JVM lets loops carry virtual threads} */
  static boolean canCarry() {
    return NEW_BUILDER != null;
  }

  /** Said once, before the thread starts. */
  void loop(SingleThreadIoEventLoop loop) {
    this.loop = loop;
    this.handover = new Handover(loop, Execution.poolThreads());
  }

  /**
   * {@return an empty buffer for one read, for the reader to release; null while another reader
   * holds it} Called on this thread.
   */
  @Nullable ByteBuf readBuffer() {
    return reads.take();
  }

  /** {@return whether {@link #startVirtual} starts anything} */
  boolean carriesThreads() {
    return virtual != null;
  }

  /** Starts {@code call} on a virtual thread of the pool, soon. Called on this thread. */
  void handOver(Runnable call) {
    requireNonNull(handover).start(call);
  }

  /**
   * Wakes {@code parked}: at once if nobody has to be handed it, else soon, together with others.
   * Called on this thread.
   */
  void wake(Thread parked) {
    if (!parked.isVirtual() || carries && mayCarry(parked)) {
      LockSupport.unpark(parked);
      return;
    }
    try {
      requireNonNull(handover).wake(parked);
    } catch (RejectedExecutionException closed) {
      LockSupport.unpark(parked);
    }
  }

  /** {@return whether it is one that this thread carries, as far as the JVM tells} */
  private boolean mayCarry(Thread virtual) {
    if (SCHEDULER == null) {
      return true;
    }
    try {
      return (Executor) SCHEDULER.invokeExact(virtual) == this;
    } catch (Throwable unexpected) {
      throw new IllegalStateException("cannot tell what schedules " + virtual, unexpected);
    }
  }

  /**
   * Runs {@code call} on a new virtual thread that this thread carries. Called on this thread.
   *
   * @return false if this JVM does not let it; nothing was started
   */
  boolean startVirtual(Runnable call) {
    if (virtual == null) {
      return false;
    }
    carries = true;
    virtual.start(call);
    return true;
  }

  /**
   * Goes on with a virtual thread: at once if this thread is free, which it is not while it carries
   * another, or is just being given back by one that yields and would only be nested in itself.
   */
  @Override
  public void execute(Runnable continuation) {
    if (Thread.currentThread() == this && !running) {
      running = true;
      try {
        continuation.run();
      } finally {
        running = false;
      }
      return;
    }
    try {
      requireNonNull(loop).execute(continuation);
    } catch (RejectedExecutionException closed) {
      // the loop has ended and the call has not: it is carried to its end all the same
      Thread.ofPlatform().daemon().name(getName() + "-after").start(continuation);
    }
  }
}
