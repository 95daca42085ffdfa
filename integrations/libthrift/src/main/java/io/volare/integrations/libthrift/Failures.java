package io.volare.integrations.libthrift;

import io.volare.motore.Failure;
import io.volare.rpc.RpcException;
import io.volare.rpc.StatusCodes;
import org.apache.thrift.TApplicationException;
import org.apache.thrift.TException;
import org.apache.thrift.transport.TTransportException;

/** Our failures in libthrift's words, and back. */
final class Failures {
  private Failures() {}

  /** {@return what a caller of a generated {@code Iface} is told} */
  static TException ofCall(String target, Exception failure) {
    RuntimeException known = RpcException.unchecked(target, failure);
    Failure said = (Failure) known;
    String message = known.getMessage() == null ? target : known.getMessage();
    return switch (said.kind()) {
      case DEADLINE_EXCEEDED ->
          new TTransportException(TTransportException.TIMED_OUT, message, known);
      case UNAVAILABLE ->
          new TTransportException(
              said.mayHaveExecuted()
                  ? TTransportException.END_OF_FILE
                  : TTransportException.NOT_OPEN,
              message,
              known);
      case CANCELLED -> new TTransportException(TTransportException.UNKNOWN, message, known);
      default -> {
        TException refused = new TApplicationException(StatusCodes.thrift(said.kind()), message);
        refused.initCause(known);
        yield refused;
      }
    };
  }

  /** {@return what an interrupted caller is told} */
  static TException interrupted(String target, InterruptedException cancelled) {
    return new TTransportException(
        TTransportException.UNKNOWN, target + ": the call was cancelled", cancelled);
  }

  /** {@return what a handler's exception, that its method does not declare, means to us} */
  static Exception ofHandler(String target, TException thrown) {
    Throwable cause = thrown.getCause();
    if (cause instanceof InterruptedException cancelled) {
      Thread.interrupted(); // thrown again, it need not be said twice
      return cancelled;
    }
    if (cause instanceof RpcException ours) {
      return ours;
    }
    if (thrown instanceof TApplicationException refused) {
      String message = refused.getMessage() == null ? target : refused.getMessage();
      return RpcException.of(StatusCodes.ofThrift(refused.getType()), message, refused);
    }
    return thrown;
  }
}
