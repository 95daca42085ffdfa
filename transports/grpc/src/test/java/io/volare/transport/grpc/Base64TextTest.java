package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.volare.rpc.RpcException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;

class Base64TextTest {
  private final Base64Text reader = new Base64Text();

  private byte[] read(String text, boolean last) {
    ByteBuf bytes =
        reader.read(
            Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII),
            last,
            UnpooledByteBufAllocator.DEFAULT);
    try {
      return ByteBufUtil.getBytes(bytes);
    } finally {
      bytes.release();
    }
  }

  @Test
  void readsWhatTheJdkWritesHoweverItIsCut() throws Exception {
    Random random = new Random(7);
    for (int size = 0; size < 200; size++) {
      byte[] bytes = new byte[size];
      random.nextBytes(bytes);
      boolean pads = random.nextBoolean();
      String text =
          (pads ? Base64.getEncoder() : Base64.getEncoder().withoutPadding()).encodeToString(bytes);
      ByteArrayOutputStream seen = new ByteArrayOutputStream();
      Base64Text cut = new Base64Text();
      for (int at = 0; at < text.length(); ) {
        int part = Math.min(text.length() - at, 1 + random.nextInt(7));
        ByteBuf out =
            cut.read(
                Unpooled.copiedBuffer(text, at, part, StandardCharsets.US_ASCII),
                at + part == text.length(),
                UnpooledByteBufAllocator.DEFAULT);
        seen.write(ByteBufUtil.getBytes(out));
        out.release();
        at += part;
      }
      assertThat(seen.toByteArray()).as(text).isEqualTo(bytes);
    }
  }

  @Test
  void readsPiecesThatArePaddedEach() {
    assertThat(read("YQ==YWI=YWJj", true)).isEqualTo("aababc".getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void refusesWhatIsNoBase64() {
    assertThatThrownBy(() -> read("YW-j", true))
        .isInstanceOf(RpcException.class)
        .hasMessage("byte 0x2d in a request (expected: base64, as its content-type says)");
    for (String wrong : new String[] {"=QQQ", "Y===", "YQ=Q", "YWJj\n"}) {
      assertThatThrownBy(() -> new Base64TextTest().read(wrong, true))
          .as(wrong)
          .isInstanceOf(RpcException.class);
    }
  }

  @Test
  void refusesAnEndWithinAByte() {
    assertThatThrownBy(() -> read("YWJjZ", true))
        .isInstanceOf(RpcException.class)
        .hasMessage("base64 that ends within a byte (expected: 2, 3 or 4 characters)");
  }
}
