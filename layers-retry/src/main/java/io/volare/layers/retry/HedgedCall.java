package io.volare.layers.retry;

import io.volare.layers.retry.HedgeListener.Reason;
import io.volare.motore.CallContext;
import io.volare.motore.Deadline;
import io.volare.motore.Service;
import io.volare.motore.Time.InterruptScope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * One call and its attempts.
 *
 * <p>How is this designed, and why? The calling thread starts the attempts, forks their contexts
 * and adopts the winner's, so the call's own context stays with one thread. An attempt does nothing
 * but run and put itself into the queue when it has ended, unwound through all its {@code finally}
 * blocks. The caller waits there, and an interrupt scope of its own wakes it when the next backup
 * is due. Attempts are cancelled through scopes too, so that no timeout inside loses the interrupt.
 */
final class HedgedCall<
    C extends CallContext, Q extends @Nullable Object, R extends @Nullable Object> {
  private final HedgeConfig config;
  private final Service<C, Q, R> inner;
  private final C context;
  private final Q request;
  private final LinkedBlockingQueue<Attempt> ended = new LinkedBlockingQueue<>();

  // the calling thread's
  private final List<Attempt> started = new ArrayList<>(2);
  private int running;
  private @Nullable Deadline nextBackup;
  private Duration wait = Duration.ZERO;

  HedgedCall(HedgeConfig config, Service<C, Q, R> inner, C context, Q request) {
    this.config = config;
    this.inner = inner;
    this.context = context;
    this.request = request;
  }

  R run() throws Exception {
    boolean won = false;
    try {
      start();
      R response = firstSuccess();
      won = true;
      return response;
    } finally {
      cancelTheRest(won);
    }
  }

  private R firstSuccess() throws Exception {
    Exception earlier = null;
    while (true) {
      Attempt attempt = nextToEnd();
      if (attempt == null) {
        hedge();
        continue;
      }
      running--;
      if (attempt.state() == Future.State.SUCCESS) {
        context.adopt(attempt.context);
        config.listener().won(attempt.context, started.size());
        return attempt.resultNow();
      }
      Exception failure = attempt.failure();
      if (earlier != null && earlier != failure) {
        failure.addSuppressed(earlier);
      }
      if (running == 0 || !mayYetSucceed(attempt.context, failure)) {
        context.adopt(attempt.context);
        throw failure;
      }
      earlier = failure;
    }
  }

  private boolean mayYetSucceed(C attempt, Exception failure) {
    return !(failure instanceof InterruptedException) && config.passing().test(attempt, failure);
  }

  /** {@return an attempt that has ended, or null if none has until a backup is due} */
  private @Nullable Attempt nextToEnd() throws InterruptedException {
    Deadline due = nextBackup;
    if (due == null) {
      return ended.take();
    }
    InterruptScope scope = config.time().interruptAt(due);
    try {
      return ended.take();
    } catch (InterruptedException interrupted) {
      if (!scope.isCauseOf(interrupted)) {
        throw interrupted;
      }
      return ended.poll();
    } finally {
      scope.close();
    }
  }

  private void hedge() {
    Reason reason = null;
    if (context.deadline().isExpired()) {
      reason = Reason.DEADLINE;
    } else if (!config.budget().tryWithdraw()) {
      reason = Reason.BUDGET;
    }
    if (reason == null) {
      Duration waited = wait;
      config.listener().hedging(start(), waited);
    } else {
      nextBackup = null;
      config.listener().notHedged(context, reason);
    }
  }

  private C start() {
    int number = started.size() + 1;
    C fork = CallContext.forkOf(context, number);
    Attempt attempt = new Attempt(fork);
    wait = config.delay().next();
    nextBackup = number < config.maxAttempts() ? Deadline.after(wait, config.time()) : null;
    config.threads().newThread(attempt).start();
    started.add(attempt);
    running++;
    return fork;
  }

  private void cancelTheRest(boolean lost) {
    if (running == 0) {
      return;
    }
    started.forEach(attempt -> attempt.giveUp(lost));
    InterruptScope scope =
        config.time().interruptAt(Deadline.after(config.cleanup(), config.time()));
    try {
      for (; running > 0; running--) {
        ended.take();
      }
    } catch (InterruptedException interrupted) {
      if (!scope.isCauseOf(interrupted)) {
        Thread.currentThread().interrupt();
      }
      config.listener().leftBehind(context, running);
    } finally {
      scope.close();
    }
  }

  /** One attempt on its own thread. */
  private final class Attempt extends FutureTask<R> {
    private final C context;
    private final long startNanos = config.time().nanos();
    private volatile boolean givenUp;
    private volatile boolean lost;
    private volatile @Nullable InterruptScope scope;

    Attempt(C context) {
      super(() -> inner.call(context, request));
      this.context = context;
    }

    @Override
    public void run() {
      try (InterruptScope own = config.time().interruptAt(Deadline.NONE)) {
        scope = own;
        if (givenUp) {
          own.interrupt();
        }
        super.run();
      }
    }

    @Override
    protected void done() {
      if (context.attempt() == 1 && (lost || state() == Future.State.SUCCESS)) {
        config.delay().observed(Duration.ofNanos(config.time().nanos() - startNanos));
      }
      ended.add(this);
    }

    /** Interrupts it, now or as soon as it begins, unless it has ended. */
    void giveUp(boolean becauseItLost) {
      lost = becauseItLost;
      givenUp = true;
      InterruptScope open = scope;
      if (open != null) {
        open.interrupt();
      }
    }

    /** {@return what it failed with; an error is thrown} */
    Exception failure() {
      Throwable thrown = exceptionNow();
      if (thrown instanceof Error error) {
        throw error;
      }
      return (Exception) thrown;
    }
  }
}
