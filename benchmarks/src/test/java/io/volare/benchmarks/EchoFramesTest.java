package io.volare.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.volare.transport.thrift.WireForm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EchoFramesTest {
  @Test
  void aRequestIsWhatApachesCompilerWouldSend() {
    ByteBuf request = EchoFrames.request(WireForm.FRAMED, 2, false, 0, 0);

    assertThat(ByteBufUtil.hexDump(request))
        .isEqualTo(
            "0000002980010001000000044563686f00000000"
                + "0c00010b0001000000046563686f0b0002000000026d6d0000");
  }

  @ParameterizedTest
  @EnumSource(WireForm.class)
  void aReplyDiffersInTypeAndFieldOnly(WireForm form) {
    ByteBuf request = EchoFrames.request(form, 10, false, 0, 0);
    ByteBuf reply = request.copy();

    EchoFrames.turnIntoReply(reply);

    int message = EchoFrames.messageAt(reply, 0);
    assertThat(EchoFrames.isReply(reply, message)).isTrue();
    reply.setByte(message + 3, 1);
    reply.setByte(message + 18, 1);
    assertThat(reply).isEqualTo(request);
  }

  @ParameterizedTest
  @EnumSource(WireForm.class)
  void aFrameIsCutAtItsEndAndNotBefore(WireForm form) {
    ByteBuf request = EchoFrames.request(form, 10, true, 1000, 0);
    int length = request.readableBytes();

    for (int part = 0; part < length; part++) {
      assertThat(EchoFrames.length(request.slice(0, part), 0)).as("%d bytes", part).isEqualTo(-1);
    }
    assertThat(EchoFrames.length(request.copy().writeBytes("next".getBytes()), 0))
        .isEqualTo(length);
  }
}
