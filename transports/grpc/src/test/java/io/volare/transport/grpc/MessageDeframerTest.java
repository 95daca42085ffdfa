package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.RpcException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MessageDeframerTest {
  private static final int MOST = 1 << 20;

  private final List<String> messages = new ArrayList<>();
  private int attributed;
  private final MessageDeframer deframer =
      new MessageDeframer(MOST, ByteBufAllocator.DEFAULT, this::message);

  private void message(ByteBuf message, boolean compressed, int bytes) {
    messages.add((compressed ? "c" : "") + ByteBufUtil.hexDump(message));
    attributed += bytes;
    message.release();
  }

  private static ByteBuf framed(int flags, byte[] body) {
    ByteBuf out = ByteBufAllocator.DEFAULT.buffer();
    return out.writeByte(flags).writeInt(body.length).writeBytes(body);
  }

  private void read(ByteBuf data) {
    try {
      deframer.read(data);
    } finally {
      data.release();
    }
  }

  @Test
  void cutsSeveralMessagesOfOneFrame() {
    read(Unpooled.wrappedBuffer(framed(0, new byte[] {1}), framed(1, new byte[] {2, 3})));

    assertThat(messages).containsExactly("01", "c0203");
    assertThat(attributed).isEqualTo(6 + 7);
    assertThat(deframer.isWithinMessage()).isFalse();
  }

  @Test
  void aMessageThatLiesWholeInTheFrameIsNotCopied() {
    ByteBuf data = framed(0, new byte[100]);
    List<ByteBuf> slices = new ArrayList<>();

    new MessageDeframer(MOST, ByteBufAllocator.DEFAULT, (m, c, b) -> slices.add(m)).read(data);
    data.setByte(5, 42);

    assertThat(slices.getFirst().getByte(0)).isEqualTo((byte) 42);
    slices.getFirst().release();
    data.release();
  }

  @Test
  void anySplitGivesTheSame() {
    byte[] large = new byte[70_000];
    new Random(7).nextBytes(large);
    ByteBuf whole =
        Unpooled.wrappedBuffer(framed(0, new byte[] {1}), framed(0, new byte[0]), framed(1, large));
    List<String> expected = List.of("01", "", "c" + ByteBufUtil.hexDump(large));
    for (int step : new int[] {1, 2, 3, 5, 7, 1_000, 16_384}) {
      messages.clear();
      for (int i = 0; i < whole.readableBytes(); i += step) {
        deframer.read(whole.slice(i, Math.min(step, whole.readableBytes() - i)));
      }
      assertThat(messages).as("steps of %d", step).isEqualTo(expected);
    }
    whole.release();
  }

  @Test
  void aMessageBeyondTheLimitIsRefusedAtItsPrefix() {
    ByteBuf prefix = Unpooled.buffer().writeByte(0).writeInt(MOST + 1);

    assertThatThrownBy(() -> deframer.read(prefix))
        .isInstanceOfSatisfying(
            RpcException.class,
            wrong -> assertThat(wrong.kind()).isEqualTo(Kind.RESOURCE_EXHAUSTED))
        .hasMessage("message: 1048577 B (limit: 1048576 B)");
    assertThat(deframer.heldBytes()).isZero();
  }

  @Test
  void aLengthBeyondTwoGigabytesIsNoNegativeOne() {
    ByteBuf prefix = Unpooled.buffer().writeByte(0).writeInt(-1);

    assertThatThrownBy(() -> deframer.read(prefix)).hasMessageContaining("4294967295 B");
  }

  @Test
  void flagsThatGrpcDoesNotHaveAreRefused() {
    ByteBuf prefix = Unpooled.buffer().writeByte(2).writeInt(1);

    assertThatThrownBy(() -> deframer.read(prefix))
        .hasMessage("message flags: 0x02 (expected: 0 or 1)");
  }

  @Test
  void memoryGrowsWithWhatArrivesNotWithWhatIsClaimed() {
    read(Unpooled.buffer().writeByte(0).writeInt(MOST).writeBytes(new byte[10]));
    assertThat(deframer.heldBytes()).isLessThanOrEqualTo(16 * 1024);

    read(Unpooled.wrappedBuffer(new byte[100_000]));

    assertThat(deframer.heldBytes()).isLessThanOrEqualTo(4 * 100_010);
    deframer.close();
    assertThat(deframer.heldBytes()).isZero();
  }
}
