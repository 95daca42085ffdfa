package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.volare.metainfo.MetaInfo;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcHeadersTest {
  @ParameterizedTest
  @CsvSource({
    "0, 1n",
    "-5, 1n",
    "999, 999n",
    "99999, 99999n",
    "100000, 100u",
    "99999999, 99999u",
    "100000000, 100m",
    "1499999999, 1499m",
    "5000000000, 5000m",
    "99999999000000, 99999999m",
    "100000000000000, 100000S",
    "9223372036854775807, 153722867M",
  })
  void aTimeoutIsCutOffToTheFinestUnitThatFits(long nanos, String expected) {
    // 2^63 ns are more minutes than eight digits hold
    String bounded = expected.length() > 9 ? "99999999M" : expected;

    assertThat(GrpcHeaders.timeout(nanos).toString()).isEqualTo(bounded);
    assertThat(GrpcHeaders.timeoutNanos(bounded)).isLessThanOrEqualTo(Math.max(1, nanos));
  }

  @Test
  void everyTimeoutHasAtMostEightDigitsAndIsReadBackNearly() {
    for (long nanos = 1; nanos < Long.MAX_VALUE / 3; nanos = nanos * 3 + 1) {
      CharSequence text = GrpcHeaders.timeout(nanos);

      assertThat(text.length()).isLessThanOrEqualTo(9);
      long read = GrpcHeaders.timeoutNanos(text);
      assertThat(read).isBetween(nanos - nanos / 50 - 1, nanos);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "S", "123456789n", "-1S", "5s", "5 S", "٣S", "1.5S"})
  void aTimeoutThatIsNotOneIsSeen(String text) {
    assertThat(GrpcHeaders.timeoutNanos(text)).isEqualTo(-1);
  }

  @Test
  void hoursBeyondTheClockAreAsLongAsItGoes() {
    assertThat(GrpcHeaders.timeoutNanos("99999999H")).isEqualTo(Long.MAX_VALUE);
    assertThat(GrpcHeaders.timeoutNanos("2H")).isEqualTo(TimeUnit.HOURS.toNanos(2));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "plain text", "100 % sure", "\t\ttest with whitespace\r\n", "äöü €😈"})
  void aMessageSurvivesPercentEncoding(String message) {
    CharSequence encoded = GrpcHeaders.percentEncoded(message);

    assertThat(encoded.chars()).allMatch(c -> c >= 0x20 && c <= 0x7e);
    assertThat(GrpcHeaders.percentDecoded(encoded)).isEqualTo(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"%", "%4", "%zz", "a%", "%٣٣"})
  void aPercentSignThatBeginsNoEscapeStandsForItself(String text) {
    assertThat(GrpcHeaders.percentDecoded(text).codePointAt(text.indexOf('%'))).isEqualTo('%');
  }

  @ParameterizedTest
  @CsvSource({
    "application/grpc, true",
    "application/grpc+proto, true",
    "application/grpc;charset=utf-8, true",
    "APPLICATION/GRPC, true",
    "application/grpcx, false",
    "application/grpc-web, false",
    "text/html, false",
    "application/grp, false",
  })
  void aContentTypeIsGrpcsWhateverTheCodec(String type, boolean expected) {
    assertThat(GrpcHeaders.isGrpc(type)).isEqualTo(expected);
    assertThat(GrpcHeaders.isGrpc(null)).isFalse();
  }

  @Test
  void metaInfoAndTheProtocolsOwnAreNoUsersMetadata() {
    MetaInfo metaInfo = MetaInfo.create();
    Http2Headers headers =
        new DefaultHttp2Headers()
            .path("/a/b")
            .add("content-type", "application/grpc")
            .add("grpc-timeout", "1S")
            .add("rpc-persist-tenant", "blue")
            .add("rpc-transit-hop", "1")
            .add("traceparent", "00-1-2-03")
            .add("tracer", "mine")
            .add("x-user", "me");

    GrpcMetadata metadata = GrpcHeaders.takeForward(headers, metaInfo);

    assertThat(metadata.names()).containsExactly("tracer", "x-user");
    assertThat(metaInfo.persistent("TENANT")).isEqualTo("blue");
    assertThat(metaInfo.upstream("HOP")).isEqualTo("1");
    assertThat(metaInfo.upstream("traceparent")).isEqualTo("00-1-2-03");
  }

  @Test
  void backwardMetaInfoIsTakenFromAResponse() {
    MetaInfo metaInfo = MetaInfo.create();
    Http2Headers headers =
        new DefaultHttp2Headers().add("rpc-backward-answered-by", "me").add("grpc-status", "0");

    assertThat(GrpcHeaders.takeBackward(headers, metaInfo)).isNull();
    assertThat(metaInfo.downstream("ANSWERED_BY")).isEqualTo("me");
  }
}
