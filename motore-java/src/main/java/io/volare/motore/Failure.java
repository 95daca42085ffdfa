package io.volare.motore;

import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a failed call says to its caller: what happened, whether the request may have run, and when
 * to try again.
 *
 * <p>Implemented by exceptions. Layers decide by these three answers and never by an exception's
 * class, so that they need not know each other. An exception that does not implement it is treated
 * as {@link Kind#INTERNAL} that may have executed.
 */
public interface Failure {
  /** {@return what happened} */
  Kind kind();

  /**
   * {@return whether the request may have run, wholly or in part} False only where that is certain;
   * then it may be sent again whatever it does.
   */
  boolean mayHaveExecuted();

  /** {@return how long to wait before another try, or null where nobody said} */
  default @Nullable Duration retryAfter() {
    return null;
  }

  /**
   * {@return what {@code thrown} says as a failure; an interrupt in the JDK's words is {@link
   * Kind#CANCELLED}, and what says nothing is {@link Kind#INTERNAL}}
   */
  static Kind kindOf(Throwable thrown) {
    if (thrown instanceof Failure failure) {
      return failure.kind();
    }
    boolean interrupted =
        thrown instanceof InterruptedException || thrown instanceof ClosedByInterruptException;
    return interrupted ? Kind.CANCELLED : Kind.INTERNAL;
  }

  /** {@return whether the request behind {@code thrown} may have run; true unless it says no} */
  static boolean mayHaveExecuted(Throwable thrown) {
    return !(thrown instanceof Failure failure) || failure.mayHaveExecuted();
  }

  /** The closed set of what can happen to a call. */
  enum Kind {
    /** The caller gave up: interruption or a cancelled call. */
    CANCELLED,
    /** The deadline passed. */
    DEADLINE_EXCEEDED,
    /** No peer could be reached, or the connection was lost. */
    UNAVAILABLE,
    /** A limit refused the call: rate, concurrency, size, quota. */
    RESOURCE_EXHAUSTED,
    /** The request itself is wrong, and stays wrong. */
    INVALID_ARGUMENT,
    /** The state of the system does not allow it now. */
    FAILED_PRECONDITION,
    /** The peer does not know the service or method. */
    UNIMPLEMENTED,
    /** Who is calling is not known. */
    UNAUTHENTICATED,
    /** Who is calling may not. */
    PERMISSION_DENIED,
    /** Bytes that the protocol does not allow. */
    PROTOCOL,
    /** The application answered with an error of its own. */
    APPLICATION,
    /** A defect, here or at the peer. */
    INTERNAL
  }
}
