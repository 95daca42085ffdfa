package io.volare.transport.grpc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcMetadataTest {
  private final GrpcMetadata metadata = GrpcMetadata.create();

  @Test
  void keepsOrderAndRepeatedNames() {
    metadata.add("b", "1").add("a", "2").add("b", "3");

    assertThat(metadata.texts("b")).containsExactly("1", "3");
    assertThat(metadata.text("b")).isEqualTo("3");
    assertThat(metadata.names()).containsExactly("b", "a");
    assertThat(metadata.size()).isEqualTo(3);
    assertThat(metadata.text("missing")).isNull();
  }

  @Test
  void bytesTravelAsBase64WithoutPaddingAndArriveWithOrWithoutIt() {
    metadata.add("x-bin", new byte[] {0, 1, (byte) 0xff, 3});
    List<String> wire = new ArrayList<>();
    metadata.forEachHeader((name, value) -> wire.add(name + "=" + value));

    assertThat(wire).containsExactly("x-bin=AAH/Aw");

    GrpcMetadata received = GrpcMetadata.create();
    received.receive("x-bin", "AAH/Aw");
    received.receive("x-bin", "AAH/Aw==,YWI=");
    assertThat(received.allBytes("x-bin"))
        .containsExactly(
            new byte[] {0, 1, (byte) 0xff, 3},
            new byte[] {0, 1, (byte) 0xff, 3},
            "ab".getBytes(UTF_8));
  }

  @Test
  void bytesThatAreNotBase64AreDroppedAndTheRestIsRead() {
    metadata.receive("x-bin", "***,YWI");

    assertThat(metadata.bytes("x-bin")).isEqualTo("ab".getBytes(UTF_8));
    assertThat(metadata.size()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "grpc-status", ":path", "te", "content-type", "a b", "a\r\nb", "ä", "host"})
  void aNameThatIsNotAUsersIsRefused(String name) {
    assertThatThrownBy(() -> metadata.add(name, "x"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("name: ")
        .hasMessageContaining("expected");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\r\nx: y", "\0", "ä", "\u007f"})
  void aValueThatWouldBreakAHeaderIsRefused(String value) {
    assertThatThrownBy(() -> metadata.add("x", value))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("value of x: character U+00");
  }

  @Test
  void textAndBytesHaveNamesOfTheirOwn() {
    assertThatThrownBy(() -> metadata.add("x-bin", "text"))
        .hasMessage("name: x-bin with a text (expected: bytes for a name that ends in -bin)");
    assertThatThrownBy(() -> metadata.add("x", new byte[1]))
        .hasMessage("name: x with bytes (expected: a name that ends in -bin)");
  }

  @Test
  void printsNamesAndNeverValues() {
    assertThat(metadata.add("authorization", "secret")).hasToString("GrpcMetadata[authorization]");
  }
}
