package io.volare.transport.thrift;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledHeapByteBuf;
import io.netty.channel.Channel;
import org.jspecify.annotations.Nullable;

/**
 * Replies that leave a connection with the same flush. Belongs to its event loop, except where it
 * says otherwise.
 *
 * <p>How is this designed, and why? A buffer of the channel's is taken from a pool, is an entry in
 * the channel's queue and a vector of the system call. For a short reply that is made on the loop
 * this costs more than copying it, so such a reply is made on the heap and copied behind the others
 * into one buffer. What other threads make would lie on the heap for longer, and then costs as much
 * or more; it goes as it is, and so do longer replies.
 */
final class ReplyBatch {
  /** Longer replies go as they are. */
  static final int MOST_COPIED = 4 * 1024;

  /** What is copied into one buffer. */
  static final int MOST_BYTES = 32 * 1024;

  /** What a channel counts for a buffer besides its bytes, rounded up. */
  private static final int OVERHEAD = 128;

  private final Channel channel;
  private @Nullable ByteBuf copied;
  private boolean unflushed;

  ReplyBatch(Channel channel) {
    this.channel = channel;
  }

  /** {@return a buffer for a reply of about so many bytes} From any thread. */
  ByteBuf buffer(int bytes) {
    return bytes <= MOST_COPIED && channel.eventLoop().inEventLoop()
        ? new UnpooledHeapByteBuf(channel.alloc(), bytes, Integer.MAX_VALUE)
        : channel.alloc().buffer(bytes);
  }

  /**
   * Takes a reply over, to be written behind those before it.
   *
   * @param more how many bytes may follow before the flush
   */
  void add(ByteBuf reply, long more) {
    unflushed = true;
    int bytes = reply.readableBytes();
    if (bytes > MOST_COPIED || reply.isDirect()) {
      write();
      write(reply);
      return;
    }
    ByteBuf all = copied;
    if (all == null || all.writableBytes() < bytes) {
      write();
      all = channel.alloc().directBuffer(Math.clamp(bytes + more, bytes, MOST_BYTES));
      copied = all;
    }
    all.writeBytes(reply);
    reply.release();
  }

  /** Hands all of them to the channel. */
  void write() {
    ByteBuf all = copied;
    if (all != null) {
      copied = null;
      write(all);
    }
  }

  /** What would make the channel unwritable waits until those before it are gone. */
  private void write(ByteBuf bytes) {
    if (channel.bytesBeforeUnwritable() < bytes.readableBytes() + OVERHEAD) {
      channel.flush();
    }
    channel.write(bytes, channel.voidPromise());
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
