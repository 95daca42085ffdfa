package io.volare.codec.protobuf;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.MessageLite;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.Duplex;
import io.volare.rpc.RequestStream;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcException;
import io.volare.rpc.Source;

/**
 * What generated clients and servers stand on: a call of each shape, with the types of its method.
 * Stateless.
 *
 * <p>Every failure is an unchecked {@link RpcException}, but for interruption.
 */
public final class ProtobufCalls {
  private ProtobufCalls() {}

  /** {@return the response} */
  @SuppressWarnings("unchecked") // the parser of this method made it
  public static <Q extends MessageLite, R extends MessageLite> R unary(
      RpcClient client, ProtobufMethod<Q, R> method, Q request) throws InterruptedException {
    return (R) call(client, method, request);
  }

  /** {@return the responses; closing them before their end cancels the call} */
  @SuppressWarnings("unchecked") // the parser of this method makes them
  public static <Q extends MessageLite, R extends MessageLite> Source<R> serverStream(
      RpcClient client, ProtobufMethod<Q, R> method, Q request) throws InterruptedException {
    return ((Duplex<R, Q>) call(client, method, request)).source();
  }

  /** {@return the requests of a call, to be sent; finishing gives the response} */
  @SuppressWarnings("unchecked") // the parser of this method makes it
  public static <Q extends MessageLite, R extends MessageLite> RequestStream<Q, R> clientStream(
      RpcClient client, ProtobufMethod<Q, R> method) throws InterruptedException {
    Duplex<R, Q> ends = (Duplex<R, Q>) call(client, method, Duplex.NO_REQUEST);
    return RequestStream.of(method.fullName(), ends);
  }

  /** {@return both ends of a call; closing them before the end cancels it} */
  @SuppressWarnings("unchecked") // the parser of this method makes them
  public static <Q extends MessageLite, R extends MessageLite> Duplex<R, Q> bidiStream(
      RpcClient client, ProtobufMethod<Q, R> method) throws InterruptedException {
    return (Duplex<R, Q>) call(client, method, Duplex.NO_REQUEST);
  }

  private static Object call(RpcClient client, ProtobufMethod<?, ?> method, Object request)
      throws InterruptedException {
    try {
      return requireNonNull(client.call(method, request), method.service());
    } catch (InterruptedException | RuntimeException thrown) {
      throw thrown;
    } catch (Exception thrown) {
      throw RpcException.unchecked(method.fullName(), thrown);
    }
  }

  /** {@return the two ends that the handler of a method that streams gets as its arguments} */
  @SuppressWarnings("unchecked") // the transport made them for this method
  public static <Q extends MessageLite, R extends MessageLite> Duplex<Q, R> streams(
      ProtobufMethod<Q, R> method, Object arguments) {
    if (arguments instanceof Duplex<?, ?> ends) {
      return (Duplex<Q, R>) ends;
    }
    throw new IllegalArgumentException(
        "arguments of %s: %s (expected: the two ends of a stream)"
            .formatted(method.fullName(), arguments.getClass().getSimpleName()));
  }

  /**
   * {@return the one request of a method that streams its responses only}
   *
   * @throws RpcException of kind {@code PROTOCOL} if the client sent none
   */
  public static <Q extends MessageLite, R extends MessageLite> Q request(
      ProtobufMethod<Q, R> method, Duplex<Q, R> ends) throws InterruptedException {
    Q only = ends.source().receive();
    if (only == null) {
      throw RpcException.notExecuted(
          Kind.PROTOCOL, method.fullName() + ": ended with no request (expected: one)");
    }
    return only;
  }
}
