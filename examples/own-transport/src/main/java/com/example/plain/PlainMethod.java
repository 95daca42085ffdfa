package com.example.plain;

import io.volare.rpc.MethodDescriptor;
import org.jspecify.annotations.Nullable;

/**
 * A method with the codecs of its messages: what generated code would hand to this transport.
 *
 * @param service the service's name
 * @param name the method's name
 * @param kind its shape
 * @param idempotent whether running it twice does what running it once does
 * @param arguments the codec of what is sent
 * @param value the codec of what comes back, null for a method that returns nothing
 * @param declared the codec of the exception that it declares, null for none
 * @param <Q> the arguments
 * @param <R> the value
 * @param <X> the declared exception
 */
public record PlainMethod<Q, R, X extends Exception>(
    String service,
    String name,
    Kind kind,
    boolean idempotent,
    Codec<Q> arguments,
    @Nullable Codec<R> value,
    @Nullable Declared<X> declared)
    implements MethodDescriptor {
  /**
   * The exception that a method declares.
   *
   * @param type its class
   * @param codec how it travels
   * @param <X> its type
   */
  public record Declared<X extends Exception>(Class<X> type, Codec<X> codec) {
    byte @Nullable [] encoded(Throwable thrown) {
      return type.isInstance(thrown) ? codec.encode(type.cast(thrown)) : null;
    }
  }

  /** {@return {@code method} as this transport knows it} */
  @SuppressWarnings("unchecked") // a service is offered, and called, with methods of this kind
  static PlainMethod<Object, Object, Exception> of(MethodDescriptor method) {
    return (PlainMethod<Object, Object, Exception>) method;
  }
}
