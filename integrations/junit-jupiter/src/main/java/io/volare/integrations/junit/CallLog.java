package io.volare.integrations.junit;

import io.volare.motore.Layer;
import io.volare.motore.Service;
import io.volare.rpc.DeclaredException;
import io.volare.rpc.RpcContext;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The calls that run, and the last ones that ended. Guarded by its monitor. */
final class CallLog {
  private static final int KEPT = 20;
  private static final int FRAMES = 12;

  private final Set<Call> running = new LinkedHashSet<>();
  private final Deque<Call> ended = new ArrayDeque<>();

  /** A call, at one of its two sides. */
  private static final class Call {
    private final String side;
    private final String target;
    private final Thread thread = Thread.currentThread();
    private final long started = System.nanoTime();
    private @Nullable Throwable failure;
    private long nanos;

    Call(RpcContext context) {
      side = context.role() == RpcContext.Role.SERVER ? "server" : "client";
      target = context.method().fullName();
    }

    String outcome() {
      String how =
          failure == null
              ? "answered"
              : (failure instanceof DeclaredException ? "declared " : "failed, ") + failure;
      return "%s: %s %s, after %d ms".formatted(side, target, how, nanos / 1_000_000);
    }

    String whereItIs() {
      long millis = (System.nanoTime() - started) / 1_000_000;
      return "%s: %s, for %d ms on %s%s"
          .formatted(
              side, target, millis, thread.isVirtual() ? "a virtual thread" : thread, stack());
    }

    private String stack() {
      return Stream.of(thread.getStackTrace())
          .limit(FRAMES)
          .map(frame -> "\n        at " + frame)
          .collect(Collectors.joining());
    }
  }

  /** {@return a layer that writes down what passes it; for either side, outermost} */
  <Q extends @Nullable Object, R extends @Nullable Object> Layer<RpcContext, Q, R> layer() {
    return new Watching<>(this);
  }

  private record Watching<Q extends @Nullable Object, R extends @Nullable Object>(CallLog log)
      implements Layer<RpcContext, Q, R> {
    @Override
    public Service<RpcContext, Q, R> wrap(Service<RpcContext, Q, R> inner) {
      return (context, request) -> {
        Call call = log.begin(context);
        Throwable failure = null;
        try {
          return inner.call(context, request);
        } catch (Throwable thrown) {
          failure = thrown;
          throw thrown;
        } finally {
          if (failure == null && context.outlivesReturn()) {
            context.onEnd(ending -> log.end(call, ending));
          } else {
            log.end(call, failure);
          }
        }
      };
    }

    @Override
    public String toString() {
      return "Watched";
    }
  }

  private synchronized Call begin(RpcContext context) {
    Call call = new Call(context);
    running.add(call);
    return call;
  }

  private synchronized void end(Call call, @Nullable Throwable failure) {
    call.failure = failure;
    call.nanos = System.nanoTime() - call.started;
    running.remove(call);
    ended.addLast(call);
    if (ended.size() > KEPT) {
      ended.removeFirst();
    }
    notifyAll();
  }

  synchronized void forgetEnded() {
    ended.clear();
  }

  /** {@return what still runs after {@code patience}, each with its stack; nothing if all ended} */
  synchronized List<String> stillRunning(Duration patience) throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    for (long left = end - System.nanoTime(); !running.isEmpty() && left > 0; ) {
      wait(left / 1_000_000 + 1);
      left = end - System.nanoTime();
    }
    return running.stream().map(Call::whereItIs).toList();
  }

  /** {@return the last calls that ended, in that order} */
  synchronized List<String> outcomes() {
    return ended.stream().map(Call::outcome).toList();
  }

  /** {@return what handlers threw and their callers are told nothing of} */
  synchronized List<Throwable> defects() {
    List<Throwable> defects = new ArrayList<>();
    for (Call call : ended) {
      if (call.failure != null
          && call.side.equals("server")
          && !(call.failure instanceof DeclaredException)) {
        defects.add(call.failure);
      }
    }
    return defects;
  }
}
