package io.volare.transport.thrift;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.volare.codec.thrift.ThriftLimits;
import io.volare.codec.thrift.ThriftMessage;
import io.volare.codec.thrift.ThriftProtocolException;
import io.volare.codec.thrift.ThriftWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FrameReaderTest {
  private final List<Frame> frames = new ArrayList<>();
  private final EmbeddedChannel channel = new EmbeddedChannel(new Collecting());

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Test
  void aConnectionBetweenMessagesHoldsNoBuffer() {
    ByteBuf two = Unpooled.buffer();
    two.writeBytes(framed("first")).writeBytes(framed("second"));

    channel.writeInbound(two);

    assertThat(frames).hasSize(2);
    frames.forEach(Frame::release);
    assertThat(two.refCnt()).isZero();
  }

  @Test
  void aMessageThatIsNotWholeIsKept() {
    ByteBuf whole = framed("late");
    ByteBuf begun = whole.readRetainedSlice(20);

    channel.writeInbound(begun);

    assertThat(frames).isEmpty();
    assertThat(begun.refCnt()).isPositive();
    channel.writeInbound(whole);
    assertThat(frames).hasSize(1);
    frames.forEach(Frame::release);
    assertThat(whole.refCnt()).isZero();
  }

  @Test
  void connectionsOfOneLoopShareTheStringsOfHeadersThatAreAlike() {
    EmbeddedChannel other = new EmbeddedChannel(new Collecting());

    channel.writeInbound(withHeader("blue"));
    other.writeInbound(withHeader("blue"));

    assertThat(frames).hasSize(2);
    assertThat(tenant(frames.get(1))).isEqualTo("blue").isSameAs(tenant(frames.get(0)));
    frames.forEach(Frame::release);
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

  private final class Collecting extends FrameReader {
    Collecting() {
      super(1024, ThriftLimits.DEFAULT);
    }

    @Override
    protected void received(Frame frame) {
      frames.add(frame);
    }

    @Override
    protected void malformed(ThriftProtocolException wrong) {
      throw wrong;
    }
  }
}
