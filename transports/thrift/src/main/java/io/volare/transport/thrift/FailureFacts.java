package io.volare.transport.thrift;

import io.volare.motore.Failure;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.RpcException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a failure says, beside the application exception that all peers read: Thrift's exception
 * types know neither a refusal nor whether the request ran. Sent to Volare's clients only, for
 * Kitex's would take the entries for backward values.
 */
final class FailureFacts {
  static final String PREFIX = "volare-";

  private static final String KIND = PREFIX + "failure";
  private static final String EXECUTED = PREFIX + "executed";
  private static final String RETRY_AFTER = PREFIX + "retry-after-ms";

  private FailureFacts() {}

  /**
   * Writes what {@code thrown} says. Whether this server ran anything is for the server to say:
   * what a handler heard from its own callees does not count.
   */
  static void write(@Nullable Throwable thrown, boolean mayHaveExecuted, TtHeader header) {
    if (thrown instanceof Failure failure) {
      header.value(KIND, failure.kind().name());
      header.value(EXECUTED, mayHaveExecuted ? "1" : "0");
      Duration retryAfter = failure.retryAfter();
      if (retryAfter != null && !mayHaveExecuted) {
        header.value(RETRY_AFTER, Long.toString(Math.max(1, retryAfter.toMillis())));
      }
    }
  }

  /** {@return {@code failure} with what the header says of it} */
  static RpcException read(@Nullable TtHeader header, RpcException failure) {
    Kind kind = header == null ? null : kind(header.value(KIND));
    if (header == null || kind == null) {
      return failure;
    }
    String message = failure.getMessage() == null ? kind.name() : failure.getMessage();
    return new RpcException(
        kind,
        !"0".equals(header.value(EXECUTED)),
        message,
        retryAfter(header.value(RETRY_AFTER)),
        null);
  }

  private static @Nullable Kind kind(@Nullable String name) {
    for (Kind kind : Kind.values()) {
      if (kind.name().equals(name)) {
        return kind;
      }
    }
    return null;
  }

  private static @Nullable Duration retryAfter(@Nullable String millis) {
    try {
      return millis == null ? null : Duration.ofMillis(Math.max(0, Long.parseLong(millis)));
    } catch (NumberFormatException noNumber) {
      return null;
    }
  }
}
