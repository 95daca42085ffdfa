package io.volare.registry.dns;

import io.volare.motore.Deadline;
import io.volare.motore.Time;
import io.volare.motore.Time.InterruptScope;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A sleep that others can cut short. {@link #wake} is thread-safe, one thread sleeps. */
final class Pause {
  private final Time time;
  private @Nullable InterruptScope asleep; // guarded by this
  private boolean woken; // guarded by this

  Pause(Time time) {
    this.time = time;
  }

  /**
   * Sleeps, or returns early when it is woken, at once if that happened since the last sleep.
   *
   * @throws InterruptedException if the thread is interrupted otherwise
   */
  void sleep(Duration most) throws InterruptedException {
    try (InterruptScope scope = time.interruptAt(Deadline.NONE)) {
      if (!fallAsleep(scope)) {
        return;
      }
      try {
        time.sleep(most);
      } catch (InterruptedException interrupted) {
        if (!scope.isCauseOf(interrupted)) {
          throw interrupted;
        }
      } finally {
        wakeUp();
      }
    }
  }

  private synchronized boolean fallAsleep(InterruptScope scope) {
    if (woken) {
      woken = false;
      return false;
    }
    asleep = scope;
    return true;
  }

  private synchronized void wakeUp() {
    asleep = null;
    woken = false;
  }

  /** Ends the sleep, or the next one before it begins. */
  synchronized void wake() {
    woken = true;
    if (asleep != null) {
      asleep.interrupt();
    }
  }
}
