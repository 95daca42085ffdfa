package io.volare.codec.thrift;

import static java.util.Objects.requireNonNull;

import io.volare.rpc.MethodDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * A method of a Thrift service, with the codecs of its arguments and its result. Immutable.
 *
 * @param service the service's name in the IDL
 * @param name the method's name in the IDL
 * @param kind unary or oneway
 * @param idempotent whether the IDL says that it may be run twice
 * @param args the struct of the arguments
 * @param result the struct of the result
 * @param <Q> the arguments
 * @param <R> the value
 */
public record ThriftMethod<Q, R extends @Nullable Object>(
    String service,
    String name,
    Kind kind,
    boolean idempotent,
    ThriftCodec<Q> args,
    ThriftResultCodec<R> result)
    implements MethodDescriptor {
  /** Checks that everything is there. */
  public ThriftMethod {
    requireNonNull(service, "service");
    requireNonNull(name, "name");
    requireNonNull(kind, "kind");
    requireNonNull(args, "args");
    requireNonNull(result, "result");
  }

  /** {@return the Thrift side of {@code method}} */
  @SuppressWarnings("unchecked") // the caller passes back what belongs to the same method
  public static ThriftMethod<Object, @Nullable Object> of(MethodDescriptor method) {
    if (method instanceof ThriftMethod<?, ?> thrift) {
      return (ThriftMethod<Object, @Nullable Object>) thrift;
    }
    throw new IllegalArgumentException(
        "method: "
            + method.fullName()
            + " of "
            + method.getClass().getSimpleName()
            + " (expected: a ThriftMethod, as the Thrift generator makes them)");
  }

  @Override
  public String toString() {
    return fullName();
  }
}
