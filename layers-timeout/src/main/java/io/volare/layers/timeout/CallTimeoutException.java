package io.volare.layers.timeout;

import io.volare.motore.Failure;
import java.time.Duration;

/** Thrown when a call or an attempt did not end within its limit. */
public final class CallTimeoutException extends Exception implements Failure {
  private static final long serialVersionUID = 1;

  private final Duration limit;
  private final boolean mayHaveExecuted;

  CallTimeoutException(
      String message,
      Duration limit,
      boolean mayHaveExecuted,
      @org.jspecify.annotations.Nullable Throwable cause) {
    super(message, cause);
    this.limit = limit;
    this.mayHaveExecuted = mayHaveExecuted;
  }

  /** {@return the limit that passed} */
  public Duration limit() {
    return limit;
  }

  @Override
  public Kind kind() {
    return Kind.DEADLINE_EXCEEDED;
  }

  /** {@return false only if the deadline had passed before anything was sent} */
  @Override
  public boolean mayHaveExecuted() {
    return mayHaveExecuted;
  }
}
