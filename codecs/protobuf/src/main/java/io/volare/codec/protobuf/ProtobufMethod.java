package io.volare.codec.protobuf;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.volare.rpc.MethodDescriptor;

/**
 * A method of a Protobuf service, with the parsers of its messages. Immutable.
 *
 * @param service the service's full name, with its package: {@code pkg.Service}
 * @param name the method's name in the IDL
 * @param kind which sides stream
 * @param idempotent whether the IDL says that it may be run twice
 * @param request reads what the client sends
 * @param response reads what the server sends
 * @param <Q> the client's messages
 * @param <R> the server's messages
 */
public record ProtobufMethod<Q extends MessageLite, R extends MessageLite>(
    String service,
    String name,
    Kind kind,
    boolean idempotent,
    Parser<Q> request,
    Parser<R> response)
    implements MethodDescriptor {
  /** Checks that everything is there. */
  public ProtobufMethod {
    requireNonNull(service, "service");
    requireNonNull(name, "name");
    requireNonNull(kind, "kind");
    requireNonNull(request, "request");
    requireNonNull(response, "response");
  }

  /** {@return the Protobuf side of {@code method}} */
  @SuppressWarnings("unchecked") // the caller passes back what belongs to the same method
  public static ProtobufMethod<MessageLite, MessageLite> of(MethodDescriptor method) {
    if (method instanceof ProtobufMethod<?, ?> protobuf) {
      return (ProtobufMethod<MessageLite, MessageLite>) protobuf;
    }
    throw new IllegalArgumentException(
        "method: "
            + method.fullName()
            + " of "
            + method.getClass().getSimpleName()
            + " (expected: a ProtobufMethod, as the Protobuf generator makes them)");
  }

  @Override
  public String toString() {
    return fullName();
  }
}
