package io.volare.transport.thrift;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** When a connection is looked at next. Belongs to its event loop. */
final class NextCheck {
  /** Deadlines come in milliseconds; more often would serve nobody. */
  private static final long LEAST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final EventLoop loop;
  private final Runnable check;
  private @Nullable Future<?> next;
  private long nextNanos;

  NextCheck(EventLoop loop, Runnable check) {
    this.loop = loop;
    this.check = check;
  }

  /** Looks {@code nanos} after {@code now}, and not before that. */
  void in(long nanos, long now) {
    cancel();
    long delay = Math.max(LEAST_NANOS, nanos);
    nextNanos = now + delay;
    next = loop.schedule(check, delay, TimeUnit.NANOSECONDS);
  }

  /** Looks {@code nanos} after {@code now} at the latest. */
  void within(long nanos, long now) {
    if (now + nanos - nextNanos < 0) {
      in(nanos, now);
    }
  }

  void cancel() {
    if (next != null) {
      next.cancel(false);
    }
  }
}
