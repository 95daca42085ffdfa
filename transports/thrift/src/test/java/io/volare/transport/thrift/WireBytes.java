package io.volare.transport.thrift;

import io.volare.codec.thrift.ThriftLimits;
import io.volare.codec.thrift.ThriftReader;

/** Reads what stands in an array from its first byte to its last. */
final class WireBytes {
  private WireBytes() {}

  static Frame frame(byte[] bytes) {
    return Frame.read(bytes, 0, bytes.length, new LoopMemory());
  }

  static TtHeader header(byte[] bytes) {
    return header(bytes, new HeaderReader());
  }

  static TtHeader header(byte[] bytes, HeaderReader reader) {
    return reader.read(bytes, 0, bytes.length);
  }

  /** {@return a reader that stands at the envelope} */
  static ThriftReader reader(Frame frame) {
    return frame.reader(ThriftLimits.DEFAULT);
  }
}
