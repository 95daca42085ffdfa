package io.volare.examples.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.StringValue;
import io.volare.codec.protobuf.ProtobufMethod;
import io.volare.layers.ratelimit.ConcurrencyLimitConfig;
import io.volare.layers.ratelimit.ConcurrencyLimitLayer;
import io.volare.layers.ratelimit.LimitedException;
import io.volare.rpc.Address;
import io.volare.rpc.Duplex;
import io.volare.rpc.MethodDescriptor.Kind;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcContext;
import io.volare.rpc.ServiceBinding;
import io.volare.transport.grpc.GrpcClient;
import io.volare.transport.grpc.GrpcClientConfig;
import io.volare.transport.grpc.GrpcServer;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a limit of calls counts where an answer is a stream, over a socket. */
@Timeout(60)
class StreamPlaceTest {
  private static final ProtobufMethod<StringValue, StringValue> COUNT =
      new ProtobufMethod<>(
          "test.Counter",
          "Count",
          Kind.SERVER_STREAM,
          false,
          StringValue.parser(),
          StringValue.parser());
  private static final StringValue ASKED = StringValue.of("count");

  private final GrpcServer server =
      GrpcServer.builder(Address.tcp("127.0.0.1", 0))
          .service(
              new ServiceBinding("test.Counter", Map.of("Count", COUNT), StreamPlaceTest::count))
          .build();
  private GrpcClient transport;
  private RpcClient client;

  @BeforeEach
  void start() {
    server.start();
    transport =
        GrpcClient.to(
            server.endpoint(), GrpcClientConfig.DEFAULT.withConnectTimeout(Duration.ofSeconds(10)));
    client =
        RpcClient.builder("counter")
            .layer(ConcurrencyLimitLayer.of(ConcurrencyLimitConfig.of(1)))
            .transport(transport);
  }

  @AfterEach
  void stop() {
    transport.stop();
    server.stop();
  }

  private static Object count(RpcContext context, Object request) throws InterruptedException {
    Duplex<StringValue, StringValue> streams = streams(request);
    streams.sink().send(StringValue.of("1"));
    streams.sink().send(StringValue.of("2"));
    return null;
  }

  @SuppressWarnings("unchecked") // the method streams strings
  private static Duplex<StringValue, StringValue> streams(Object either) {
    return (Duplex<StringValue, StringValue>) either;
  }

  private Duplex<StringValue, StringValue> open() throws Exception {
    return streams(client.call(COUNT, ASKED));
  }

  @Test
  void aStreamHoldsItsPlaceUntilItsLastMessageWasRead() throws Exception {
    try (Duplex<StringValue, StringValue> stream = open()) {
      assertThat(stream.source().receive()).isEqualTo(StringValue.of("1"));
      assertThatThrownBy(this::open).isInstanceOf(LimitedException.class);
      assertThat(stream.source().receive()).isEqualTo(StringValue.of("2"));
      assertThatThrownBy(this::open).isInstanceOf(LimitedException.class);

      assertThat(stream.source().receive()).isNull();
    }
    try (Duplex<StringValue, StringValue> next = open()) {
      assertThat(next.source().receive()).isEqualTo(StringValue.of("1"));
    }
  }

  @Test
  void aStreamThatIsLeftGivesItsPlaceBack() throws Exception {
    try (Duplex<StringValue, StringValue> stream = open()) {
      assertThat(stream.source().receive()).isEqualTo(StringValue.of("1"));
    }
    try (Duplex<StringValue, StringValue> next = open()) {
      assertThat(next.source().receive()).isEqualTo(StringValue.of("1"));
    }
  }
}
