package io.volare.transport.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * Follows the bytes of a connection just so far as to know whether a frame, or a block of headers,
 * has begun and not ended: Netty's reader keeps that to itself. Belongs to one event loop.
 */
final class FrameScanner {
  private static final int PREFACE_BYTES = 24;
  private static final int HEADERS = 1;
  private static final int PUSH_PROMISE = 5;
  private static final int CONTINUATION = 9;

  private final ByteBuf header = Unpooled.buffer(Hpack.FRAME_HEADER_BYTES);
  private int skip;
  private boolean begun;
  private boolean blockOpen;
  private long unfinishedNanos;

  /** Starts before the first byte; a server's peer begins with the preface. */
  FrameScanner(boolean server) {
    skip = server ? PREFACE_BYTES : 0;
  }

  void scan(ByteBuf bytes) {
    boolean whole = false;
    int index = bytes.readerIndex();
    int end = bytes.writerIndex();
    while (index < end) {
      if (skip > 0) {
        int skipped = Math.min(skip, end - index);
        skip -= skipped;
        index += skipped;
      } else if (!header.isReadable() && end - index >= Hpack.FRAME_HEADER_BYTES) {
        begin(bytes, index);
        index += Hpack.FRAME_HEADER_BYTES;
      } else {
        header.writeByte(bytes.getByte(index++));
        if (header.readableBytes() == Hpack.FRAME_HEADER_BYTES) {
          begin(header, 0);
          header.clear();
        }
      }
      whole |= skip == 0 && !header.isReadable() && !blockOpen;
    }
    if (!isUnfinished()) {
      unfinishedNanos = 0;
    } else if (whole || unfinishedNanos == 0) {
      unfinishedNanos = System.nanoTime();
    }
  }

  private void begin(ByteBuf from, int index) {
    begun = true;
    skip = from.getUnsignedMedium(index);
    int type = from.getByte(index + 3);
    if (type == HEADERS || type == PUSH_PROMISE || type == CONTINUATION) {
      blockOpen = (from.getByte(index + 4) & Hpack.END_HEADERS) == 0;
    }
  }

  /** {@return bytes that are missing of a frame whose length is known; 0 if none has begun} */
  int missing() {
    return begun ? skip : 0;
  }

  private boolean isUnfinished() {
    return skip > 0 || header.isReadable() || blockOpen;
  }

  /** {@return whether a frame or a block of headers began more than {@code nanos} ago} */
  boolean isStalled(long now, long nanos) {
    return unfinishedNanos != 0 && now - unfinishedNanos > nanos;
  }
}
