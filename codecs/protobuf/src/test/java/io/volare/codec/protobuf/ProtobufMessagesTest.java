package io.volare.codec.protobuf;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import com.google.protobuf.ListValue;
import com.google.protobuf.StringValue;
import com.google.protobuf.Value;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProtobufMessagesTest {
  private static final StringValue MESSAGE =
      StringValue.newBuilder().setValue("äöü €".repeat(100)).build();

  private static void writeTo(ByteBuf out) {
    out.writeByte(42);
    ProtobufMessages.write(MESSAGE, MESSAGE.getSerializedSize(), out);
  }

  @Test
  void whatIsWrittenIsReadWhateverTheBuffer() {
    for (ByteBuf buffer :
        List.of(Unpooled.buffer(4), Unpooled.directBuffer(4), Unpooled.buffer(4).slice(0, 0))) {
      ByteBuf out = buffer.capacity() == 0 ? Unpooled.buffer() : buffer;
      writeTo(out);

      assertThat(out.readByte()).isEqualTo((byte) 42);
      assertThat(ProtobufMessages.read(StringValue.parser(), out)).isEqualTo(MESSAGE);
      assertThat(out.isReadable()).isFalse();
      out.release();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aMessageIsWrittenIntoABufferThatGrowsUpToALimit(boolean direct) {
    StringValue large = StringValue.of("ä".repeat(50_000));
    int bytes = large.getSerializedSize();
    ByteBuf out = direct ? Unpooled.directBuffer(1) : Unpooled.buffer(1);
    out.writeByte(42);

    assertThat(ProtobufMessages.writeGrowing(large, bytes - 1, out)).isEqualTo(-1);
    assertThat(out.writerIndex()).isOne();
    assertThat(ProtobufMessages.writeGrowing(large, bytes, out)).isEqualTo(bytes);

    assertThat(out.readByte()).isEqualTo((byte) 42);
    assertThat(ProtobufMessages.read(StringValue.parser(), out)).isEqualTo(large);
    out.release();
  }

  @Test
  void whatWasReadStaysAsItIsWhileOthersAreRead() throws Exception {
    for (int size : new int[] {0, 1, 4_096, 70_000, 3 * 1024 * 1024}) {
      BytesValue first = BytesValue.of(ByteString.copyFrom(new byte[size]));
      ByteBuf in = Unpooled.directBuffer().writeBytes(first.toByteArray());
      ByteBuf noise = Unpooled.directBuffer().writeBytes("\u00ff".repeat(size + 9).getBytes(UTF_8));

      BytesValue read = ProtobufMessages.read(BytesValue.parser(), in);
      assertThatThrownBy(() -> ProtobufMessages.read(BytesValue.parser(), noise))
          .isInstanceOf(RpcException.class);

      assertThat(read).isEqualTo(first);
      in.release();
      noise.release();
    }
  }

  @Test
  void severalThreadsReadAtOnce() throws Exception {
    List<Thread> readers = new ArrayList<>();
    ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    for (int i = 0; i < 20; i++) {
      StringValue message = StringValue.of(Character.toString('a' + i).repeat(1_000 * i));
      readers.add(Thread.startVirtualThread(() -> readOften(message, failures)));
    }
    for (Thread reader : readers) {
      reader.join();
    }

    assertThat(failures).isEmpty();
  }

  private static void readOften(StringValue message, ConcurrentLinkedQueue<Throwable> failures) {
    ByteBuf in = Unpooled.directBuffer().writeBytes(message.toByteArray());
    try {
      for (int i = 0; i < 200; i++) {
        assertThat(ProtobufMessages.read(StringValue.parser(), in.resetReaderIndex()))
            .isEqualTo(message);
        Thread.yield();
      }
    } catch (Throwable failure) {
      failures.add(failure);
    } finally {
      in.release();
    }
  }

  @Test
  void aMessageInPiecesIsRead() {
    ByteBuf out = Unpooled.buffer();
    writeTo(out);
    CompositeByteBuf pieces =
        Unpooled.compositeBuffer()
            .addComponents(
                true, out.retainedSlice(1, 10), out.retainedSlice(11, out.readableBytes() - 11));

    assertThat(ProtobufMessages.read(StringValue.parser(), pieces)).isEqualTo(MESSAGE);
    pieces.release();
    out.release();
  }

  @Test
  void whatIsNoMessageIsAProtocolError() {
    ByteBuf noise = Unpooled.wrappedBuffer(new byte[] {(byte) 0xff, 1, 2});

    assertThatThrownBy(() -> ProtobufMessages.read(StringValue.parser(), noise))
        .isInstanceOfSatisfying(
            RpcException.class, wrong -> assertThat(wrong.kind()).isEqualTo(Kind.PROTOCOL))
        .hasMessageStartingWith("message of 3 B: ");
  }

  @Test
  void aSizeThatIsNotTheMessagesIsRefused() {
    ByteBuf out = Unpooled.buffer();

    assertThatThrownBy(() -> ProtobufMessages.write(MESSAGE, MESSAGE.getSerializedSize() - 1, out))
        .isInstanceOf(RpcException.class);
    assertThatThrownBy(() -> ProtobufMessages.write(MESSAGE, MESSAGE.getSerializedSize() + 1, out))
        .isInstanceOf(RpcException.class);
    assertThat(out.isReadable()).isFalse();
  }

  private static RpcException refused(byte[] bytes, boolean direct) {
    ByteBuf in = direct ? Unpooled.directBuffer() : Unpooled.buffer();
    in.writeBytes(bytes);
    try {
      return catchThrowableOfType(
          RpcException.class, () -> ProtobufMessages.read(Value.parser(), in));
    } finally {
      in.release();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aLengthBeyondTheBytesIsRefused(boolean direct) {
    byte[] twoGigabytesOfString = {0x1a, -1, -1, -1, -1, 7, 'a'};

    assertThat(refused(twoGigabytesOfString, direct).kind()).isEqualTo(Kind.PROTOCOL);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anEndOfAGroupThatNeverBeganIsRefused(boolean direct) {
    assertThat(refused(new byte[] {0x0c}, direct).kind()).isEqualTo(Kind.PROTOCOL);
  }

  @Test
  void nestingBeyondTheLimitIsRefused() {
    assertThat(refused(nested(40).toByteArray(), false)).isNull();

    assertThat(refused(nested(60).toByteArray(), false)).hasMessageContaining("too many levels");
  }

  private static Value nested(int lists) {
    Value value = Value.newBuilder().setBoolValue(true).build();
    for (int i = 0; i < lists; i++) {
      value =
          Value.newBuilder().setListValue(ListValue.newBuilder().addValues(value).build()).build();
    }
    return value;
  }

  @Test
  void aHandlerThatGetsSomethingElseThanAStreamSaysSo() {
    ProtobufMethod<StringValue, StringValue> method =
        new ProtobufMethod<>(
            "pkg.Notes",
            "Watch",
            MethodDescriptor.Kind.BIDI_STREAM,
            false,
            StringValue.parser(),
            StringValue.parser());

    assertThatThrownBy(() -> ProtobufCalls.streams(method, "text"))
        .hasMessage("arguments of pkg.Notes/Watch: String (expected: the two ends of a stream)");
  }
}
