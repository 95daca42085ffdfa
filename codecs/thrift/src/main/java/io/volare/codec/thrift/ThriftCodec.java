package io.volare.codec.thrift;

/**
 * Reads and writes one struct. Generated code has one for each. Stateless and thread-safe.
 *
 * @param <T> the struct
 */
public interface ThriftCodec<T> {
  /**
   * {@return the struct at the reader's position}
   *
   * @throws ThriftProtocolException if the bytes are not one
   */
  T read(ThriftReader in);

  /** Writes {@code value} with its closing stop byte. */
  void write(T value, ThriftWriter out);
}
