package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.StringValue;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.volare.metainfo.MetaInfo;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.BusinessException;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class StatusTrailersTest {
  private final RpcContext context =
      RpcContext.client(new Method(), "caller", "callee", MetaInfo.create());

  private record Method() implements MethodDescriptor {
    @Override
    public String service() {
      return "Svc";
    }

    @Override
    public String name() {
      return "Do";
    }

    @Override
    public Kind kind() {
      return Kind.UNARY;
    }

    @Override
    public boolean idempotent() {
      return false;
    }
  }

  private RpcException overTheWire(RpcException failure) {
    Http2Headers trailers = new DefaultHttp2Headers();
    StatusTrailers.write(failure, failure.mayHaveExecuted(), trailers);
    return StatusTrailers.read(trailers, context, false);
  }

  @ParameterizedTest
  @EnumSource
  void aStatusArrivesAsItWasThrown(GrpcCode code) {
    GrpcStatusException thrown =
        GrpcStatusException.of(code, "100 % €\n")
            .withDetail(StringValue.of("more"))
            .withTrailers(GrpcMetadata.create().add("x", "y"));

    RpcException read = overTheWire(thrown);

    assertThat(read)
        .asInstanceOf(type(GrpcStatusException.class))
        .satisfies(status -> {
          assertThat(status.code()).isEqualTo(code);
          assertThat(status.description()).isEqualTo("100 % €\n");
          assertThat(status.detail(StringValue.class)).isEqualTo(StringValue.of("more"));
          assertThat(status.detail(Duration.class)).isNull();
          assertThat(status.trailers().text("x")).isEqualTo("y");
          assertThat(status.mayHaveExecuted()).isTrue();
        });
    assertThat(read).hasMessage("Svc/Do: " + code + ": 100 % €\n");
    assertThat(GrpcMetadata.trailers(context).text("x")).isEqualTo("y");
  }

  @ParameterizedTest
  @EnumSource
  void everyKindHasACodeAndComesBackOrWider(Kind kind) {
    RpcException read = overTheWire(RpcException.of(kind, "what happened"));

    assertThat(read.kind()).isEqualTo(kind == Kind.PROTOCOL ? Kind.INTERNAL : kind);
  }

  @Test
  void whatDidNotRunSaysSoAndWhenToTryAgain() {
    RpcException read =
        overTheWire(
            new RpcException(
                Kind.RESOURCE_EXHAUSTED, false, "busy", java.time.Duration.ofMillis(250), null));

    assertThat(read.mayHaveExecuted()).isFalse();
    assertThat(read.retryAfter()).isEqualTo(java.time.Duration.ofMillis(250));
  }

  @Test
  void aBusinessErrorKeepsItsStatusAndExtras() {
    RpcException read =
        overTheWire(new BusinessException(404, "not here", Map.of("key", "a \"quoted\" ä")));

    assertThat(read)
        .asInstanceOf(type(BusinessException.class))
        .satisfies(business -> {
          assertThat(business.status()).isEqualTo(404);
          assertThat(business).hasMessage("not here");
          assertThat(business.extra()).isEqualTo(Map.of("key", "a \"quoted\" ä"));
        });
  }

  @Test
  void statusZeroIsSuccess() {
    assertThat(
            StatusTrailers.read(new DefaultHttp2Headers().add("grpc-status", "0"), context, false))
        .isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"17", "999", "99999999999", "x", "-1"})
  void aStatusThatGrpcDoesNotHaveIsUnknown(String status) {
    RpcException read =
        StatusTrailers.read(new DefaultHttp2Headers().add("grpc-status", status), context, false);

    assertThat(((GrpcStatusException) read).code()).isEqualTo(GrpcCode.UNKNOWN);
  }

  @Test
  void anEndWithoutAStatusIsAProtocolError() {
    RpcException read = StatusTrailers.read(new DefaultHttp2Headers(), context, false);

    assertThat(read.kind()).isEqualTo(Kind.PROTOCOL);
    assertThat(read.mayHaveExecuted()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "400, INTERNAL, true",
    "401, UNAUTHENTICATED, false",
    "403, PERMISSION_DENIED, false",
    "404, UNIMPLEMENTED, false",
    "429, UNAVAILABLE, true",
    "502, UNAVAILABLE, true",
    "503, UNAVAILABLE, true",
    "504, UNAVAILABLE, true",
    "500, APPLICATION, true",
    "200, APPLICATION, true",
  })
  void anAnswerOfAProxyIsMappedAsGrpcSays(String status, Kind kind, boolean mayHaveExecuted) {
    Http2Headers head = new DefaultHttp2Headers().status(status).add("content-type", "text/html");

    RpcException read = StatusTrailers.read(head, context, true);

    assertThat(read.kind()).isEqualTo(kind);
    assertThat(read.mayHaveExecuted()).isEqualTo(mayHaveExecuted);
    assertThat(read).hasMessageContaining("status " + status).hasMessageContaining("text/html");
  }

  @Test
  void anUnknownMethodDidNotRunIfNothingElseCame() {
    Http2Headers end = new DefaultHttp2Headers().add("grpc-status", "12");

    assertThat(StatusTrailers.read(end, context, true).mayHaveExecuted()).isFalse();
    assertThat(StatusTrailers.read(end, context, false).mayHaveExecuted()).isTrue();
  }

  @Test
  void googlesRetryInfoSaysWhenToTryAgain() {
    ByteString delay =
        ByteString.copyFrom(new byte[] {1 << 3 | 2, 2, 1 << 3, 7}); // retry_delay { seconds: 7 }
    Any retryInfo =
        Any.newBuilder()
            .setTypeUrl("type.googleapis.com/google.rpc.RetryInfo")
            .setValue(delay)
            .build();

    RpcException read =
        overTheWire(GrpcStatusException.of(GrpcCode.UNAVAILABLE, "later").withDetail(retryInfo));

    assertThat(read.retryAfter()).isEqualTo(java.time.Duration.ofSeconds(7));
  }

  @ParameterizedTest
  @ValueSource(strings = {"***", "AAAA", "GgX//////w", "//8", ""})
  void detailsThatAreNotAStatusAreNone(String details) {
    Http2Headers end =
        new DefaultHttp2Headers().add("grpc-status", "5").add("grpc-status-details-bin", details);

    RpcException read = StatusTrailers.read(end, context, false);

    assertThat(((GrpcStatusException) read).details()).isEmpty();
  }
}
