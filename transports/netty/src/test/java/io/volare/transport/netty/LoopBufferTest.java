package io.volare.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import org.junit.jupiter.api.Test;

class LoopBufferTest {
  private final LoopBuffer buffers = new LoopBuffer(64);

  @Test
  void whatWasReleasedIsTakenAgainEmpty() {
    ByteBuf first = buffers.take();
    first.writeLong(1).readInt();
    first.release();

    ByteBuf second = buffers.take();

    assertThat(second).isSameAs(first);
    assertThat(second.isDirect()).isTrue();
    assertThat(second.readerIndex()).isZero();
    assertThat(second.writerIndex()).isZero();
    second.release();
  }

  @Test
  void whoeverHoldsItIsWaitedForAWhileAndThenItIsTheirs() {
    ByteBuf held = buffers.take();
    held.writeLong(7);

    int waited = 0;
    ByteBuf other;
    while ((other = buffers.take()) == null) {
      waited++;
    }

    assertThat(waited).isEqualTo(1_023);
    assertThat(other).isNotSameAs(held);
    assertThat(held.readLong()).isEqualTo(7);
    held.release();
    assertThat(held.refCnt()).isZero();
    other.release();
    assertThat(buffers.take()).isSameAs(other);
    other.release();
  }

  @Test
  void itIsThereAgainOnceItWasReleased() {
    ByteBuf first = buffers.take();
    assertThat(buffers.take()).isNull();
    first.release();

    assertThat(buffers.take()).isSameAs(first);
    first.release();
  }

  @Test
  void whatHadToGrowIsNotKept() {
    ByteBuf large = buffers.take();
    large.writeZero(1_000);
    large.release();

    ByteBuf next = buffers.take();

    assertThat(next).isNotSameAs(large);
    assertThat(next.capacity()).isEqualTo(64);
    assertThat(large.refCnt()).isZero();
    next.release();
  }
}
