package io.volare.transport.thrift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.volare.codec.thrift.ApplicationError;
import io.volare.codec.thrift.ThriftLimits;
import io.volare.codec.thrift.ThriftMessage;
import io.volare.codec.thrift.ThriftMethod;
import io.volare.codec.thrift.ThriftWriter;
import io.volare.metainfo.MetaInfo;
import io.volare.motore.Deadline;
import io.volare.motore.Failure.Kind;
import io.volare.motore.testing.ManualTime;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AnswerTest {
  private final ManualTime time = ManualTime.create();
  private final RpcContext context =
      RpcContext.client(EchoService.ECHO, "test", "echo", MetaInfo.create());

  private RpcException readException() {
    ByteBuf out = Unpooled.buffer();
    ThriftWriter writer = new ThriftWriter(out);
    ThriftMessage.write(writer, ThriftMessage.EXCEPTION, "echo", 1);
    new ApplicationError("the deadline passed", 6).write(writer);
    Frame frame = WireBytes.frame(ByteBufUtil.getBytes(out));
    return (RpcException)
        catchThrowable(() ->
            Answer.read(
                frame, ThriftMethod.of(EchoService.ECHO), context, 1, ThriftLimits.DEFAULT));
  }

  @Test
  void aServerThatGivesUpAtTheDeadlineIsHeardAsTheDeadline() {
    context.deadline(Deadline.after(Duration.ofMillis(50), time));

    assertThat(readException().kind()).isEqualTo(Kind.INTERNAL);
    time.advance(Duration.ofMillis(50));
    RpcException late = readException();

    assertThat(late.kind()).isEqualTo(Kind.DEADLINE_EXCEEDED);
    assertThat(late).hasMessageContaining("the peer says: the deadline passed");
  }
}
