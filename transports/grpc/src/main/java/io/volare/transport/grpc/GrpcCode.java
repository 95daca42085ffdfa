package io.volare.transport.grpc;

import io.volare.motore.Failure.Kind;
import io.volare.rpc.StatusCodes;
import org.jspecify.annotations.Nullable;

/**
 * The codes of a call that failed, as gRPC numbers them.
 *
 * <p>Source: gRPC <a href="https://grpc.github.io/grpc/core/md_doc_statuscodes.html">status
 * codes</a>.
 */
public enum GrpcCode {
  /** The caller gave up. */
  CANCELLED,
  /** Something else, or an error of the application that says no more. */
  UNKNOWN,
  /** The request is wrong, whatever the state of the system. */
  INVALID_ARGUMENT,
  /** The deadline passed. */
  DEADLINE_EXCEEDED,
  /** What was asked for is not there. */
  NOT_FOUND,
  /** What was to be made is there already. */
  ALREADY_EXISTS,
  /** Who is calling may not. */
  PERMISSION_DENIED,
  /** A quota or a limit. */
  RESOURCE_EXHAUSTED,
  /** The system is not in the state that it takes. */
  FAILED_PRECONDITION,
  /** A conflict with something that ran at the same time. */
  ABORTED,
  /** Past the end. */
  OUT_OF_RANGE,
  /** Not known or not supported here. */
  UNIMPLEMENTED,
  /** Something is broken. */
  INTERNAL,
  /** Cannot be reached for now. */
  UNAVAILABLE,
  /** Data were lost for good. */
  DATA_LOSS,
  /** Who is calling is not known. */
  UNAUTHENTICATED;

  private static final GrpcCode[] ALL = values();

  /** {@return the number on the wire, 1 to 16} */
  public int number() {
    return ordinal() + 1;
  }

  /** {@return what it means to layers, which know nothing of gRPC} */
  public Kind kind() {
    return StatusCodes.ofGrpc(number());
  }

  /** {@return the code of {@code number}; UNKNOWN for a number that gRPC does not have} */
  public static GrpcCode of(int number) {
    return number >= 1 && number <= ALL.length ? ALL[number - 1] : UNKNOWN;
  }

  /** {@return the code that says {@code kind}} */
  public static GrpcCode of(Kind kind) {
    return of(StatusCodes.grpc(kind));
  }

  /** {@return the code of a {@code grpc-status} header; null for 0, which is success} */
  static @Nullable GrpcCode read(CharSequence status) {
    int number = 0;
    for (int i = 0; i < status.length(); i++) {
      char c = status.charAt(i);
      if (c < '0' || c > '9' || i > 5) {
        return UNKNOWN;
      }
      number = number * 10 + c - '0';
    }
    return status.isEmpty() ? UNKNOWN : number == 0 ? null : of(number);
  }
}
