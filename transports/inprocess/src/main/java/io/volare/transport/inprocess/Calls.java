package io.volare.transport.inprocess;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** The calls that a server is answering. Thread-safe. */
final class Calls {
  private final Set<Thread> running = ConcurrentHashMap.newKeySet();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();

  Thread start(String name, Runnable answer) {
    Thread thread = Thread.ofVirtual().name(name).unstarted(() -> run(answer));
    running.add(thread);
    thread.start();
    return thread;
  }

  private void run(Runnable answer) {
    try {
      answer.run();
    } finally {
      running.remove(Thread.currentThread());
      lock.lock();
      try {
        ended.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  void awaitNone(Duration limit) throws InterruptedException {
    long left = limit.toNanos();
    lock.lockInterruptibly();
    try {
      while (!running.isEmpty() && left > 0) {
        left = ended.awaitNanos(Math.min(left, TimeUnit.SECONDS.toNanos(1)));
      }
    } finally {
      lock.unlock();
    }
  }

  void interruptAll() {
    running.forEach(Thread::interrupt);
  }
}
