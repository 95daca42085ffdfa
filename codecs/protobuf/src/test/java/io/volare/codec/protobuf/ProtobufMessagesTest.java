package io.volare.codec.protobuf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ListValue;
import com.google.protobuf.StringValue;
import com.google.protobuf.Value;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcException;
import java.util.List;
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
