package io.volare.codec.thrift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThriftReaderTest {
  private static ThriftReader reader(String hex) {
    return new ThriftReader(Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex.replace(" ", ""))));
  }

  @ParameterizedTest
  @CsvSource({
    "0b 7fffffff 61, a string of 2147483647 B",
    "0b ffffffff 61, a string of -1 B",
    "0f 0a 01312d00 00, a collection of 20000000 elements",
    "0f 0a ffffffff 00, a collection of -1 elements",
    "0f 02 00000002 01, a collection of 2 elements",
    "0d 0b 0b 00000002 00000000, a collection of 2 elements",
    "0f 01 00000001 00, type 1 (expected: a type of",
    "63, type 99 (expected: a type of",
    "0a 0000, 2 B left (expected: 8 B)",
  })
  void refusesWhatTheBytesDoNotHold(String typeAndValue, String why) {
    ThriftReader reader = reader(typeAndValue);
    byte type = reader.readByte();

    assertThatThrownBy(() -> reader.skip(type))
        .isInstanceOf(ThriftProtocolException.class)
        .hasMessageContaining(
            why.startsWith("a string of 21") ? "left (expected: 2147483647 B)" : why);
  }

  @Test
  void readsNoStringBeyondItsBytes() {
    assertThatThrownBy(() -> reader("7fffffff 61").readString())
        .hasMessage("thrift, byte 4: a string of 2147483647 B (expected: 0..1 B)");
  }

  @Test
  void refusesStructsNestedDeeperThanTheLimit() {
    String open = "0c0001";

    assertThatThrownBy(() -> reader(open.repeat(100_000)).skip(TType.STRUCT))
        .isInstanceOf(ThriftProtocolException.class)
        .hasMessageContaining("nested 65 deep (limit: 64)");
    assertThatThrownBy(() -> reader("0f00000001".repeat(100_000)).skip(TType.LIST))
        .hasMessageContaining("nested 65 deep (limit: 64)");
  }

  @Test
  void passesOverAMillionEmptyStructs() {
    ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer();
    try {
      buffer.writeByte(TType.STRUCT).writeInt(1_000_000).writeZero(1_000_000);

      ThriftReader reader = new ThriftReader(buffer);
      reader.skip(TType.LIST);

      assertThat(reader.remaining()).isZero();
    } finally {
      buffer.release();
    }
  }

  /** The bars are 50 ns for an element and 1 ms for a refusal; both are held with room to spare. */
  @Test
  void isQuickToPassOverAndQuickToRefuse() {
    ByteBuf million = Unpooled.buffer();
    million.writeByte(TType.STRUCT).writeInt(1_000_000).writeZero(1_000_000);
    ByteBuf lie = Unpooled.buffer();
    lie.writeByte(TType.I32).writeInt(Integer.MAX_VALUE).writeZero(10);

    assertThat(quickest(20, () -> new ThriftReader(million.duplicate()).skip(TType.LIST)))
        .as("ns for a million")
        .isLessThan(50_000_000);
    assertThat(
            quickest(
                20,
                () ->
                    assertThatThrownBy(() -> new ThriftReader(lie.duplicate()).skip(TType.LIST))
                        .isInstanceOf(ThriftProtocolException.class)))
        .as("ns for a refusal")
        .isLessThan(1_000_000);
  }

  private static long quickest(int times, Runnable work) {
    long quickest = Long.MAX_VALUE;
    for (int i = 0; i < times; i++) {
      long began = System.nanoTime();
      work.run();
      quickest = Math.min(quickest, System.nanoTime() - began);
    }
    return quickest;
  }

  @Test
  void takesTheStrictEnvelopeOnly() {
    assertThat(ThriftMessage.read(reader("80010001 00000004 4563686f 00000001")))
        .isEqualTo(new ThriftMessage(ThriftMessage.CALL, "Echo", 1));
    assertThatThrownBy(() -> ThriftMessage.read(reader("00000004 4563686f 01 00000001")))
        .hasMessageContaining("version 0x00000004 (expected: 0x8001");
    assertThatThrownBy(() -> ThriftMessage.read(reader("80010001 00000101 4563686f")))
        .hasMessageContaining("a name of 257 B (limit: 256 B)");
    assertThatThrownBy(() -> ThriftMessage.read(reader("80010009 00000004 4563686f 00000001")))
        .hasMessageContaining("message type 9");
  }

  @Test
  void whateverComesIsReadOrRefusedAndAllocatesNoMoreThanItMay() {
    ThreadMXBean meter = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    SplittableRandom random = new SplittableRandom(11);
    byte[] types = {2, 3, 4, 6, 8, 10, 11, 12, 13, 14, 15, 16};
    for (int i = 0; i < 200_000; i++) {
      byte[] bytes = new byte[random.nextInt(64)];
      random.nextBytes(bytes);
      for (int at = 0; at < bytes.length; at += 1 + random.nextInt(8)) {
        bytes[at] = random.nextBoolean() ? 0 : types[random.nextInt(types.length)];
      }
      long allocated = allocatedBy(meter, bytes);
      if (i > 1_000) { // by then every class is loaded
        assertThat(allocated).isLessThan(64 * 1024 + 64L * bytes.length);
      }
    }
  }

  private static long allocatedBy(ThreadMXBean meter, byte[] bytes) {
    ThriftReader reader = new ThriftReader(Unpooled.wrappedBuffer(bytes));
    long before = meter.getCurrentThreadAllocatedBytes();
    try {
      reader.skip(TType.STRUCT);
    } catch (ThriftProtocolException refused) {
      assertThat(refused.getMessage()).startsWith("thrift, byte ");
    }
    return meter.getCurrentThreadAllocatedBytes() - before;
  }

  @Test
  void anApplicationErrorComesBackAsItWasSaid() {
    ByteBuf buffer = Unpooled.buffer();
    new ApplicationError("unknown method Nope", 1).write(new ThriftWriter(buffer));

    ApplicationError read = ApplicationError.read(new ThriftReader(buffer));

    assertThat(read).isEqualTo(new ApplicationError("unknown method Nope", 1));
    assertThat(read.toFailure("Echo/Nope").mayHaveExecuted()).isFalse();
    assertThat(ApplicationError.of(new IllegalStateException("secret")).message())
        .doesNotContain("secret");
  }

  @Test
  void stringsOfEveryLengthComeBack() {
    ByteBuf buffer = PooledByteBufAllocator.DEFAULT.directBuffer();
    try {
      for (int length = 0; length < 200; length++) {
        for (String text :
            new String[] {"a".repeat(length), "ü".repeat(length), "a".repeat(length) + "😀"}) {
          buffer.clear();
          new ThriftWriter(buffer).writeString(text);
          assertThat(new ThriftReader(buffer).readString()).isEqualTo(text);
        }
      }
    } finally {
      buffer.release();
    }
  }
}
