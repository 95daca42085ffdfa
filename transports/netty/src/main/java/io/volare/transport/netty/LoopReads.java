package io.volare.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Says into what the bytes of one channel are read. Belongs to the channel's event loop.
 *
 * <p>How is this designed, and why? Netty takes a buffer for each read from its pool, of a size
 * that it guesses, and a pool walks through memory. Who copies what was read at once, and keeps
 * none of it, can do with one buffer for all channels of a loop, which then stays in the
 * processor's cache. A reader that does keep it, as a decoder does that waits for the rest of a
 * frame, would hold the whole of it for a few bytes; so a protocol has to {@linkplain #takeTurns
 * ask}.
 */
public final class LoopReads extends AdaptiveRecvByteBufAllocator {
  private boolean takesTurns;
  private boolean byTls;
  private @Nullable InTurn handle;

  private LoopReads() {}

  /** Prepares a channel that was not read yet. */
  static void prepare(Channel channel) {
    channel.config().setRecvByteBufAllocator(new LoopReads());
  }

  /**
   * From now on, what {@code channel} reads comes in the one buffer of its loop, unless it is TLS
   * that reads, or another reader holds that buffer, as io_uring does while it waits for bytes.
   * Whoever takes it copies it and releases it at once.
   */
  public static void takeTurns(Channel channel) {
    RecvByteBufAllocator reads = channel.config().getRecvByteBufAllocator();
    if (reads instanceof LoopReads ours && !ours.byTls) {
      ours.takesTurns = true;
      if (ours.handle != null) {
        ours.handle.takesTurns = true;
      }
    }
  }

  /** {@code channel} is read by TLS, which keeps what it cannot decrypt yet. */
  static void byTls(Channel channel) {
    if (channel.config().getRecvByteBufAllocator() instanceof LoopReads ours) {
      ours.byTls = true;
    }
  }

  @Override
  @SuppressWarnings("deprecation") // Netty has no other type to return
  public Handle newHandle() {
    InTurn made = new InTurn((ExtendedHandle) super.newHandle());
    made.takesTurns = takesTurns;
    handle = made;
    return made;
  }

  /** A channel has one. It knows by itself whether it takes turns: each read asks. */
  @SuppressWarnings("deprecation") // Netty has no other type
  private static final class InTurn extends DelegatingHandle implements ExtendedHandle {
    private final ExtendedHandle usual;
    private boolean takesTurns;

    InTurn(ExtendedHandle usual) {
      super(usual);
      this.usual = usual;
    }

    @Override
    public ByteBuf allocate(ByteBufAllocator allocator) {
      ByteBuf shared =
          takesTurns && Thread.currentThread() instanceof LoopThread loop
              ? loop.readBuffer()
              : null;
      return shared == null ? usual.allocate(allocator) : shared;
    }

    @Override
    public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
      return usual.continueReading(maybeMore);
    }
  }
}
