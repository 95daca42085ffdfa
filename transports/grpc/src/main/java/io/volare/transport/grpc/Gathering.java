package io.volare.transport.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.codec.ByteToMessageDecoder;

/**
 * Puts what came of a frame and what comes of it next together: where there is room for it, else in
 * a buffer of its own. Netty's would enlarge the old buffer, and so copy what was read of it too.
 * Stateless.
 */
final class Gathering implements ByteToMessageDecoder.Cumulator {
  static final Gathering INSTANCE = new Gathering();

  private Gathering() {}

  @Override
  public ByteBuf cumulate(ByteBufAllocator alloc, ByteBuf before, ByteBuf next) {
    if (before == next) { // twice retained
      next.release();
      return before;
    }
    if (!before.isReadable() && next.isContiguous()) {
      before.release();
      return next;
    }
    try {
      if (next.readableBytes() > before.maxFastWritableBytes() || before.isReadOnly()) {
        return together(alloc, before, next);
      }
      before.writeBytes(next);
      return before;
    } finally {
      next.release();
    }
  }

  private static ByteBuf together(ByteBufAllocator alloc, ByteBuf before, ByteBuf next) {
    int bytes = before.readableBytes() + next.readableBytes();
    ByteBuf both = alloc.buffer(alloc.calculateNewCapacity(bytes, Integer.MAX_VALUE));
    both.writeBytes(before).writeBytes(next);
    before.release();
    return both;
  }
}
