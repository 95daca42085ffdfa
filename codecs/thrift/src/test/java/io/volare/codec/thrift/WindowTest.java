package io.volare.codec.thrift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Structs are worked on in an array, a window at a time; nobody notices. */
class WindowTest {
  /** Where the bytes may be. */
  enum Buffers {
    DIRECT {
      @Override
      ByteBuf holding(byte[] bytes) {
        return ByteBufAllocator.DEFAULT.directBuffer(bytes.length).writeBytes(bytes);
      }
    },
    SLICE {
      @Override
      ByteBuf holding(byte[] bytes) {
        ByteBuf whole = ByteBufAllocator.DEFAULT.directBuffer(bytes.length + 9);
        whole.writeZero(5).writeBytes(bytes).writeZero(4).skipBytes(5);
        return whole.readSlice(bytes.length);
      }
    },
    HEAP {
      @Override
      ByteBuf holding(byte[] bytes) {
        ByteBuf whole = ByteBufAllocator.DEFAULT.heapBuffer(bytes.length + 9);
        whole.writeZero(5).writeBytes(bytes).writeZero(4).skipBytes(5);
        return whole.readSlice(bytes.length);
      }
    },
    COMPOSITE {
      @Override
      ByteBuf holding(byte[] bytes) {
        int half = bytes.length / 2;
        return Unpooled.wrappedBuffer(
            Unpooled.copiedBuffer(bytes, 0, half),
            Unpooled.copiedBuffer(bytes, half, bytes.length - half));
      }
    },
    READ_ONLY {
      @Override
      ByteBuf holding(byte[] bytes) {
        return Unpooled.copiedBuffer(bytes).asReadOnly();
      }
    };

    abstract ByteBuf holding(byte[] bytes);
  }

  private static final String[] TEXTS = {
    "",
    "a",
    "sixteen and more characters",
    "größer",
    "größer als sechzehn Zeichen sind diese",
    "日本語のテキストはどれも三バイト",
    "😀 among others, and at the end 😀",
    "\0",
    "ends in zeros, which close a string for others\0\0",
    "ü\0",
    "\0ü after a zero, and longer than sixteen",
    "half a pair \ud83d in the middle of a text",
    "half a pair at the end of a longer text \ud83d",
    "\udc00"
  };

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Field 1 is of every type in turn, written with lengths drawn from {@code seed}. */
  private static byte[] written(long seed, int fields) {
    SplittableRandom random = new SplittableRandom(seed);
    ByteBuf buffer = Unpooled.buffer();
    ThriftWriter out = new ThriftWriter(buffer);
    out.structBegin();
    for (int i = 0; i < fields; i++) {
      out.writeFieldBegin(TType.STRING, 1);
      out.writeString(text(random));
      out.writeFieldBegin(TType.I64, 2);
      out.writeI64(random.nextLong());
      out.writeFieldBegin(TType.DOUBLE, 3);
      out.writeDouble(random.nextDouble());
      out.writeFieldBegin(TType.BOOL, 4);
      out.writeBool(random.nextBoolean());
      out.writeFieldBegin(TType.UUID, 5);
      out.writeUuid(new UUID(random.nextLong(), i));
      out.writeFieldBegin(TType.STRING, 6);
      out.writeBinary(new byte[random.nextInt(40)]);
      out.writeFieldBegin(TType.I16, 7);
      out.writeI16((short) i);
      out.writeFieldBegin(TType.I32, 8);
      out.writeI32(random.nextInt());
    }
    out.structEnd();
    return ByteBufUtil.getBytes(buffer);
  }

  private static String text(SplittableRandom random) {
    String text = TEXTS[random.nextInt(TEXTS.length)];
    return random.nextInt(50) == 0 ? text.repeat(random.nextInt(3_000)) : text;
  }

  private static void assertReads(long seed, int fields, ThriftReader in) {
    SplittableRandom random = new SplittableRandom(seed);
    in.structBegin();
    for (int i = 0; i < fields; i++) {
      assertThat(in.readFieldBegin()).isEqualTo(ThriftReader.field(TType.STRING, 1));
      String text = text(random);
      assertThat(in.readString()).isEqualTo(new String(utf8(text), StandardCharsets.UTF_8));
      assertThat(in.readFieldBegin()).isEqualTo(ThriftReader.field(TType.I64, 2));
      assertThat(in.readI64()).isEqualTo(random.nextLong());
      in.readFieldBegin();
      assertThat(in.readDouble()).isEqualTo(random.nextDouble());
      in.readFieldBegin();
      assertThat(in.readBool()).isEqualTo(random.nextBoolean());
      in.readFieldBegin();
      assertThat(in.readUuid()).isEqualTo(new UUID(random.nextLong(), i));
      in.readFieldBegin();
      assertThat(in.readBinary()).isEqualTo(new byte[random.nextInt(40)]);
      in.readFieldBegin();
      assertThat(in.readI16()).isEqualTo((short) i);
      in.readFieldBegin();
      assertThat(in.readI32()).isEqualTo(random.nextInt());
    }
    assertThat(in.readFieldBegin()).isZero();
    in.structEnd();
  }

  @ParameterizedTest
  @EnumSource
  void structsLargerThanTheWindowComeBackFromAnyBuffer(Buffers kind) {
    for (int seed = 0; seed < 40; seed++) {
      int fields = seed * seed;
      ByteBuf buffer = kind.holding(written(seed, fields));
      try {
        ThriftReader reader = new ThriftReader(buffer);

        assertReads(seed, fields, reader);
        reader.finish();

        assertThat(reader.remaining()).isZero();
        assertThat(buffer.isReadable()).isFalse();
      } finally {
        buffer.release();
      }
    }
  }

  @Test
  void structsOfAnySizeComeBackFromWithinAnArray() {
    for (int seed = 0; seed < 40; seed++) {
      byte[] bytes = written(seed, seed * seed);
      byte[] within = new byte[bytes.length + 9];
      System.arraycopy(bytes, 0, within, 5, bytes.length);
      ThriftReader reader = new ThriftReader(within, 5, 5 + bytes.length, ThriftLimits.DEFAULT);

      assertReads(seed, seed * seed, reader);

      assertThat(reader.remaining()).isZero();
    }
  }

  @Test
  void whatIsMissingInAnArrayIsSaidAsOfABuffer() {
    byte[] whole = written(3, 300);
    SplittableRandom random = new SplittableRandom(4);
    for (int i = 0; i < 300; i++) {
      int length = random.nextInt(whole.length);
      ByteBuf buffer = Unpooled.wrappedBuffer(whole, 0, length);
      Throwable expected = catchThrowable(() -> new ThriftReader(buffer).skip(TType.STRUCT));

      assertThatThrownBy(
              () -> new ThriftReader(whole, 0, length, ThriftLimits.DEFAULT).skip(TType.STRUCT))
          .isInstanceOf(ThriftProtocolException.class)
          .hasMessage(expected.getMessage());
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsMissingIsSaidWithItsPlaceInAnyBuffer(Buffers kind) {
    byte[] whole = written(3, 300);
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 300; i++) {
      int length = random.nextInt(whole.length);
      ByteBuf buffer = kind.holding(java.util.Arrays.copyOf(whole, length));
      try {
        assertThatThrownBy(() -> new ThriftReader(buffer).skip(TType.STRUCT))
            .isInstanceOf(ThriftProtocolException.class)
            .hasMessageMatching("thrift, byte \\d+: \\d+ B left \\(expected: \\d+ B\\)");
      } finally {
        buffer.release();
      }
    }
  }

  @Test
  void anEnvelopeAndItsStructReachTheBufferInOnePieceWhereTheWriterWasOpened() {
    ByteBuf buffer = Unpooled.buffer();
    ThriftWriter out = new ThriftWriter(buffer);
    out.open();
    out.writeI32(6);
    out.writeRaw(new byte[] {1, 2, 3});
    writeMessage(out);

    int held = buffer.readableBytes();
    int written = out.written();
    out.close();

    ByteBuf plain = Unpooled.buffer().writeInt(6).writeBytes(new byte[] {1, 2, 3});
    writeMessage(new ThriftWriter(plain));
    assertThat(held).isZero();
    assertThat(written).isEqualTo(plain.readableBytes());
    assertThat(ByteBufUtil.hexDump(buffer)).isEqualTo(ByteBufUtil.hexDump(plain));
  }

  @Test
  void whatIsTakenBackIsNotInTheBufferWhereverItWas() {
    for (int before : new int[] {0, 5, Scratch.BYTES, 3 * Scratch.BYTES}) {
      for (int more : new int[] {1, Scratch.BYTES + 1}) {
        ByteBuf buffer = Unpooled.buffer();
        ThriftWriter out = new ThriftWriter(buffer);
        out.open();
        out.writeRaw(new byte[before]);
        int written = out.written();
        out.structBegin();
        out.structBegin();
        out.writeRaw(new byte[more]);

        out.truncate(written);
        writeMessage(out);
        out.close();

        ByteBuf plain = Unpooled.buffer().writeZero(before);
        writeMessage(new ThriftWriter(plain));
        assertThat(ByteBufUtil.getBytes(buffer))
            .as("%d B, then %d B", before, more)
            .isEqualTo(ByteBufUtil.getBytes(plain));
      }
    }
  }

  @Test
  void aLengthIsFilledInWhereverItStands() {
    for (int before : new int[] {0, 5, Scratch.BYTES - 4, 2 * Scratch.BYTES}) {
      for (int behind : new int[] {0, 1, Scratch.BYTES}) {
        ByteBuf buffer = Unpooled.buffer().writeByte(9);
        ThriftWriter out = new ThriftWriter(buffer);
        out.open();
        out.writeRaw(new byte[before]);
        int at = out.written();
        out.writeI32(0);
        out.writeRaw(new byte[behind]);

        out.setI32(at, 0x01020304);
        out.close();

        assertThat(buffer.readableBytes()).isEqualTo(1 + before + 4 + behind);
        assertThat(buffer.getInt(1 + before)).isEqualTo(0x01020304);
      }
    }
  }

  @Test
  void whatFitsIsTakenWithoutABuffer() {
    UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    ThriftWriter few = new ThriftWriter(allocator);
    few.open();
    few.writeI32(0x01020304);

    assertThat(few.takeHeld(new byte[3], 3)).isNull();
    assertThat(few.takeHeld(new byte[3], 4)).containsExactly(1, 2, 3, 4);
    assertThat(allocator.metric().usedDirectMemory()).isZero();
  }

  @Test
  void whatFitsIsTakenInAnArrayThatIsThere() {
    ThriftWriter few = new ThriftWriter(UnpooledByteBufAllocator.DEFAULT);
    few.open();
    few.writeRaw(new byte[] {1, 2, 3, 9}, 3);
    byte[] spare = {7, 7, 7, 7};

    assertThat(few.takeHeld(spare, 0)).isSameAs(spare).containsExactly(1, 2, 3, 7);
  }

  @Test
  void whatDoesNotFitIsInABufferThatIsReleasedIfItIsGivenUp() {
    UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    ThriftWriter many = new ThriftWriter(allocator);
    many.open();
    many.writeRaw(new byte[3 * Scratch.BYTES]);
    many.writeI32(7);

    assertThat(many.takeHeld(new byte[4 * Scratch.BYTES], Integer.MAX_VALUE)).isNull();
    ByteBuf made = many.buffer();
    assertThat(made.readableBytes()).isEqualTo(3 * Scratch.BYTES + 4);
    many.discard();
    assertThat(made.refCnt()).isZero();
    assertThat(allocator.metric().usedDirectMemory()).isZero();
  }

  @Test
  void whatIsLeftIsReadFromACopyAndFailuresTellTheSamePlaces() {
    ByteBuf buffer = Unpooled.buffer();
    writeMessage(new ThriftWriter(buffer));
    buffer.writeByte(TType.LIST);
    byte[] bytes = ByteBufUtil.getBytes(buffer);
    byte[] within = new byte[bytes.length + 20];
    System.arraycopy(bytes, 0, within, 7, bytes.length);
    ThriftReader ofBuffer = new ThriftReader(buffer);
    ThriftReader ofArray = new ThriftReader(within, 7, 7 + bytes.length, ThriftLimits.DEFAULT);

    for (ThriftReader reader : List.of(ofArray, ofBuffer)) {
      assertThat(ThriftMessage.read(reader).name()).isEqualTo("a name longer than sixteen");
      ThriftReader rest = reader.copyRestTo(new byte[reader.remaining()]);
      java.util.Arrays.fill(within, (byte) 0x55);
      rest.structBegin();
      rest.readFieldBegin();
      assertThat(rest.readString()).isEqualTo("größer");
      assertThat(rest.readFieldBegin()).isZero();
      rest.structEnd();
      assertThat(rest.remaining()).isEqualTo(1);
      rest.readByte();
      assertThatThrownBy(rest::readByte)
          .hasMessage("thrift, byte %d: 0 B left (expected: 1 B)".formatted(bytes.length));
    }
  }

  private static void writeMessage(ThriftWriter out) {
    ThriftMessage.write(out, ThriftMessage.REPLY, "a name longer than sixteen", 7);
    out.structBegin();
    out.writeFieldBegin(TType.STRING, 1);
    out.writeString("größer");
    out.structEnd();
  }

  @Test
  void aFailureBehindTheFirstWindowNamesTheByteOfTheMessage() {
    ByteBuf buffer = Unpooled.buffer();
    ThriftWriter out = new ThriftWriter(buffer);
    out.structBegin();
    out.writeFieldBegin(TType.STRING, 1);
    out.writeString("x".repeat(40_000));
    out.writeFieldBegin(TType.STRING, 2);
    out.writeI32(7);
    out.structEnd();
    ByteBuf direct = Buffers.DIRECT.holding(ByteBufUtil.getBytes(buffer));
    try {
      ThriftReader reader = new ThriftReader(direct);
      reader.structBegin();
      reader.readFieldBegin();
      reader.readString();
      reader.readFieldBegin();

      assertThatThrownBy(reader::readString)
          .hasMessage("thrift, byte 40014: a string of 7 B (expected: 0..1 B)");
    } finally {
      direct.release();
    }
  }

  @Test
  void textHasTheBytesThatTheJdkGivesItInsideAndOutsideStructs() {
    ByteBuf expected = Unpooled.buffer();
    ByteBuf outside = Unpooled.buffer();
    ByteBuf inside = Unpooled.buffer();
    ThriftWriter plain = new ThriftWriter(outside);
    ThriftWriter nested = new ThriftWriter(inside);
    nested.structBegin();
    for (String text : TEXTS) {
      for (String each : List.of(text, text.repeat(7), text.repeat(600))) {
        expected.writeInt(utf8(each).length).writeBytes(utf8(each));
        plain.writeString(each);
        nested.writeString(each);
      }
    }
    nested.structEnd();

    assertThat(ByteBufUtil.getBytes(outside)).isEqualTo(ByteBufUtil.getBytes(expected));
    assertThat(ByteBufUtil.getBytes(inside))
        .isEqualTo(ByteBufUtil.getBytes(expected.writeByte(TType.STOP)));
  }

  @Test
  void theBufferHoldsWhatWasWrittenWhenItIsAskedForInsideAStruct() {
    ThriftWriter out = new ThriftWriter(Unpooled.buffer());
    out.structBegin();
    out.writeI32(1);

    assertThat(out.buffer().readableBytes()).isEqualTo(4);

    out.writeI32(2);
    out.structEnd();
    assertThat(ByteBufUtil.hexDump(out.buffer())).isEqualTo("000000010000000200");
  }

  @Test
  void refusedMessagesLeaveNoArrayBehind() {
    ThreadMXBean meter = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    ByteBuf lie = Buffers.DIRECT.holding(new byte[] {TType.STRING, 0, 1, 0x7f, 0, 0, 0});
    int messages = 1_000;
    for (int i = 0; i < messages; i++) {
      assertThatThrownBy(() -> readString(lie)).isInstanceOf(ThriftProtocolException.class);
    }

    long before = meter.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < messages; i++) {
      refused(lie);
    }

    long each = (meter.getCurrentThreadAllocatedBytes() - before) / messages;
    assertThat(each).isLessThan(Scratch.BYTES / 2);
    lie.release();
  }

  private static void refused(ByteBuf lie) {
    try {
      readString(lie);
    } catch (ThriftProtocolException expected) {
      return;
    }
    throw new AssertionError("a lie was believed");
  }

  private static String readString(ByteBuf buffer) {
    ThriftReader reader = new ThriftReader(buffer);
    reader.structBegin();
    reader.readFieldBegin();
    return reader.readString();
  }

  @Test
  void manyThreadsReadAndWriteAtOnce() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        long seed = i;
        all.add(
            threads.submit(() -> {
              ByteBuf buffer = Buffers.DIRECT.holding(written(seed, 60));
              try {
                assertReads(seed, 60, new ThriftReader(buffer));
              } finally {
                buffer.release();
              }
            }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    }
  }
}
