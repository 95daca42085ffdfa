package io.volare.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * A direct buffer that one event loop uses again and again. Belongs to the loop; its memory goes
 * when the loop has gone and nobody holds it.
 */
public final class LoopBuffer {
  /** It is never released for good, so a leak detector would take it for lost. */
  private static final ByteBufAllocator UNTRACKED = new UnpooledByteBufAllocator(true, true);

  /** So often somebody is waited for who holds it; then it is theirs, and another one is made. */
  private static final int PATIENCE = 1_024;

  private final int bytes;
  private @Nullable ByteBuf buffer;
  private int missed;

  /** Starts with none. */
  public LoopBuffer(int bytes) {
    this.bytes = bytes;
  }

  /**
   * {@return the buffer, empty, for the caller to release; null while somebody still holds it since
   * the last time}
   */
  public @Nullable ByteBuf take() {
    ByteBuf mine = buffer;
    if (mine != null && mine.refCnt() > 1 && ++missed < PATIENCE) {
      return null;
    }
    if (mine == null || missed == PATIENCE || mine.capacity() > bytes) {
      mine = another();
    }
    missed = 0;
    return mine.clear().retain();
  }

  private ByteBuf another() {
    if (buffer != null) {
      buffer.release();
    }
    ByteBuf made = UNTRACKED.directBuffer(bytes);
    buffer = made;
    return made;
  }
}
