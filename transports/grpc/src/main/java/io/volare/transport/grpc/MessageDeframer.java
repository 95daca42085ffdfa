package io.volare.transport.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.RpcException;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the bytes of a stream into gRPC's messages: one byte of flags, four of length, then the
 * message. Belongs to one event loop.
 *
 * <p>A message that lies whole in what arrived is passed on as a slice of it, without a copy. One
 * that does not is gathered in a buffer that grows with what has arrived, never with what the
 * prefix claims: to four times as much, so that little is copied twice. It is not on the heap,
 * where a collector would copy it while it waits for its rest.
 *
 * <p>Source: <a
 * href="https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md">PROTOCOL-HTTP2</a>,
 * Length-Prefixed-Message.
 */
final class MessageDeframer {
  /** Flags and length. */
  static final int PREFIX_BYTES = 5;

  /** A message of up to this size gets its buffer at once. */
  private static final int AT_ONCE_BYTES = 16 * 1024;

  private static final long GROWTH = 4;

  private final int mostBytes;
  private final ByteBufAllocator allocator;
  private final Target target;
  private final byte[] prefix = new byte[PREFIX_BYTES];
  private int prefixBytes;
  private int length;
  private boolean compressed;
  private @Nullable ByteBuf body;

  /**
   * Starts with the first byte of a stream.
   *
   * @param mostBytes the largest message, as it is on the wire
   */
  MessageDeframer(int mostBytes, ByteBufAllocator allocator, Target target) {
    this.mostBytes = mostBytes;
    this.allocator = allocator;
    this.target = target;
  }

  /** {@return the length that a prefix at {@code index} claims, as an unsigned number} */
  static long claimed(ByteBuf data, int index) {
    return data.getUnsignedInt(index + 1);
  }

  /**
   * Takes all of {@code data}, and tells the target of every message that is complete by it.
   *
   * @throws RpcException of kind {@code RESOURCE_EXHAUSTED} if a message is larger than the limit,
   *     before any byte of it is kept; of kind {@code PROTOCOL} for flags that gRPC does not have
   */
  void read(ByteBuf data) {
    int start = data.readerIndex();
    while (data.isReadable()) {
      if (prefixBytes < PREFIX_BYTES && !readPrefix(data)) {
        return;
      }
      ByteBuf message = readBody(data);
      if (message == null) {
        return;
      }
      prefixBytes = 0;
      int bytes = data.readerIndex() - start;
      start = data.readerIndex();
      target.message(message, compressed, bytes);
    }
  }

  private boolean readPrefix(ByteBuf data) {
    int bytes = Math.min(PREFIX_BYTES - prefixBytes, data.readableBytes());
    data.readBytes(prefix, prefixBytes, bytes);
    prefixBytes += bytes;
    if (prefixBytes < PREFIX_BYTES) {
      return false;
    }
    if ((prefix[0] & ~1) != 0) {
      throw RpcException.notExecuted(
          Kind.PROTOCOL, "message flags: 0x%02x (expected: 0 or 1)".formatted(prefix[0] & 0xff));
    }
    long claimed =
        (prefix[1] & 0xffL) << 24
            | (prefix[2] & 0xff) << 16
            | (prefix[3] & 0xff) << 8
            | prefix[4] & 0xff;
    checkSize(claimed, mostBytes);
    compressed = prefix[0] == 1;
    length = (int) claimed;
    return true;
  }

  static void checkSize(long claimed, int mostBytes) {
    if (claimed > mostBytes) {
      throw RpcException.notExecuted(
          Kind.RESOURCE_EXHAUSTED, "message: %d B (limit: %d B)".formatted(claimed, mostBytes));
    }
  }

  private @Nullable ByteBuf readBody(ByteBuf data) {
    ByteBuf gathered = body;
    if (gathered == null) {
      if (data.readableBytes() >= length) {
        return data.readRetainedSlice(length);
      }
      int first = (int) Math.min(length, Math.max(AT_ONCE_BYTES, GROWTH * data.readableBytes()));
      gathered = allocator.buffer(first, length);
      body = gathered;
    }
    int bytes = Math.min(length - gathered.readableBytes(), data.readableBytes());
    if (gathered.writableBytes() < bytes) {
      long arrived = gathered.readableBytes() + bytes;
      gathered.capacity((int) Math.min(length, GROWTH * arrived));
    }
    gathered.writeBytes(data, bytes);
    if (gathered.readableBytes() < length) {
      return null;
    }
    body = null;
    return gathered;
  }

  /** {@return whether a message has begun and not ended} */
  boolean isWithinMessage() {
    return prefixBytes > 0;
  }

  /** {@return bytes that are held for a message that is not complete} */
  int heldBytes() {
    ByteBuf gathered = body;
    return gathered == null ? 0 : gathered.capacity();
  }

  /** Lets go of a message that will not be complete. */
  void close() {
    ByteBuf gathered = body;
    body = null;
    if (gathered != null) {
      gathered.release();
    }
  }

  /** Who takes the messages. */
  @FunctionalInterface
  interface Target {
    /**
     * A message is complete.
     *
     * @param message the target's own
     * @param compressed whether it is compressed, as its flag says
     * @param bytes how many bytes of what was just read belong to it
     */
    void message(ByteBuf message, boolean compressed, int bytes);
  }
}
