package io.volare.transport.grpc;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.volare.rpc.RpcException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A call that ended with a status of gRPC's: a code, a message, and what else the server says. A
 * handler throws it to choose all of it; a client gets it as the server sent it.
 *
 * <p>{@link #details} are google.rpc's rich errors: any messages of Protobuf, packed. Immutable,
 * but for the trailers that a handler fills before it throws.
 *
 * <p>Source: <a href="https://grpc.io/docs/guides/error/#richer-error-model">the richer error
 * model</a>.
 */
public final class GrpcStatusException extends RpcException {
  private static final long serialVersionUID = 1;

  private final GrpcCode code;
  private final String description;
  private final Any[] details;
  private final transient @Nullable GrpcMetadata trailers;

  GrpcStatusException(
      GrpcCode code,
      boolean mayHaveExecuted,
      String message,
      String description,
      Any[] details,
      @Nullable GrpcMetadata trailers,
      @Nullable Duration retryAfter,
      @Nullable Throwable cause) {
    super(code.kind(), mayHaveExecuted, message, retryAfter, cause);
    this.code = requireNonNull(code, "code");
    this.description = requireNonNull(description, "description");
    this.details = details;
    this.trailers = trailers;
  }

  /** {@return a status of a request that may have run} */
  public static GrpcStatusException of(GrpcCode code, String message) {
    return new GrpcStatusException(code, true, message, message, new Any[0], null, null, null);
  }

  /** {@return a status of a request that certainly did not run} */
  public static GrpcStatusException notExecuted(GrpcCode code, String message) {
    return new GrpcStatusException(code, false, message, message, new Any[0], null, null, null);
  }

  /** {@return a copy with one more detail} */
  public GrpcStatusException withDetail(Message detail) {
    Any[] more = Arrays.copyOf(details, details.length + 1);
    more[details.length] = detail instanceof Any packed ? packed : Any.pack(detail);
    return new GrpcStatusException(
        code, mayHaveExecuted(), message(), description, more, trailers, retryAfter(), getCause());
  }

  /** {@return a copy that sends this metadata along} */
  public GrpcStatusException withTrailers(GrpcMetadata trailers) {
    return new GrpcStatusException(
        code,
        mayHaveExecuted(),
        message(),
        description,
        details,
        requireNonNull(trailers, "trailers"),
        retryAfter(),
        getCause());
  }

  /** {@return a copy with its cause, which stays on this side of the wire} */
  public GrpcStatusException withCause(Throwable cause) {
    return new GrpcStatusException(
        code, mayHaveExecuted(), message(), description, details, trailers, retryAfter(), cause);
  }

  private String message() {
    return requireNonNull(getMessage());
  }

  /** {@return the code} */
  public GrpcCode code() {
    return code;
  }

  /** {@return the message as it is on the wire; {@link #getMessage} also says which call it was} */
  public String description() {
    return description;
  }

  /** {@return the details, as they are packed} */
  public List<Any> details() {
    return List.of(details);
  }

  /**
   * {@return the first detail of {@code type}, or null if there is none}
   *
   * @throws IllegalStateException if there is one whose bytes are not such a message
   */
  public <T extends Message> @Nullable T detail(Class<T> type) {
    for (Any detail : details) {
      if (detail.is(type)) {
        try {
          return detail.unpack(type);
        } catch (InvalidProtocolBufferException wrong) {
          throw new IllegalStateException(
              "detail of " + type.getSimpleName() + ": " + wrong.getMessage(), wrong);
        }
      }
    }
    return null;
  }

  /** {@return the metadata that came, or goes, with the status} */
  public GrpcMetadata trailers() {
    return trailers == null ? GrpcMetadata.create() : trailers;
  }
}
