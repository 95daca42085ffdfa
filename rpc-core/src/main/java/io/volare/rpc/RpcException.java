package io.volare.rpc;

import static java.util.Objects.requireNonNull;

import io.volare.motore.Failure;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A call that failed, for any reason that the IDL does not declare.
 *
 * <p>{@link #kind()} says what happened, {@link #mayHaveExecuted()} whether sending the request
 * again could run it twice.
 */
public class RpcException extends RuntimeException implements Failure {
  private static final long serialVersionUID = 1;

  private final Kind kind;
  private final boolean mayHaveExecuted;
  private final @Nullable Duration retryAfter;

  /** Creates a failure with everything that can be said about it. */
  public RpcException(
      Kind kind,
      boolean mayHaveExecuted,
      String message,
      @Nullable Duration retryAfter,
      @Nullable Throwable cause) {
    super(message, cause);
    this.kind = requireNonNull(kind, "kind");
    this.mayHaveExecuted = mayHaveExecuted;
    this.retryAfter = retryAfter;
  }

  /** {@return a failure of a request that certainly did not run} */
  public static RpcException notExecuted(Kind kind, String message) {
    return new RpcException(kind, false, message, null, null);
  }

  /** {@return a failure of a request that certainly did not run, with its cause} */
  public static RpcException notExecuted(Kind kind, String message, Throwable cause) {
    return new RpcException(kind, false, message, null, cause);
  }

  /** {@return a failure of a request that may have run} */
  public static RpcException of(Kind kind, String message) {
    return new RpcException(kind, true, message, null, null);
  }

  /** {@return a failure of a request that may have run, with its cause} */
  public static RpcException of(Kind kind, String message, Throwable cause) {
    return new RpcException(kind, true, message, null, cause);
  }

  /**
   * {@return {@code failure} as the unchecked exception that a generated client throws} What is one
   * already stays itself; what implements {@link Failure} keeps its three answers; anything else is
   * an {@code INTERNAL} failure of the call to {@code target}.
   */
  public static RuntimeException unchecked(String target, Exception failure) {
    if (failure instanceof RpcException already) {
      return already;
    }
    if (failure instanceof Failure said) {
      String message = failure.getMessage() == null ? target : failure.getMessage();
      return new RpcException(
          said.kind(), said.mayHaveExecuted(), message, said.retryAfter(), failure);
    }
    return of(Kind.INTERNAL, target + ": " + failure, failure);
  }

  @Override
  public final Kind kind() {
    return kind;
  }

  @Override
  public final boolean mayHaveExecuted() {
    return mayHaveExecuted;
  }

  @Override
  public final @Nullable Duration retryAfter() {
    return retryAfter;
  }
}
