package io.volare.codec.thrift;

import io.volare.rpc.RpcException;
import io.volare.rpc.StatusCodes;
import org.jspecify.annotations.Nullable;

/**
 * Thrift's {@code TApplicationException}: what a peer says when a call failed in a way that the IDL
 * does not declare.
 *
 * @param message what the peer says, for people; may be empty
 * @param type one of the types in {@link StatusCodes}, or another
 */
public record ApplicationError(String message, int type) {
  /** {@return the struct at the reader's position} */
  public static ApplicationError read(ThriftReader in) {
    String message = "";
    int type = 0;
    in.structBegin();
    for (int field = in.readFieldBegin(); field != 0; field = in.readFieldBegin()) {
      if (field == ThriftReader.field(TType.STRING, 1)) {
        message = in.readString();
      } else if (field == ThriftReader.field(TType.I32, 2)) {
        type = in.readI32();
      } else {
        in.skip(ThriftReader.fieldType(field));
      }
    }
    in.structEnd();
    return new ApplicationError(message, type);
  }

  /** Writes the struct. */
  public void write(ThriftWriter out) {
    out.structBegin();
    out.writeFieldBegin(TType.STRING, 1);
    out.writeString(message);
    out.writeFieldBegin(TType.I32, 2);
    out.writeI32(type);
    out.structEnd();
  }

  /** {@return this as the failure of a call to {@code target}} */
  public RpcException toFailure(String target) {
    boolean mayHaveExecuted =
        switch (type) {
          case StatusCodes.THRIFT_UNKNOWN_METHOD,
              StatusCodes.THRIFT_UNKNOWN_SERVICE,
              StatusCodes.THRIFT_NO_SERVICE_NAME ->
              false;
          default -> true;
        };
    return new RpcException(
        StatusCodes.ofThrift(type),
        mayHaveExecuted,
        "%s: the peer says: %s (application exception %d)".formatted(target, message, type),
        null,
        null);
  }

  /**
   * {@return what a peer is told of {@code thrown}: the message of a typed failure, and nothing but
   * a general sentence of anything else, for it may hold what is nobody's business}
   */
  public static ApplicationError of(@Nullable Throwable thrown) {
    if (thrown instanceof io.volare.motore.Failure failure) {
      String message = thrown.getMessage() == null ? failure.kind().name() : thrown.getMessage();
      return new ApplicationError(message, StatusCodes.thrift(failure.kind()));
    }
    return new ApplicationError(
        "the handler failed in a way that the IDL does not declare",
        StatusCodes.THRIFT_INTERNAL_ERROR);
  }
}
