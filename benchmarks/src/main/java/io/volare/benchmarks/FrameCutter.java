package io.volare.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.util.List;

/** Cuts what arrives into frames, as Netty's own length-field decoder does. */
final class FrameCutter extends ByteToMessageDecoder {
  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
    int length = EchoFrames.length(in, in.readerIndex());
    if (length >= 0) {
      out.add(in.readRetainedSlice(length));
    }
  }
}
