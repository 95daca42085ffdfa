package io.volare.transport.thrift;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import io.volare.codec.thrift.ThriftWriter;
import org.jspecify.annotations.Nullable;

/**
 * Frames that leave a connection with the same flush. Belongs to its event loop.
 *
 * <p>How is this designed, and why? A buffer of its own for each frame is taken from a pool, goes
 * through the pipeline, is an entry in the channel's queue and a vector of the system call. For a
 * short frame all this costs more than copying it. So short frames are written one behind the other
 * into one buffer: the loop's own while the channel has nothing else to write, so that a peer that
 * does not read holds one of those at most.
 */
final class WriteBatch {
  /** Longer frames of other threads go as they are. */
  static final int MOST_COPIED = 4 * 1024;

  /** What is written into one buffer, unless a single frame is longer. */
  static final int MOST_BYTES = 32 * 1024;

  private static final int LEAST_BYTES = 1024;

  /** What a channel counts for a buffer besides its bytes, rounded up. */
  private static final int OVERHEAD = 128;

  private final Channel channel;
  private @Nullable ThriftWriter writer;
  private boolean unflushed;

  WriteBatch(Channel channel) {
    this.channel = channel;
  }

  /**
   * {@return where the next frame is to be written, open and behind those before it}
   *
   * @param bytes how many it may take
   * @param more how many may follow before the flush
   */
  ThriftWriter writer(LoopMemory loop, int bytes, long more) {
    ThriftWriter behind = writer;
    if (behind == null || behind.written() + bytes > MOST_BYTES) {
      write();
      behind = new ThriftWriter(buffer(loop, bytes, more));
      behind.open();
      writer = behind;
    }
    unflushed = true;
    return behind;
  }

  private ByteBuf buffer(LoopMemory loop, int bytes, long more) {
    ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
    ByteBuf shared =
        bytes <= MOST_BYTES && waiting != null && waiting.isEmpty() ? loop.writeBuffer() : null;
    return shared == null
        ? channel.alloc().directBuffer(Math.clamp(bytes + more, LEAST_BYTES, MOST_BYTES))
        : shared;
  }

  /** Writes a frame behind those before it: the first {@code length} of some bytes. */
  void add(LoopMemory loop, byte[] bytes, int length, long more) {
    writer(loop, length, more).writeRaw(bytes, length);
  }

  /** Takes a frame over, to be written behind those before it. */
  void add(ByteBuf frame) {
    write();
    write(frame);
  }

  /** Takes a frame over, to be written behind those before it, and tells when it is written. */
  ChannelFuture addTold(ByteBuf frame) {
    write();
    ChannelFuture written = channel.write(frame);
    unflushed = true;
    return written;
  }

  /** Hands all of them to the channel. */
  void write() {
    ThriftWriter all = writer;
    if (all != null) {
      writer = null;
      all.close();
      write(all.buffer());
    }
  }

  /** What would make the channel unwritable waits until those before it are gone. */
  private void write(ByteBuf bytes) {
    if (channel.bytesBeforeUnwritable() < bytes.readableBytes() + OVERHEAD) {
      channel.flush();
    }
    channel.write(bytes, channel.voidPromise());
    unflushed = true; // a flush may have led to another one, before this was written
  }

  /** Flushes the channel, if there is anything. */
  void flush() {
    if (unflushed) {
      unflushed = false;
      write();
      channel.flush();
    }
  }
}
