package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class GatheringTest {
  private static ByteBuf gathered(ByteBuf before, ByteBuf next) {
    return Gathering.INSTANCE.cumulate(ByteBufAllocator.DEFAULT, before, next);
  }

  private static ByteBuf bytes(int capacity, int... values) {
    ByteBuf out = Unpooled.directBuffer(capacity, capacity);
    for (int value : values) {
      out.writeByte(value);
    }
    return out;
  }

  @Test
  void whatComesWhileNothingWaitsStaysWhereItIs() {
    ByteBuf before = bytes(1, 1).skipBytes(1);
    ByteBuf next = bytes(2, 2, 3);

    assertThat(gathered(before, next)).isSameAs(next);
    assertThat(before.refCnt()).isZero();
    next.release();
  }

  @Test
  void whatFitsIsPutBehindWhatWaits() {
    ByteBuf before = bytes(4, 1, 2);
    ByteBuf next = bytes(2, 3, 4);

    assertThat(gathered(before, next)).isSameAs(before);
    assertThat(ByteBufUtil.hexDump(before)).isEqualTo("01020304");
    assertThat(next.refCnt()).isZero();
    before.release();
  }

  @Test
  void whatDoesNotFitIsTakenOverWithoutWhatWasReadBefore() {
    ByteBuf before = bytes(4, 1, 2, 3, 4).skipBytes(3);
    ByteBuf next = bytes(2, 5, 6);

    ByteBuf both = gathered(before, next);

    assertThat(ByteBufUtil.hexDump(both)).isEqualTo("040506");
    assertThat(both.readerIndex()).isZero();
    assertThat(before.refCnt()).isZero();
    assertThat(next.refCnt()).isZero();
    both.release();
  }

  @Test
  void aBufferThatComesTwiceIsKeptOnce() {
    ByteBuf same = bytes(1, 1).retain();

    assertThat(gathered(same, same)).isSameAs(same);
    assertThat(same.refCnt()).isOne();
    same.release();
  }
}
