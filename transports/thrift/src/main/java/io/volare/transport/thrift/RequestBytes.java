package io.volare.transport.thrift;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.volare.codec.thrift.ThriftWriter;
import org.jspecify.annotations.Nullable;

/**
 * One whole request on its way to a connection. A short one is an array, which is copied behind
 * others; a longer one is in a buffer, which the connection takes over. Belongs to the caller's
 * thread until it is queued, then to whom its {@link Exchange} says.
 */
final class RequestBytes {
  private static final byte[] NONE = {};

  private final byte[] few;
  private final @Nullable ByteBuf many;
  private final int size;

  private RequestBytes(byte[] few, @Nullable ByteBuf many, int size) {
    this.few = few;
    this.many = many;
    this.size = size;
  }

  /** {@return what {@code out} has written, which is whole} */
  static RequestBytes of(ThriftWriter out) {
    byte[] few = out.takeHeld(NONE, WriteBatch.MOST_COPIED);
    if (few != null) {
      return new RequestBytes(few, null, few.length);
    }
    out.close();
    return in(out.buffer());
  }

  /** {@return a request in a buffer, which is released with it or by the connection} */
  static RequestBytes in(ByteBuf buffer) {
    return new RequestBytes(NONE, buffer, buffer.readableBytes());
  }

  int size() {
    return size;
  }

  /** {@return the array of a short one, an empty one for a longer} */
  byte[] few() {
    return few;
  }

  int unsignedShort(int at) {
    return many == null ? BigEndian.unsignedShort(few, at) : many.getUnsignedShort(at);
  }

  void setI32(int at, int value) {
    if (many == null) {
      BigEndian.setI32(few, at, value);
    } else {
      many.setInt(at, value);
    }
  }

  /** Hands it over, to be written behind those that are in {@code batch}. */
  void addTo(WriteBatch batch, LoopMemory loop) {
    if (many == null) {
      batch.add(loop, few, size, size);
    } else {
      batch.add(many);
    }
  }

  /** {@return a buffer with its bytes, which the connection takes over} */
  ByteBuf buffer() {
    return many == null ? Unpooled.wrappedBuffer(few) : many;
  }

  /** It will not be written. */
  void release() {
    if (many != null) {
      many.release();
    }
  }
}
