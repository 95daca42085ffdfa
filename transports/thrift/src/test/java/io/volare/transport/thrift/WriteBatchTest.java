package io.volare.transport.thrift;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WriteBatchTest {
  private static final String LONG = "l".repeat(WriteBatch.MOST_COPIED + 1);

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final LoopMemory loop = new LoopMemory();
  private final WriteBatch batch = new WriteBatch(channel);

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Test
  void shortRepliesLeaveInOneBuffer() {
    write("one");
    add("two");
    write("three");

    batch.flush();

    assertThat(written()).containsExactly("onetwothree");
  }

  @Test
  void aLongReplyGoesAsItIsBetweenThoseBeforeAndBehindIt() {
    write("before");
    batch.add(reply(LONG));
    write("behind");

    batch.flush();

    assertThat(written()).containsExactly("before", LONG, "behind");
  }

  @Test
  void oneBufferIsNoLongerThanItsLimitHoweverManyRepliesThereAre() {
    String quarter = "q".repeat(WriteBatch.MOST_COPIED);
    int fit = WriteBatch.MOST_BYTES / quarter.length();

    for (int i = 0; i <= fit; i++) {
      add(quarter);
    }
    batch.flush();

    assertThat(written()).containsExactly(quarter.repeat(fit), quarter);
  }

  @Test
  void aReplyThatTurnsOutLongerThanExpectedIsWhole() {
    write("before");
    write("w".repeat(5 * WriteBatch.MOST_BYTES));
    write("behind");

    batch.flush();

    assertThat(String.join("", written()))
        .isEqualTo("before" + "w".repeat(5 * WriteBatch.MOST_BYTES) + "behind");
  }

  @Test
  void theBufferOfTheLoopIsUsedAgainButNotWhileThePeerHasNotTakenIt() {
    write("first");
    batch.flush();
    ByteBuf first = channel.readOutbound();
    write("second");
    batch.flush();
    ByteBuf second = channel.readOutbound();

    assertThat(second).isNotSameAs(first);
    assertThat(first.toString(US_ASCII)).isEqualTo("first");
    first.release();
    second.release();
    write("third");
    batch.flush();
    ByteBuf third = channel.readOutbound();
    assertThat(third).isSameAs(first);
    assertThat(third.toString(US_ASCII)).isEqualTo("third");
    third.release();
  }

  @Test
  void whatIsWrittenBehindAFlushThatLedToAnotherOneIsFlushedToo() {
    channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, LONG.length()));
    channel
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelWritabilityChanged(ChannelHandlerContext context) {
                if (context.channel().isWritable()) {
                  batch.flush();
                }
              }
            });

    batch.add(reply(LONG));
    batch.add(reply(LONG + "2"));
    batch.flush();

    assertThat(written()).containsExactly(LONG, LONG + "2");
  }

  @Test
  void aFlushWithoutRepliesWritesNothing() {
    batch.flush();

    assertThat(written()).isEmpty();
  }

  @Test
  void nothingIsKeptOfRepliesToAPeerThatHasLeft() {
    ByteBuf longOne = reply(LONG);
    channel.close();

    add("short");
    batch.add(longOne);
    batch.flush();

    assertThat(longOne.refCnt()).isZero();
    assertThat(written()).isEmpty();
  }

  private void write(String text) {
    batch.writer(loop, 8, 8).writeRaw(text.getBytes(US_ASCII));
  }

  private void add(String text) {
    byte[] bytes = text.getBytes(US_ASCII);
    batch.add(loop, Arrays.copyOf(bytes, bytes.length + 9), bytes.length, 8);
  }

  private static ByteBuf reply(String text) {
    return Unpooled.directBuffer().writeBytes(text.getBytes(US_ASCII));
  }

  private List<String> written() {
    List<String> all = new ArrayList<>();
    for (ByteBuf next = channel.readOutbound(); next != null; next = channel.readOutbound()) {
      all.add(next.toString(US_ASCII));
      next.release();
    }
    return all;
  }
}
