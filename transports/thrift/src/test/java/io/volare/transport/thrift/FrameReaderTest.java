package io.volare.transport.thrift;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.volare.codec.thrift.ThriftLimits;
import io.volare.codec.thrift.ThriftMessage;
import io.volare.codec.thrift.ThriftProtocolException;
import io.volare.codec.thrift.ThriftWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrameReaderTest {
  private static final int LIMIT = 1024 * 1024;

  private final List<Frame> frames = new ArrayList<>();
  private final Collecting reader = new Collecting(frames);
  private final EmbeddedChannel channel = new EmbeddedChannel(reader);

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Test
  void whatHasArrivedIsCopiedAndReleasedAtOnce() {
    ByteBuf two = Unpooled.buffer();
    two.writeBytes(framed("first")).writeBytes(framed("second"));

    channel.writeInbound(two);

    assertThat(methods()).containsExactly("first", "second");
    assertThat(two.refCnt()).isZero();
    assertThat(reader.isWithinMessage()).isFalse();
  }

  @Test
  void aMessageThatIsNotWholeWaitsForTheRest() {
    ByteBuf whole = framed("late");
    ByteBuf begun = whole.readRetainedSlice(20);

    channel.writeInbound(begun);

    assertThat(frames).isEmpty();
    assertThat(reader.unread()).isEqualTo(20);
    channel.writeInbound(whole);
    assertThat(methods()).containsExactly("late");
    assertThat(whole.refCnt()).isZero();
  }

  @Test
  void messagesAreTheSameHoweverTheirBytesWereSplit() {
    ByteBuf all = Unpooled.buffer();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      String method = "m".repeat(1 + i * 17 % 200) + i;
      expected.add(method);
      all.writeBytes(i % 3 == 0 ? bare(method) : framed(method));
    }
    for (int size : new int[] {1, 2, 3, 7, 64, 100, 999, 5_000, 100_000}) {
      frames.clear();
      for (ByteBuf left = all.duplicate(); left.isReadable(); ) {
        channel.writeInbound(left.readBytes(Math.min(size, left.readableBytes())));
      }
      assertThat(methods()).as("pieces of %d B", size).isEqualTo(expected);
    }
  }

  @Test
  void anotherConnectionOfTheLoopThatReadsBetweenThePiecesDoesNotMixThem() {
    List<Frame> others = new ArrayList<>();
    EmbeddedChannel other = new EmbeddedChannel(new Collecting(others));
    ByteBuf mine = framed("mine");
    ByteBuf theirs = framed("theirs");

    channel.writeInbound(mine.readRetainedSlice(9));
    other.writeInbound(theirs.readRetainedSlice(13));
    channel.writeInbound(mine);
    other.writeInbound(theirs);

    assertThat(methods()).containsExactly("mine");
    assertThat(others).extracting(FrameReaderTest::method).containsExactly("theirs");
    other.finishAndReleaseAll();
  }

  @Test
  void aFrameThatIsKeptIsACopyUnlessItIsMostOfItsArray() {
    LoopMemory loop = new LoopMemory();
    byte[] shared = loop.bytes();
    byte[] small = ByteBufUtil.getBytes(framed("small"));
    System.arraycopy(small, 0, shared, 0, small.length);

    Frame ofLoop = Frame.read(shared, 0, small.length, loop).owned(new byte[0]);
    Frame alone = Frame.read(small, 0, small.length, loop);
    byte[] roomy = Arrays.copyOf(small, 10 * small.length);

    byte[] spare = new byte[small.length];
    Frame inSpare = Frame.read(shared, 0, small.length, loop).owned(spare);

    assertThat(inSpare.bytes()).isSameAs(spare);
    assertThat(method(inSpare)).isEqualTo("small");
    assertThat(inSpare.end()).isEqualTo(small.length - 4);
    assertThat(ofLoop.bytes()).isNotSameAs(shared).hasSize(small.length - 4);
    assertThat(method(ofLoop)).isEqualTo("small");
    assertThat(alone.owned(new byte[0])).isSameAs(alone);
    assertThat(Frame.read(roomy, 0, small.length, loop).owned(new byte[0]).bytes())
        .hasSize(small.length - 4);
  }

  @Test
  void aLongMessageTakesNoMoreThanTwiceWhatHasArrived() {
    ByteBuf lie = Unpooled.buffer().writeInt(LIMIT - 4).writeShort(0x8001).writeZero(94);

    channel.writeInbound(lie);
    assertThat(reader.reserved()).isLessThanOrEqualTo(200);
    for (int arrived = 100; arrived < 300_000; arrived += 1_000) {
      channel.writeInbound(Unpooled.buffer().writeZero(1_000));
      assertThat(reader.reserved()).isLessThanOrEqualTo(2 * (arrived + 1_000));
    }
    assertThat(frames).isEmpty();
  }

  @Test
  void connectionsOfOneLoopShareTheStringsOfHeadersThatAreAlike() {
    EmbeddedChannel other = new EmbeddedChannel(new Collecting(frames));

    channel.writeInbound(withHeader("blue"));
    other.writeInbound(withHeader("blue"));

    assertThat(frames).hasSize(2);
    assertThat(tenant(frames.get(1))).isEqualTo("blue").isSameAs(tenant(frames.get(0)));
    other.finishAndReleaseAll();
  }

  private static String tenant(Frame frame) {
    return requireNonNull(requireNonNull(frame.header()).value("tenant"));
  }

  private static ByteBuf withHeader(String tenant) {
    TtHeader header = new TtHeader();
    header.value("tenant", tenant);
    ByteBuf out = Unpooled.buffer();
    int start = header.write(out);
    out.writeBytes(framed("colour"));
    TtHeader.finish(out, start);
    return out;
  }

  private static ByteBuf framed(String method) {
    ByteBuf out = Unpooled.buffer();
    out.writeInt(0);
    ThriftMessage.write(new ThriftWriter(out), ThriftMessage.CALL, method, 1);
    out.writeByte(0);
    return out.setInt(0, out.writerIndex() - 4);
  }

  private static ByteBuf bare(String method) {
    return framed(method).skipBytes(4);
  }

  private List<String> methods() {
    return frames.stream().map(FrameReaderTest::method).toList();
  }

  private static String method(Frame frame) {
    return ThriftMessage.read(WireBytes.reader(frame)).name();
  }

  private static final class Collecting extends FrameReader {
    private final List<Frame> frames;

    Collecting(List<Frame> frames) {
      super(LIMIT, ThriftLimits.DEFAULT);
      this.frames = frames;
    }

    @Override
    protected void received(Frame frame) {
      frames.add(frame.owned(new byte[0]));
    }

    @Override
    protected void malformed(ThriftProtocolException wrong) {
      throw wrong;
    }
  }
}
