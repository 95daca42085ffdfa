package io.volare.codec.thrift;

import org.jspecify.annotations.Nullable;

/**
 * Reads and writes what a method answers: the struct whose field 0 is the value and whose other
 * fields are the declared exceptions. Stateless and thread-safe.
 *
 * @param <R> the value; null for void
 */
public interface ThriftResultCodec<R extends @Nullable Object> {
  /**
   * {@return the value, null for void}
   *
   * @throws ThriftProtocolException if the bytes are not a result, or hold none though one is
   *     expected
   * @throws Exception the declared exception, if the result is one
   */
  R read(ThriftReader in) throws Exception;

  /** Writes a result that holds {@code value}. */
  void write(R value, ThriftWriter out);

  /**
   * Writes a result that holds a declared exception.
   *
   * @return false if the method does not declare {@code thrown}, and nothing was written
   */
  boolean writeDeclared(Throwable thrown, ThriftWriter out);
}
