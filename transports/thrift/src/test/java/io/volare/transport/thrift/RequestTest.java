package io.volare.transport.thrift;

import static org.assertj.core.api.Assertions.assertThat;

import io.volare.codec.thrift.ThriftMethod;
import io.volare.metainfo.MetaInfo;
import io.volare.motore.Deadline;
import io.volare.motore.testing.ManualTime;
import io.volare.rpc.RpcContext;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTest {
  private final Request.Cache requests = new Request.Cache(ThriftClientConfig.DEFAULT);

  private RequestBytes encode(Deadline deadline, String text) {
    RpcContext context = RpcContext.client(EchoService.ECHO, "caller", "callee", MetaInfo.create());
    context.deadline(deadline);
    Request request = requests.of(context);
    RequestBytes bytes = request.encode(ThriftMethod.of(EchoService.ECHO), context, text);
    request.sequence(bytes, 0x0102_0304);
    return bytes;
  }

  private static Frame frame(RequestBytes bytes) {
    var buffer = bytes.buffer();
    byte[] all = new byte[buffer.readableBytes()];
    buffer.readBytes(all);
    buffer.release();
    return WireBytes.frame(all);
  }

  @ParameterizedTest
  @ValueSource(
      longs = {1, 9, 10, 11, 99, 100, 101, 999, 1_000, 4_999, 86_400_000, 3_153_600_000_000L})
  void saysHowManyMillisecondsAreLeft(long millis) {
    Deadline deadline = Deadline.after(Duration.ofMillis(millis), ManualTime.create());

    TtHeader header = frame(encode(deadline, "x")).header();

    assertThat(header.value(IntKey.RPC_TIMEOUT)).isEqualTo(Long.toString(millis));
  }

  @Test
  void lessThanAMillisecondIsOne() {
    Deadline deadline = Deadline.after(Duration.ofNanos(999_999), ManualTime.create());

    assertThat(frame(encode(deadline, "x")).header().value(IntKey.RPC_TIMEOUT)).isEqualTo("1");
  }

  @Test
  void saysNothingWithoutADeadline() {
    assertThat(frame(encode(Deadline.NONE, "x")).header().value(IntKey.RPC_TIMEOUT)).isNull();
  }

  /** Short ones are arrays, longer ones are in a buffer. */
  @ParameterizedTest
  @ValueSource(ints = {1, 1_000, 4_000, 5_000, 100_000})
  void hasItsSequenceInTheHeaderAndInTheEnvelope(int length) {
    RequestBytes bytes = encode(Deadline.NONE, "m".repeat(length));

    assertThat(bytes.few().length > 0).isEqualTo(length <= 3_900);
    Frame frame = frame(bytes);
    assertThat(frame.header().sequence()).isEqualTo(0x0102_0304);
    assertThat(Answer.sequence(frame)).isEqualTo(0x0102_0304);
  }
}
