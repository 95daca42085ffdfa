package io.volare.transport.thrift;

import io.netty.buffer.ByteBuf;
import io.netty.util.concurrent.FastThreadLocal;
import io.volare.transport.netty.LoopBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What the connections of one event loop read and write with, one after the other: what a thousand
 * connections each had of their own would not be in the processor's cache. Used by that loop.
 */
final class LoopMemory {
  /** As much as a socket is read at a time, and a message that was begun before. */
  private static final int BYTES = 128 * 1024;

  private static final FastThreadLocal<LoopMemory> OF_LOOP =
      new FastThreadLocal<>() {
        @Override
        protected LoopMemory initialValue() {
          return new LoopMemory();
        }
      };

  private final byte[] bytes = new byte[BYTES];
  private final SpareArrays arrays = new SpareArrays();
  private final HeaderReader headers = new HeaderReader();
  private final LoopBuffer writes = new LoopBuffer(2 * WriteBatch.MOST_BYTES);

  /** {@return the one of the calling event loop} */
  static LoopMemory ofLoop() {
    return OF_LOOP.get();
  }

  /** {@return what was read, while it is cut into frames} */
  byte[] bytes() {
    return bytes;
  }

  boolean owns(byte[] bytes) {
    return bytes == this.bytes;
  }

  /**
   * {@return an empty buffer for frames that leave at once, for the caller to release; null while
   * those of another connection wait in it}
   */
  @Nullable ByteBuf writeBuffer() {
    return writes.take();
  }

  SpareArrays arrays() {
    return arrays;
  }

  HeaderReader headers() {
    return headers;
  }
}
