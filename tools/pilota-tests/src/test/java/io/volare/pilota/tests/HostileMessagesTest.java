package io.volare.pilota.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.volare.codec.thrift.TType;
import io.volare.codec.thrift.ThriftProtocolException;
import io.volare.codec.thrift.ThriftReader;
import io.volare.codec.thrift.ThriftWriter;
import java.lang.management.ManagementFactory;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What generated readers make of messages that no writer of ours would send. */
class HostileMessagesTest {
  private static ByteBuf message(Consumer<ThriftWriter> fields) {
    ByteBuf buffer = Unpooled.buffer();
    fields.accept(new ThriftWriter(buffer));
    return buffer;
  }

  private static void requiredFields(ThriftWriter out) {
    out.writeFieldBegin(TType.BOOL, 1);
    out.writeBool(true);
    out.writeFieldBegin(TType.BYTE, 2);
    out.writeByte((byte) 1);
  }

  private static Everything read(ByteBuf message) {
    return Everything.CODEC.read(new ThriftReader(message));
  }

  @Test
  void aStructThatHoldsItselfIsReadNoDeeperThanTheLimit() {
    ByteBuf message =
        message(out -> {
          for (int i = 0; i < 100_000; i++) {
            requiredFields(out);
            out.writeFieldBegin(TType.STRUCT, 200);
          }
        });

    assertThatThrownBy(() -> read(message))
        .isInstanceOf(ThriftProtocolException.class)
        .hasMessageContaining("nested 65 deep (limit: 64)");
  }

  @Test
  void aFieldOfAnotherTypeThanTheIdlSaysIsPassedOver() {
    ByteBuf message =
        message(out -> {
          requiredFields(out);
          out.writeFieldBegin(TType.I64, 4);
          out.writeI64(7);
          out.writeFieldStop();
        });

    assertThat(read(message).medium()).isEqualTo(42);
  }

  @Test
  void theLastOfTwoFieldsWithOneIdWins() {
    ByteBuf message =
        message(out -> {
          requiredFields(out);
          for (int medium : new int[] {1, 2}) {
            out.writeFieldBegin(TType.I32, 4);
            out.writeI32(medium);
          }
          out.writeFieldStop();
        });

    assertThat(read(message).medium()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({
    "15, 12, 0c01312d00", // a list of 20 million structs
    "14, 13, 080fffffff", // a set of 268 million i32
    "13, 14, 0b0f7fffffff", // a map of 2^31-1
    "11, 7, 055d4a80", // a string of 90 MB
    "15, 12, 0cffffffff" // a list of -1
  })
  void aClaimIsRefusedBeforeAnythingIsAllocatedForIt(byte type, int id, String hex) {
    byte[] claim = java.util.HexFormat.of().parseHex(hex);
    ByteBuf message =
        message(out -> {
          requiredFields(out);
          out.writeFieldBegin(type, id);
          out.buffer().writeBytes(claim).writeZero(10);
        });
    refusal(message);
    ThreadMXBean meter = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = meter.getCurrentThreadAllocatedBytes();

    refusal(message);

    assertThat(meter.getCurrentThreadAllocatedBytes() - before)
        .isLessThan(64 * 1024 + 64L * message.readableBytes());
  }

  private static void refusal(ByteBuf message) {
    assertThatThrownBy(() -> read(message.duplicate())).isInstanceOf(ThriftProtocolException.class);
  }
}
