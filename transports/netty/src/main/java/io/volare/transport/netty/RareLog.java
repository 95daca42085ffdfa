package io.volare.transport.netty;

import static java.util.Objects.requireNonNull;

import io.volare.motore.Time;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Warnings that a peer can cause as often as it likes, written once a second at most, with the
 * number of those left out. Thread-safe.
 */
public final class RareLog {
  private static final long APART_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final System.Logger log;
  private final Time time;
  private final AtomicLong nextNanos;
  private final AtomicLong leftOut = new AtomicLong();

  /** Writes to {@code log}. */
  public RareLog(System.Logger log) {
    this(log, Time.SYSTEM);
  }

  RareLog(System.Logger log, Time time) {
    this.log = requireNonNull(log, "log");
    this.time = time;
    this.nextNanos = new AtomicLong(time.nanos());
  }

  /**
   * Writes a warning, or counts it. Control characters, which a peer may have sent, are escaped.
   */
  public void warn(Supplier<String> message) {
    long now = time.nanos();
    long next = nextNanos.get();
    if (now - next < 0 || !nextNanos.compareAndSet(next, now + APART_NANOS)) {
      leftOut.incrementAndGet();
      return;
    }
    long missing = leftOut.getAndSet(0);
    String more = missing == 0 ? "" : " (and " + missing + " like it before)";
    log.log(System.Logger.Level.WARNING, () -> printable(message.get()) + more);
  }

  private static String printable(String message) {
    StringBuilder out = new StringBuilder(message.length());
    message
        .chars()
        .forEach(c -> {
          if (Character.isISOControl(c)) {
            out.append("\\u%04x".formatted(c));
          } else {
            out.append((char) c);
          }
        });
    return out.toString();
  }
}
