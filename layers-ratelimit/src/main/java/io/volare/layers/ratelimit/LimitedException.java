package io.volare.layers.ratelimit;

import io.volare.motore.Failure;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Thrown when a limit refused a call. The call did not run, and may be sent again later. */
public final class LimitedException extends Exception implements Failure {
  private static final long serialVersionUID = 1;

  private final @Nullable Duration retryAfter;

  LimitedException(String message, @Nullable Duration retryAfter) {
    super(message, null, false, false);
    this.retryAfter = retryAfter;
  }

  @Override
  public Kind kind() {
    return Kind.RESOURCE_EXHAUSTED;
  }

  @Override
  public boolean mayHaveExecuted() {
    return false;
  }

  /** {@return when the rate has room again; null for a limit of calls that run at a time} */
  @Override
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }
}
