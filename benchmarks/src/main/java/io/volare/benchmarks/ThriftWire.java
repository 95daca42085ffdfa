package io.volare.benchmarks;

import io.netty.buffer.ByteBuf;

/** Thrift in any form: a call is a ready-made frame whose sequence id is its number and one. */
final class ThriftWire implements Wire {
  private final ByteBuf template;
  private final int headerSequenceAt;
  private final int sequenceAt;

  /**
   * Starts one for a connection.
   *
   * @param template a request as {@link EchoFrames} makes it; only read here
   */
  ThriftWire(ByteBuf template) {
    this.template = template;
    this.sequenceAt = EchoFrames.sequenceAt(template, EchoFrames.messageAt(template, 0));
    this.headerSequenceAt = EchoFrames.hasHeader(template, 0) ? 8 : -1;
  }

  @Override
  public void call(Link link, int number) {
    int size = template.readableBytes();
    ByteBuf out = link.room(size);
    int start = out.writerIndex();
    out.writeBytes(template, 0, size);
    out.setInt(start + sequenceAt, number + 1);
    if (headerSequenceAt >= 0) {
      out.setInt(start + headerSequenceAt, number + 1);
    }
  }

  @Override
  public void read(Link link, ByteBuf in) {
    for (int at = in.readerIndex(); ; at = in.readerIndex()) {
      int length = EchoFrames.length(in, at);
      if (length < 0) {
        return;
      }
      int message = EchoFrames.messageAt(in, at);
      int sequence = EchoFrames.sequence(in, message);
      if (!EchoFrames.isReply(in, message)) {
        throw new IllegalStateException(
            "an answer of type %d to call %d (expected: 2)"
                .formatted(in.getByte(message + 3), sequence));
      }
      link.answered(sequence - 1);
      in.skipBytes(length);
    }
  }
}
