package io.volare.transport.thrift;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ReplyBatchTest {
  private static final String LONG = "l".repeat(ReplyBatch.MOST_COPIED + 1);

  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final ReplyBatch batch = new ReplyBatch(channel);

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Test
  void shortRepliesLeaveInOneBuffer() {
    batch.add(reply("one"), 8);
    batch.add(reply("two"), 5);
    batch.add(reply("three"), 0);

    batch.flush();

    assertThat(written()).containsExactly("onetwothree");
  }

  @Test
  void aLongReplyGoesAsItIsBetweenThoseBeforeAndBehindIt() {
    batch.add(reply("before"), 2);
    batch.add(reply(LONG), 1);
    batch.add(reply("behind"), 0);

    batch.flush();

    assertThat(written()).containsExactly("before", LONG, "behind");
  }

  @Test
  void whatDoesNotFitIsWrittenIntoAnother() {
    batch.add(reply("none more was expected"), 0);
    batch.add(reply("but came"), 0);

    batch.flush();

    assertThat(written()).containsExactly("none more was expected", "but came");
  }

  @Test
  void oneBufferIsNoLongerThanItsLimitHoweverManyRepliesAreOwed() {
    String quarter = "q".repeat(ReplyBatch.MOST_COPIED);
    int fit = ReplyBatch.MOST_BYTES / quarter.length();

    for (int i = 0; i <= fit; i++) {
      batch.add(reply(quarter), 1_000_000);
    }
    batch.flush();

    assertThat(written()).containsExactly(quarter.repeat(fit), quarter);
  }

  @Test
  void aFlushWithoutRepliesWritesNothing() {
    batch.flush();

    assertThat(written()).isEmpty();
  }

  @Test
  void nothingIsKeptOfRepliesToAPeerThatHasLeft() {
    ByteBuf shortOne = reply("short");
    ByteBuf longOne = reply(LONG);
    channel.close();

    batch.add(shortOne, 1);
    batch.add(longOne, 0);
    batch.flush();

    assertThat(shortOne.refCnt()).isZero();
    assertThat(longOne.refCnt()).isZero();
    assertThat(written()).isEmpty();
  }

  private ByteBuf reply(String text) {
    return batch.buffer(text.length()).writeBytes(text.getBytes(US_ASCII));
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
