package io.volare.rpc;

import static java.util.Objects.requireNonNull;

import io.volare.motore.Deadline;
import io.volare.motore.Failure.Kind;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a stream inside a process: a bounded queue whose ends are a {@link Sink} and a
 * {@link Source}. Sending blocks while it is full, receiving while it is empty, both until the
 * deadline. Thread-safe between the two ends.
 *
 * <p>Guarded by one lock; {@code failure} and {@code completed} are set once.
 *
 * @param <T> the messages
 */
public final class Pipe<T> {
  private final String target;
  private final int capacity;
  private final Deadline deadline;
  private final ArrayDeque<T> messages = new ArrayDeque<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Sink<T> sink = new In();
  private final Source<T> source = new Out();
  private boolean completed;
  private boolean closed;
  private @Nullable RuntimeException failure;

  private Pipe(String target, int capacity, Deadline deadline) {
    this.target = requireNonNull(target, "target");
    this.deadline = requireNonNull(deadline, "deadline");
    if (capacity < 1) {
      throw new IllegalArgumentException("capacity: " + capacity + " messages (expected: >= 1)");
    }
    this.capacity = capacity;
  }

  /**
   * {@return an empty pipe}
   *
   * @param target what the stream belongs to, for messages
   * @param capacity messages that may wait unread
   * @param deadline when waiting ends on both sides
   */
  public static <T> Pipe<T> create(String target, int capacity, Deadline deadline) {
    return new Pipe<>(target, capacity, deadline);
  }

  /** {@return the end to send into} */
  public Sink<T> sink() {
    return sink;
  }

  /** {@return the end to receive from} */
  public Source<T> source() {
    return source;
  }

  /**
   * Breaks the stream: the reader still gets what was sent before and then {@code failure}; the
   * sender gets it at once. The first failure stays.
   */
  public void fail(RuntimeException failure) {
    lock.lock();
    try {
      if (this.failure == null && !completed) {
        this.failure = requireNonNull(failure, "failure");
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void await(String what) throws InterruptedException {
    long remaining = deadline.remainingNanos();
    if (remaining <= 0) {
      throw RpcException.of(Kind.DEADLINE_EXCEEDED, target + ": the deadline passed while " + what);
    }
    if (deadline.isFinite()) {
      changed.await(remaining, TimeUnit.NANOSECONDS);
    } else {
      changed.await();
    }
  }

  private final class In implements Sink<T> {
    @Override
    public void send(T message) throws InterruptedException {
      requireNonNull(message, "message");
      lock.lockInterruptibly();
      try {
        while (isOpen() && messages.size() >= capacity) {
          await("waiting for room in a stream of " + capacity + " messages");
        }
        if (failure != null) {
          throw failure;
        }
        if (closed) {
          throw RpcException.of(Kind.CANCELLED, target + ": the reader has closed the stream");
        }
        if (completed) {
          throw new IllegalStateException(target + ": the stream was completed before");
        }
        messages.add(message);
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }

    private boolean isOpen() {
      return failure == null && !closed && !completed;
    }

    @Override
    public void complete() {
      lock.lock();
      try {
        completed = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private final class Out implements Source<T> {
    @Override
    public @Nullable T receive() throws InterruptedException {
      lock.lockInterruptibly();
      try {
        while (messages.isEmpty() && failure == null && !completed && !closed) {
          await("waiting for a message");
        }
        T message = messages.poll();
        if (message != null) {
          changed.signalAll();
        } else if (failure != null) {
          throw failure;
        }
        return message;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void close() {
      lock.lock();
      try {
        closed = true;
        messages.clear();
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
