package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.StringValue;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.volare.rpc.RpcException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageSizesTest {
  private static final int MOST = 100_000;

  private final MessageSizes sizes = new MessageSizes();

  private static StringValue message(int characters) {
    return StringValue.of("x".repeat(characters));
  }

  private byte[] written(StringValue message) {
    ByteBuf out = Unpooled.directBuffer(sizes.room(message, MOST)).writeByte(7);
    int bytes = sizes.write(message, MOST, out);
    assertThat(out.readByte()).isEqualTo((byte) 7);
    assertThat(out.readableBytes()).isEqualTo(bytes);
    byte[] all = ByteBufUtil.getBytes(out);
    out.release();
    return all;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void whateverSizesFollowEachMessageIsWrittenWhole(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 10_000; i++) {
      StringValue message = message(random.nextInt(1 << random.nextInt(1, 14)));
      assertThat(written(message)).isEqualTo(message.toByteArray());
    }
  }

  @Test
  void messagesOfOneSizeAreNotAskedForIt() {
    written(message(1000));

    assertThat(sizes.room(message(90_000), MOST)).isBetween(1000, 2000);
  }

  @Test
  void charactersOfSeveralBytesCountAsSuch() {
    written(message(1000));
    StringValue wide = StringValue.of("\u20ac".repeat(1000));

    assertThat(written(wide)).isEqualTo(wide.toByteArray());
  }

  @Test
  void whatIsLargerThanMayBeIsRefusedWhateverWasExpected() {
    written(message(1000));
    ByteBuf direct = Unpooled.directBuffer();

    for (ByteBuf out : List.of(direct, Unpooled.buffer(4096))) {
      assertThatThrownBy(() -> sizes.write(message(1000), 999, out))
          .isInstanceOf(RpcException.class)
          .hasMessageContaining("message: 1003 B (limit: 999 B)");
      assertThat(out.writerIndex()).isZero();
    }
    direct.release();
  }

  @ParameterizedTest
  @ValueSource(ints = {5_000, 8_192, 16_000, 65_536, 90_000})
  void largeMessagesTakeLittleMoreRoomThanTheyNeed(int characters) {
    written(message(characters));
    written(message(characters));

    assertThat(sizes.room(message(10), MOST)).isBetween(characters, characters + characters / 8);
  }

  @Test
  void oneSmallMessageIsEnoughToForgetALargeOne() {
    written(message(90_000));
    written(message(10));

    assertThat(sizes.room(message(10), MOST)).isLessThan(200);
  }

  @Test
  void aMessageThatIsLargerThanTheLastIsWrittenWholeAndOneThatMayNotBeIsRefused() {
    for (int characters : new int[] {8_192, 65_536}) {
      written(message(characters));
      StringValue larger = message(MOST - 4);

      assertThat(written(larger)).isEqualTo(larger.toByteArray());
      written(message(characters));
      ByteBuf out = Unpooled.directBuffer();
      assertThatThrownBy(() -> sizes.write(message(MOST), MOST, out))
          .hasMessageContaining("message: 100004 B (limit: 100000 B)");
      assertThat(out.writerIndex()).isZero();
      out.release();
    }
  }

  @Test
  void whatWaitsHoldsNoMoreMemoryThanItNeeds() {
    ByteBuf fitting = Unpooled.directBuffer(10_000).writeZero(6_000);
    assertThat(MessageSizes.fitted(fitting)).isSameAs(fitting);
    fitting.release();
    ByteBuf wasteful = Unpooled.directBuffer(100_000).writeZero(10).writeByte(7);

    ByteBuf fitted = MessageSizes.fitted(wasteful);

    assertThat(fitted.readableBytes()).isEqualTo(11);
    assertThat(fitted.getByte(10)).isEqualTo((byte) 7);
    assertThat(fitted.capacity()).isLessThanOrEqualTo(64);
    assertThat(wasteful.refCnt()).isZero();
    fitted.release();
  }

  @Test
  void roomGoesBackWhereItIsNotNeeded() {
    written(message(3000));
    for (int i = 0; i < 100; i++) {
      written(message(10));
    }

    assertThat(sizes.room(message(10), MOST)).isLessThan(200);
  }
}
