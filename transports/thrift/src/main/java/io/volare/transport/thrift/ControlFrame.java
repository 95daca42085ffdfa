package io.volare.transport.thrift;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.volare.codec.thrift.ThriftMessage;
import io.volare.codec.thrift.ThriftWriter;

/** The unasked frame by which a draining server tells a peer to use other connections. */
final class ControlFrame {
  static final String CONNECTION_RESET = "crrst";
  static final String YES = "1";

  private ControlFrame() {}

  /** {@return the frame as Kitex's multiplexing server sends it: sequence 0, an empty reply} */
  static ByteBuf connectionReset(ByteBufAllocator allocator) {
    ByteBuf out = allocator.buffer(64);
    TtHeader header = new TtHeader();
    header.value(CONNECTION_RESET, YES);
    int start = header.write(out);
    ThriftWriter writer = new ThriftWriter(out);
    ThriftMessage.write(writer, ThriftMessage.REPLY, "none", 0);
    writer.writeFieldStop();
    TtHeader.finish(out, start);
    return out;
  }
}
