package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.StringValue;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.volare.codec.protobuf.ProtobufMethod;
import io.volare.motore.AsyncCall;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Services;
import io.volare.rpc.CallOptions;
import io.volare.rpc.Duplex;
import io.volare.rpc.EndpointHealth.Signal;
import io.volare.rpc.EndpointHealth;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcException;
import io.volare.transport.grpc.ScriptedServer.Frame;
import io.volare.transport.grpc.ScriptedServer.Peer;
import io.volare.transport.netty.Loops;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class GrpcClientTest {
  static final ProtobufMethod<StringValue, StringValue> ECHO =
      method("Echo", MethodDescriptor.Kind.UNARY);
  static final ProtobufMethod<StringValue, StringValue> CHAT =
      method("Chat", MethodDescriptor.Kind.BIDI_STREAM);
  static final ProtobufMethod<StringValue, StringValue> COUNT =
      method("Count", MethodDescriptor.Kind.SERVER_STREAM);
  static final ProtobufMethod<StringValue, StringValue> JOIN =
      method("Join", MethodDescriptor.Kind.CLIENT_STREAM);

  /** With time to connect, so that a busy machine fails no test. */
  private static final GrpcClientConfig USUAL =
      GrpcClientConfig.DEFAULT.withConnectTimeout(Duration.ofSeconds(10));

  /** Time in which even a busy machine sends a request; the test waits until it is over. */
  private static final Duration HURRIED = Duration.ofSeconds(2);

  private static final StringValue HELLO = StringValue.of("hello");

  private final ScriptedServer server = new ScriptedServer();
  private final EndpointHealth health = EndpointHealth.create();
  private final LinkedBlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
  private GrpcClient transport = client(USUAL);

  private static ProtobufMethod<StringValue, StringValue> method(
      String name, MethodDescriptor.Kind kind) {
    return new ProtobufMethod<>(
        "test.Svc", name, kind, false, StringValue.parser(), StringValue.parser());
  }

  private GrpcClient client(GrpcClientConfig config) {
    return GrpcClient.to(server.endpoint(), config).with(health);
  }

  private void use(GrpcClientConfig config) {
    transport.stop();
    transport = client(config);
  }

  private RpcClient client() {
    return RpcClient.builder("callee").caller("caller").transport(transport);
  }

  private RpcClient client(Duration timeout) {
    return client().with(CallOptions.DEFAULT.withTimeout(timeout));
  }

  private AsyncCall<@Nullable Object> echo() {
    return echo(client());
  }

  private static AsyncCall<@Nullable Object> echo(RpcClient client) {
    return Services.callAsync(() -> client.call(ECHO, HELLO));
  }

  @SuppressWarnings("unchecked")
  private static Duplex<StringValue, StringValue> open(
      RpcClient client, ProtobufMethod<?, ?> method, Object request) throws Exception {
    return (Duplex<StringValue, StringValue>) client.call(method, request);
  }

  private static RpcException failure(AsyncCall<?> call) {
    Throwable thrown = catchThrowable(call::join);
    assertThat(thrown).isInstanceOf(RpcException.class);
    return (RpcException) thrown;
  }

  /** {@return the server's side of a connection that has served a call} */
  private Peer connected() throws Exception {
    AsyncCall<?> first = echo();
    Peer peer = server.accept();
    peer.answer(peer.request(), HELLO);
    first.join();
    return peer;
  }

  private Signal signal() throws InterruptedException {
    return signals.poll(10, TimeUnit.SECONDS);
  }

  {
    health.subscribe((endpoint, signal) -> signals.add(signal));
  }

  @AfterEach
  void stopBoth() throws IOException {
    transport.stop();
    server.close();
  }

  // ---- what goes out

  @Test
  void saysWhatGrpcAsksOfARequest() throws Exception {
    AsyncCall<?> call = echo(client(Duration.ofSeconds(60)));
    Peer peer = server.accept();
    Frame frame = peer.next(ScriptedServer.HEADERS);
    Http2Headers headers = peer.headers(frame);
    Frame data = peer.next(ScriptedServer.DATA);
    peer.answer(frame.stream(), HELLO);

    assertThat(call.join()).isEqualTo(HELLO);
    assertThat(headers.method()).hasToString("POST");
    assertThat(headers.scheme()).hasToString("http");
    assertThat(headers.path()).hasToString("/test.Svc/Echo");
    assertThat(headers.authority()).hasToString("127.0.0.1:" + server.port());
    assertThat(headers.get("te")).hasToString("trailers");
    assertThat(headers.get("content-type")).hasToString("application/grpc");
    assertThat(headers.get("user-agent").toString()).startsWith("grpc-java-volare/");
    assertThat(headers.get("grpc-accept-encoding")).hasToString("identity,gzip,zstd");
    assertThat(headers.get("source-service")).hasToString("caller");
    assertThat(headers.get("destination-service")).hasToString("callee");
    assertThat(GrpcHeaders.timeoutNanos(headers.get("grpc-timeout")))
        .isBetween(TimeUnit.SECONDS.toNanos(40), TimeUnit.SECONDS.toNanos(60));
    assertThat(frame.ends()).isFalse();
    assertThat(data.ends()).isTrue();
    assertThat(data.payload()).isEqualTo(ScriptedServer.prefixed(0, HELLO.toByteArray()));
  }

  @ParameterizedTest
  @CsvSource({"GZIP, gzip", "ZSTD, zstd"})
  void compressesWhereItIsAskedTo(Compression compression, String name) throws Exception {
    use(USUAL.withCompression(compression));
    AsyncCall<?> call = echo();
    Peer peer = server.accept();
    Http2Headers headers = peer.headers(peer.next(ScriptedServer.HEADERS));
    Frame data = peer.next(ScriptedServer.DATA);
    peer.headers(
        data.stream(),
        false,
        ":status",
        "200",
        "content-type",
        "application/grpc+proto",
        "grpc-encoding",
        name);
    peer.data(data.stream(), false, data.payload());
    peer.end(data.stream(), 0);

    assertThat(headers.get("grpc-encoding")).hasToString(name);
    assertThat(data.payload()[0]).isEqualTo((byte) 1);
    assertThat(call.join()).isEqualTo(HELLO);
  }

  @Test
  void metadataGoesOutWithTheOptionsOfACallAndComesBackIntoThem() throws Exception {
    GrpcResponse response = GrpcResponse.create();
    GrpcMetadata sent = GrpcMetadata.create().add("x-text", "a").add("x-bin", new byte[] {1});
    RpcClient client =
        client()
            .with(response.in(sent.in(CallOptions.DEFAULT.withTransient("traceparent", "00-1"))));
    AsyncCall<?> call = echo(client);
    Peer peer = server.accept();
    Frame frame = peer.next(ScriptedServer.HEADERS);
    Http2Headers headers = peer.headers(frame);
    peer.next(ScriptedServer.DATA);
    peer.headers(
        frame.stream(), false, ":status", "200", "content-type", "application/grpc", "x-head", "h");
    peer.message(frame.stream(), HELLO);
    peer.headers(frame.stream(), true, "grpc-status", "0", "x-tail-bin", "AQI");
    call.join();

    assertThat(headers.get("x-text")).hasToString("a");
    assertThat(headers.get("x-bin")).hasToString("AQ");
    assertThat(headers.get("traceparent")).hasToString("00-1");
    assertThat(response.headers().text("x-head")).isEqualTo("h");
    assertThat(response.trailers().bytes("x-tail-bin")).containsExactly(1, 2);
  }

  @Test
  void aStreamChoosesForEachMessageWhetherItIsCompressed() throws Exception {
    GrpcCallOptions gzip = GrpcCallOptions.of(USUAL).withCompression(Compression.GZIP);
    AsyncCall<@Nullable Object> sending =
        Services.callAsync(() -> {
          RpcClient client = client().with(gzip.in(CallOptions.DEFAULT));
          try (Duplex<StringValue, StringValue> stream = open(client, JOIN, Duplex.NO_REQUEST)) {
            stream.sink().send(HELLO);
            ((GrpcSink<StringValue>) stream.sink()).compress(false);
            stream.sink().send(HELLO);
            stream.sink().complete();
            return stream.source().receive();
          }
        });
    Peer peer = server.accept();
    Frame head = peer.next(ScriptedServer.HEADERS);
    ByteBuf sent = Unpooled.buffer();
    Frame data;
    do {
      data = peer.next(ScriptedServer.DATA);
      sent.writeBytes(data.payload());
    } while (!data.ends());
    peer.answer(head.stream(), HELLO);

    assertThat(peer.headers(head).get("grpc-encoding")).hasToString("gzip");
    assertThat(sent.readByte()).isEqualTo((byte) 1);
    assertThat(sent.skipBytes(sent.readInt()).readByte()).isEqualTo((byte) 0);
    assertThat(sending.join()).isEqualTo(HELLO);
  }

  @Test
  void aStreamMayEndBeforeItsNumberIsKnown() throws Exception {
    int calls = 50;
    AsyncCall<@Nullable Object> sending =
        Services.callAsync(() -> {
          for (int i = 0; i < calls; i++) {
            try (Duplex<StringValue, StringValue> stream =
                open(client(), CHAT, Duplex.NO_REQUEST)) {
              stream.sink().complete();
              stream.source().receive();
            }
          }
          return null;
        });
    Peer peer = server.accept();
    for (int i = 0; i < calls; i++) {
      Frame head = peer.next(ScriptedServer.HEADERS);
      Frame end = head.ends() ? head : peer.next(ScriptedServer.DATA);
      assertThat(end.stream()).isEqualTo(head.stream());
      assertThat(end.ends()).isTrue();
      peer.headers(
          head.stream(),
          true,
          ":status",
          "200",
          "content-type",
          "application/grpc",
          "grpc-status",
          "0");
    }

    assertThat(sending.join()).isNull();
  }

  @Test
  void aSecondThreadThatWaitsAtTheSameEndOfAStreamIsTold() throws Exception {
    AsyncCall<Duplex<StringValue, StringValue>> opening =
        Services.callAsync(() -> open(client(), CHAT, Duplex.NO_REQUEST));
    server.accept();
    try (Duplex<StringValue, StringValue> stream = opening.join()) {
      AsyncCall<?> first = Services.callAsync(() -> stream.source().receive());
      AsyncCall<?> second = Services.callAsync(() -> stream.source().receive());

      List<Throwable> failures = List.of(catchThrowable(first::join), catchThrowable(second::join));

      assertThat(failures)
          .anySatisfy(failure ->
              assertThat(failure)
                  .isInstanceOf(IllegalStateException.class)
                  .hasMessageContaining("test.Svc/Chat at ")
                  .hasMessageContaining("(expected: one thread at a time)"));
    }
  }

  @Test
  void saysOfEachResponseWhetherItCameCompressed() throws Exception {
    GrpcResponse response = GrpcResponse.create();
    List<Boolean> seen = new ArrayList<>();
    AsyncCall<@Nullable Object> reading =
        Services.callAsync(() -> {
          RpcClient client = client().with(response.in(CallOptions.DEFAULT));
          try (Duplex<StringValue, StringValue> stream = open(client, COUNT, HELLO)) {
            while (stream.source().receive() != null) {
              seen.add(response.wasCompressed());
            }
          }
          return null;
        });
    Peer peer = server.accept();
    int stream = peer.request();
    peer.headers(
        stream,
        false,
        ":status",
        "200",
        "content-type",
        "application/grpc",
        "grpc-encoding",
        "gzip");
    peer.data(stream, false, ScriptedServer.prefixed(1, gzip(HELLO.toByteArray())));
    peer.message(stream, HELLO);
    peer.end(stream, 0);
    reading.join();

    assertThat(seen).containsExactly(true, false);
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  @Test
  void refusesAMessageAboveTheLimitBeforeItIsSent() throws Exception {
    use(USUAL.withMessageBytes(100));
    AsyncCall<?> call =
        Services.callAsync(() -> client().call(ECHO, StringValue.of("x".repeat(200))));
    server.accept();

    RpcException refused = failure(call);

    assertThat(refused.kind()).isEqualTo(Kind.RESOURCE_EXHAUSTED);
    assertThat(refused.mayHaveExecuted()).isFalse();
    assertThat(refused).hasMessageContaining("message: 203 B (limit: 100 B)");
  }

  @Test
  void keepsToTheListOfHeadersThatTheServerTakes() throws Exception {
    AsyncCall<?> call = echo();
    Peer peer = server.accept(ScriptedServer.MAX_HEADER_LIST_SIZE, 100);

    RpcException refused = failure(call);

    assertThat(refused.kind()).isEqualTo(Kind.RESOURCE_EXHAUSTED);
    assertThat(refused.mayHaveExecuted()).isFalse();
    assertThat(refused).hasMessageContaining("limit of the server: 100 B");
    assertThat(peer).isNotNull();
  }

  // ---- what comes back

  @Test
  void trailersOnlyAreAStatus() throws Exception {
    AsyncCall<?> call = echo();
    Peer peer = server.accept();
    int stream = peer.request();
    peer.headers(
        stream,
        true,
        ":status",
        "200",
        "content-type",
        "application/grpc",
        "grpc-status",
        "5",
        "grpc-message",
        "no%20such %E2%82%AC",
        "x-more",
        "y");

    GrpcStatusException status = (GrpcStatusException) failure(call);

    assertThat(status.code()).isEqualTo(GrpcCode.NOT_FOUND);
    assertThat(status.description()).isEqualTo("no such €");
    assertThat(status.trailers().text("x-more")).isEqualTo("y");
    assertThat(status.mayHaveExecuted()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({"503, UNAVAILABLE, true", "404, UNIMPLEMENTED, false", "200, APPLICATION, true"})
  void theAnswerOfAProxyIsMapped(String status, Kind kind, boolean mayHaveExecuted)
      throws Exception {
    AsyncCall<?> call = echo();
    Peer peer = server.accept();
    int stream = peer.request();
    peer.headers(stream, false, ":status", status, "content-type", "text/html");
    peer.data(stream, false, "<html>not gRPC at all</html>".getBytes());

    RpcException failure = failure(call);

    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(failure.mayHaveExecuted()).isEqualTo(mayHaveExecuted);
    assertThat(failure).hasMessageContaining("status " + status);
    assertThat(peer.next(ScriptedServer.RST_STREAM).number()).isEqualTo(Http2Error.CANCEL.code());
  }

  @Test
  void anInformationalHeadIsNotTheHead() throws Exception {
    AsyncCall<?> call = echo();
    Peer peer = server.accept();
    int stream = peer.request();
    peer.headers(stream, false, ":status", "103", "link", "x");
    peer.answer(stream, HELLO);

    assertThat(call.join()).isEqualTo(HELLO);
  }

  @Test
  void aMessageThatClaimsTooMuchIsRefusedBeforeItComes() throws Exception {
    AsyncCall<?> call = echo();
    Peer peer = server.accept();
    int stream = peer.request();
    peer.head(stream);
    peer.data(stream, false, new byte[] {0, 0x7f, 0, 0, 0});

    RpcException failure = failure(call);

    assertThat(failure.kind()).isEqualTo(Kind.RESOURCE_EXHAUSTED);
    assertThat(failure).hasMessageContaining("limit: 4194304 B");
    assertThat(peer.next(ScriptedServer.RST_STREAM).stream()).isEqualTo(stream);
  }

  @Test
  void aMessageThatGrowsTooMuchIsRefusedWhileItIsDecompressed() throws Exception {
    byte[] bomb = gzip(new byte[8 * 1024 * 1024]);
    AsyncCall<?> call = echo();
    Peer peer = server.accept();
    int stream = peer.request();
    peer.headers(
        stream,
        false,
        ":status",
        "200",
        "content-type",
        "application/grpc",
        "grpc-encoding",
        "gzip");
    peer.data(stream, false, ScriptedServer.prefixed(1, bomb));
    peer.end(stream, 0);

    RpcException failure = failure(call);

    assertThat(failure.kind()).isEqualTo(Kind.RESOURCE_EXHAUSTED);
    assertThat(failure).hasMessageContaining("decompressed");
  }

  @Test
  void aFlagWithoutAnEncodingIsInternal() throws Exception {
    AsyncCall<?> call = echo();
    Peer peer = server.accept();
    int stream = peer.request();
    peer.head(stream);
    peer.data(stream, false, ScriptedServer.prefixed(1, HELLO.toByteArray()));
    peer.end(stream, 0);

    assertThat(failure(call).kind()).isEqualTo(Kind.INTERNAL);
  }

  @Test
  void twoResponsesWhereOneIsExpectedAreInternal() throws Exception {
    AsyncCall<?> call = echo();
    Peer peer = server.accept();
    int stream = peer.request();
    peer.head(stream);
    peer.message(stream, HELLO);
    peer.message(stream, HELLO);
    peer.end(stream, 0);

    RpcException failure = failure(call);

    assertThat(failure.kind()).isEqualTo(Kind.INTERNAL);
    assertThat(failure).hasMessageContaining("more than one response");
  }

  @Test
  void noResponseButStatusZeroIsInternal() throws Exception {
    AsyncCall<?> call = echo();
    Peer peer = server.accept();
    int stream = peer.request();
    peer.head(stream);
    peer.end(stream, 0);

    assertThat(failure(call)).hasMessageContaining("no response but an end");
  }

  @Test
  void aResponseThatEndsWithoutTrailersIsInternal() throws Exception {
    AsyncCall<?> call = echo();
    Peer peer = server.accept();
    int stream = peer.request();
    peer.head(stream);
    peer.data(stream, true, ScriptedServer.prefixed(0, HELLO.toByteArray()));

    assertThat(failure(call)).hasMessageContaining("ended without trailers");
  }

  @Test
  void aResponseThatEndsWithinAMessageIsAProtocolError() throws Exception {
    AsyncCall<?> call = echo();
    Peer peer = server.accept();
    int stream = peer.request();
    peer.head(stream);
    peer.data(stream, false, new byte[] {0, 0, 0, 0, 9, 1});
    peer.end(stream, 0);

    assertThat(failure(call).kind()).isEqualTo(Kind.PROTOCOL);
  }

  @Test
  void bytesThatAreNoMessageAreAProtocolError() throws Exception {
    AsyncCall<?> call = echo();
    Peer peer = server.accept();
    int stream = peer.request();
    peer.head(stream);
    peer.data(stream, false, ScriptedServer.prefixed(0, new byte[] {(byte) 0xff, 1}));
    peer.end(stream, 0);

    RpcException failure = failure(call);

    assertThat(failure.kind()).isEqualTo(Kind.PROTOCOL);
    assertThat(failure).hasMessageContaining("test.Svc/Echo");
  }

  @ParameterizedTest
  @CsvSource({
    "CANCEL, CANCELLED",
    "ENHANCE_YOUR_CALM, RESOURCE_EXHAUSTED",
    "INADEQUATE_SECURITY, PERMISSION_DENIED",
    "INTERNAL_ERROR, INTERNAL",
    "PROTOCOL_ERROR, INTERNAL",
  })
  void aResetStreamIsMapped(Http2Error error, Kind kind) throws Exception {
    AsyncCall<?> call = echo();
    Peer peer = server.accept();
    peer.reset(peer.request(), error);

    RpcException failure = failure(call);

    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(failure.mayHaveExecuted()).isTrue();
    assertThat(failure).hasMessageContaining(error.name());
  }

  @Test
  void anEarlyAnswerEndsACallWhoseRequestStillWaits() throws Exception {
    AsyncCall<?> call =
        Services.callAsync(() -> client().call(ECHO, StringValue.of("x".repeat(1_000_000))));
    Peer peer = server.accept();
    int stream = peer.next(ScriptedServer.HEADERS).stream();
    peer.headers(
        stream, true, ":status", "200", "content-type", "application/grpc", "grpc-status", "8");

    assertThat(failure(call).kind()).isEqualTo(Kind.RESOURCE_EXHAUSTED);
    Frame frame = peer.next();
    while (frame.type() == ScriptedServer.DATA) {
      frame = peer.next();
    }
    assertThat(frame.type()).isEqualTo(ScriptedServer.RST_STREAM);
  }

  // ---- deadlines and cancellation

  @Test
  void aCallThatIsLateResetsItsStream() throws Exception {
    Peer peer = connected();
    AsyncCall<?> call = echo(client(HURRIED));
    int stream = peer.request();

    RpcException late = failure(call);

    assertThat(late.kind()).isEqualTo(Kind.DEADLINE_EXCEEDED);
    assertThat(late.mayHaveExecuted()).isTrue();
    assertThat(late).hasMessageContaining("(limit: 2000 ms)");
    Frame reset = peer.next(ScriptedServer.RST_STREAM);
    assertThat(reset.stream()).isEqualTo(stream);
    assertThat(reset.number()).isEqualTo(Http2Error.CANCEL.code());
  }

  @Test
  void anInterruptedCallResetsItsStreamAndTheConnectionStays() throws Exception {
    AsyncCall<?> call = echo();
    Peer peer = server.accept();
    peer.request();

    assertThat(call.cancel()).isTrue();

    assertThatThrownBy(call::join).isInstanceOf(CancellationException.class);
    assertThat(peer.next(ScriptedServer.RST_STREAM).number()).isEqualTo(Http2Error.CANCEL.code());
    AsyncCall<?> next = echo();
    peer.answer(peer.request(), HELLO);
    assertThat(next.join()).isEqualTo(HELLO);
  }

  @Test
  void aConnectionThatIsSilentAfterALateCallIsAskedAndGivenUp() throws Exception {
    use(USUAL.withKeepalive(Duration.ofMinutes(6), Duration.ofMillis(200)));
    Peer peer = connected();
    AsyncCall<?> late = echo(client(HURRIED));
    peer.request();
    failure(late);
    peer.next(ScriptedServer.RST_STREAM);

    peer.next(ScriptedServer.PING);

    assertThat(peer.isClosed()).isTrue();
    assertThat(signal()).isEqualTo(Signal.CONNECTED);
    assertThat(signal()).isEqualTo(Signal.LOST);
  }

  // ---- keepalive

  @Test
  void aKeepaliveThatIsNotAnsweredLosesTheConnectionAndItsCalls() throws Exception {
    use(USUAL.withKeepalive(Duration.ofMillis(100), Duration.ofMillis(200)));
    AsyncCall<?> call = echo();
    Peer peer = server.accept();
    peer.request();
    peer.next(ScriptedServer.PING);

    RpcException lost = failure(call);

    assertThat(lost.kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(lost.mayHaveExecuted()).isTrue();
    assertThat(lost).hasMessageContaining("no answer to a keepalive within 200 ms");
    assertThat(signal()).isEqualTo(Signal.CONNECTED);
    assertThat(signal()).isEqualTo(Signal.LOST);
  }

  @Test
  void aKeepaliveThatIsAnsweredKeepsTheCall() throws Exception {
    use(USUAL.withKeepalive(Duration.ofMillis(100), Duration.ofSeconds(20)));
    AsyncCall<?> call = echo();
    Peer peer = server.accept();
    int stream = peer.request();
    for (int i = 0; i < 2; i++) {
      Frame ping = peer.next(ScriptedServer.PING);
      peer.write(ScriptedServer.PING, 1, 0, ping.payload());
    }
    peer.answer(stream, HELLO);

    assertThat(call.join()).isEqualTo(HELLO);
  }

  @Test
  void aConnectionThatSaidSomethingSinceALateCallIsLeftInPeace() throws Exception {
    Peer peer = connected();
    AsyncCall<?> late = echo(client(HURRIED));
    peer.head(peer.request());
    peer.awaitRead();
    failure(late);
    peer.next(ScriptedServer.RST_STREAM);
    AsyncCall<?> next = echo();

    peer.answer(peer.request(), HELLO);

    assertThat(next.join()).isEqualTo(HELLO);
  }

  /** A pause is random and may be nothing, so the server goes away again until one is longer. */
  @Test
  void aServerThatGoesAwayAtOnceIsNotCalledAgainAtOnce() throws Exception {
    AtomicInteger connections = new AtomicInteger();
    Thread.ofVirtual().start(() -> goAwayForever(connections));

    RpcException refused = failure(echo());

    assertThat(refused.kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(refused.mayHaveExecuted()).isFalse();
    assertThat(refused).hasMessageContaining("GOAWAY NO_ERROR");
    assertThat(connections.get()).isBetween(1, 20);
  }

  private void goAwayForever(AtomicInteger connections) {
    try {
      while (true) {
        Peer peer = server.accept();
        connections.incrementAndGet();
        peer.goAway(0, Http2Error.NO_ERROR, "");
        peer.close();
      }
    } catch (IOException closed) {
      // the test is over
    }
  }

  // ---- connections

  @Test
  void callsShareAConnection() throws Exception {
    AsyncCall<?> first = echo();
    Peer peer = server.accept();
    int one = peer.request();
    AsyncCall<?> second = echo();
    int two = peer.request();
    peer.answer(two, StringValue.of("two"));
    peer.answer(one, StringValue.of("one"));

    assertThat(first.join()).isEqualTo(StringValue.of("one"));
    assertThat(second.join()).isEqualTo(StringValue.of("two"));
    assertThat(transport.connections()).isEqualTo(1);
    assertThat(transport.calls()).isZero();
  }

  @Test
  void aFurtherConnectionIsMadeWhenStreamsRunOut() throws Exception {
    AsyncCall<?> first = echo();
    Peer one = server.accept(ScriptedServer.MAX_CONCURRENT_STREAMS, 1);
    int stream = one.request();
    AsyncCall<?> second = echo();
    Peer two = server.accept(ScriptedServer.MAX_CONCURRENT_STREAMS, 1);
    two.answer(two.request(), StringValue.of("two"));
    one.answer(stream, StringValue.of("one"));

    assertThat(first.join()).isEqualTo(StringValue.of("one"));
    assertThat(second.join()).isEqualTo(StringValue.of("two"));
  }

  @Test
  void callsWaitForAStreamWhereNoFurtherConnectionIsAllowed() throws Exception {
    use(USUAL.withConnections(1, 1));
    AsyncCall<?> first = echo();
    Peer peer = server.accept(ScriptedServer.MAX_CONCURRENT_STREAMS, 1);
    int stream = peer.request();
    AsyncCall<?> second = echo();
    RpcException late = failure(echo(client(Duration.ofMillis(200))));
    peer.answer(stream, HELLO);
    peer.answer(peer.request(), HELLO);

    assertThat(first.join()).isEqualTo(HELLO);
    assertThat(second.join()).isEqualTo(HELLO);
    assertThat(late.kind()).isEqualTo(Kind.DEADLINE_EXCEEDED);
    assertThat(late.mayHaveExecuted()).isFalse();
    assertThat(late).hasMessageContaining("no free stream");
    assertThat(server.hasNoConnection(100)).isTrue();
  }

  @Test
  void aServerThatAllowsNoStreamsIsNotAskedForMoreConnections() throws Exception {
    RpcException late;
    AsyncCall<?> call = echo(client(Duration.ofMillis(300)));
    server.accept(ScriptedServer.MAX_CONCURRENT_STREAMS, 0);

    late = failure(call);

    assertThat(late.kind()).isEqualTo(Kind.DEADLINE_EXCEEDED);
    assertThat(late.mayHaveExecuted()).isFalse();
    assertThat(server.hasNoConnection(100)).isTrue();
  }

  @Test
  void aRefusedStreamMovesOnce() throws Exception {
    AsyncCall<?> call = echo();
    Peer peer = server.accept();
    peer.reset(peer.request(), Http2Error.REFUSED_STREAM);
    peer.answer(peer.request(), HELLO);

    assertThat(call.join()).isEqualTo(HELLO);
  }

  @Test
  void aStreamThatIsRefusedTwiceCertainlyDidNotRun() throws Exception {
    AsyncCall<?> call = echo();
    Peer peer = server.accept();
    peer.reset(peer.request(), Http2Error.REFUSED_STREAM);
    peer.reset(peer.request(), Http2Error.REFUSED_STREAM);

    RpcException refused = failure(call);

    assertThat(refused.kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(refused.mayHaveExecuted()).isFalse();
  }

  @Test
  void goAwayMovesWhatItDidNotTakeAndWaitsForTheRest() throws Exception {
    AsyncCall<?> taken = echo();
    Peer old = server.accept();
    int one = old.request();
    AsyncCall<?> moved = echo();
    old.request();
    old.goAway(one, Http2Error.NO_ERROR, "");
    Peer other = server.accept();
    other.answer(other.request(), StringValue.of("moved"));
    old.answer(one, StringValue.of("taken"));

    assertThat(taken.join()).isEqualTo(StringValue.of("taken"));
    assertThat(moved.join()).isEqualTo(StringValue.of("moved"));
    assertThat(old.isClosed()).isTrue();
    assertThat(signal()).isEqualTo(Signal.CONNECTED);
    assertThat(signal()).isEqualTo(Signal.DRAINING);
  }

  @Test
  void afterGoAwayCallsUseAnotherConnectionThoughTheOldOneStillDrains() throws Exception {
    AsyncCall<?> running = echo();
    Peer old = server.accept();
    int one = old.request();
    old.goAway(Integer.MAX_VALUE, Http2Error.NO_ERROR, "");
    signal();
    assertThat(signal()).isEqualTo(Signal.DRAINING);
    AsyncCall<?> next = echo();
    Peer other = server.accept();
    other.answer(other.request(), HELLO);

    assertThat(next.join()).isEqualTo(HELLO);
    old.answer(one, HELLO);
    assertThat(running.join()).isEqualTo(HELLO);
  }

  @Test
  void afterGoAwayACallThatMayGoElsewhereComesBackUnsentRatherThanConnectAgain() throws Exception {
    RpcClient oneOfSeveral =
        RpcClient.builder("callee")
            .layer(inner ->
                (context, request) -> {
                  context.endpoint(server.endpoint(), true);
                  return inner.call(context, request);
                })
            .transport(transport);
    Peer old = connected();
    old.goAway(Integer.MAX_VALUE, Http2Error.NO_ERROR, "");
    signal();
    assertThat(signal()).isEqualTo(Signal.DRAINING);

    RpcException unsent = failure(echo(oneOfSeveral));

    assertThat(unsent.kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(unsent.mayHaveExecuted()).isFalse();
    assertThat(unsent).hasMessageEndingWith("not sent: the server is shutting down");
    AsyncCall<?> only = echo();
    Peer other = server.accept();
    other.answer(other.request(), HELLO);
    assertThat(only.join()).isEqualTo(HELLO);
  }

  @Test
  void aConnectionThatBreaksLosesItsCallsAndIsReplaced() throws Exception {
    AsyncCall<?> call = echo();
    Peer peer = server.accept();
    peer.request();
    peer.close();

    RpcException lost = failure(call);

    assertThat(lost.kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(lost.mayHaveExecuted()).isTrue();
    assertThat(lost).hasMessageContaining("the connection was lost");
    assertThat(signal()).isEqualTo(Signal.CONNECTED);
    assertThat(signal()).isEqualTo(Signal.LOST);
  }

  @Test
  void aConnectionThatServedACallIsReplacedWithoutAPause() throws Exception {
    AsyncCall<?> first = echo();
    Peer peer = server.accept();
    peer.answer(peer.request(), HELLO);
    first.join();
    peer.close();
    signal();
    assertThat(signal()).isEqualTo(Signal.LOST);

    AsyncCall<?> next = echo();
    Peer other = server.accept();
    other.answer(other.request(), HELLO);

    assertThat(next.join()).isEqualTo(HELLO);
  }

  @Test
  void aServerThatIsNotThereRanNothing() throws Exception {
    server.close();

    RpcException refused = failure(echo());

    assertThat(refused.kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(refused.mayHaveExecuted()).isFalse();
    assertThat(refused).hasMessageContaining("Connection refused");
    assertThat(signal()).isEqualTo(Signal.REFUSED);
  }

  @Test
  void betweenAttemptsCallsFailAtOnceAndSayWhenTheNextIs() throws Exception {
    server.close();
    RpcException soon = null;
    for (int i = 0; i < 100 && soon == null; i++) {
      RpcException refused = failure(echo());
      soon = refused.retryAfter() == null ? null : refused;
    }

    assertThat(soon).isNotNull();
    assertThat(soon.retryAfter()).isLessThanOrEqualTo(Duration.ofSeconds(30));
    assertThat(soon.mayHaveExecuted()).isFalse();
  }

  @Test
  void aServerThatRefusesIsTriedEverySecondAtLeast() throws Exception {
    server.close();
    Duration longest = Duration.ZERO;
    for (int i = 0; i < 30; i++) {
      Duration pause = failure(echo()).retryAfter();
      if (pause != null) {
        longest = pause.compareTo(longest) > 0 ? pause : longest;
        java.util.concurrent.locks.LockSupport.parkNanos(pause.toNanos() / 4);
      }
    }

    assertThat(longest).isPositive().isLessThanOrEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void aCallThatWaitsForReadyOutlastsAServerThatIsNotThere() throws Exception {
    use(USUAL.withWaitForReady(true));
    int port = server.port();
    server.close();
    AsyncCall<?> call = echo();
    assertThat(signal()).isEqualTo(Signal.REFUSED);
    try (ScriptedServer again = new ScriptedServer(port)) {
      Peer peer = again.accept();
      peer.answer(peer.request(), HELLO);

      assertThat(call.join()).isEqualTo(HELLO);
    }
  }

  @Test
  void aCallThatWaitsForReadyEndsAtItsDeadline() throws Exception {
    use(USUAL.withWaitForReady(true));
    server.close();

    RpcException late = failure(echo(client(Duration.ofMillis(300))));

    assertThat(late.kind()).isEqualTo(Kind.DEADLINE_EXCEEDED);
    assertThat(late.mayHaveExecuted()).isFalse();
    assertThat(late).hasMessageContaining("no connection");
  }

  @Test
  void aServerThatSaysNothingIsGivenUp() throws Exception {
    use(USUAL.withConnectTimeout(Duration.ofSeconds(1)));
    AsyncCall<?> call = echo();
    Peer peer = server.acceptSilently();

    RpcException silent = failure(call);

    assertThat(silent.kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(silent.mayHaveExecuted()).isFalse();
    assertThat(silent).hasMessageContaining("no HTTP/2 settings within 1000 ms");
    assertThat(peer.isClosed()).isTrue();
  }

  @Test
  void aServerThatSpeaksSomethingElseIsNamedAsSuch() throws Exception {
    AsyncCall<?> call = echo();
    Peer peer = server.acceptSilently();
    peer.raw("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes());

    RpcException other = failure(call);

    assertThat(other.kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(other.mayHaveExecuted()).isFalse();
    assertThat(other).hasMessageContaining("First received frame was not SETTINGS");
  }

  @Test
  void anIdleConnectionIsClosed() throws Exception {
    use(USUAL.withIdle(Duration.ofSeconds(1)));
    AsyncCall<?> call = echo();
    Peer peer = server.accept();
    peer.answer(peer.request(), HELLO);
    call.join();

    assertThat(peer.isClosed()).isTrue();
  }

  @Test
  void anEndpointThatIsNotCalledAnyMoreIsForgotten() throws Exception {
    use(USUAL.withIdle(Duration.ofSeconds(1)));
    AsyncCall<?> call = echo();
    Peer peer = server.accept();
    peer.answer(peer.request(), HELLO);
    call.join();
    assertThat(peer.isClosed()).isTrue();
    peer.close();
    while (transport.connections() > 0) {
      Thread.onSpinWait();
    }
    try (ScriptedServer other = new ScriptedServer()) {
      AsyncCall<?> next = echo(client().with(CallOptions.DEFAULT.withEndpoint(other.endpoint())));
      Peer there = other.accept();
      there.answer(there.request(), HELLO);
      next.join();

      assertThat(transport.endpoints()).isEqualTo(1);
    }
  }

  @Test
  void anOldConnectionIsReplacedAndDrained() throws Exception {
    use(USUAL.withMaxAge(Duration.ofSeconds(2)));
    AsyncCall<?> call = echo();
    Peer old = server.accept();
    int one = old.request();
    while (transport.taking() > 0) {
      Thread.onSpinWait();
    }
    AsyncCall<?> next = echo();
    Peer other = server.accept();
    other.answer(other.request(), HELLO);
    old.answer(one, HELLO);

    assertThat(next.join()).isEqualTo(HELLO);
    assertThat(call.join()).isEqualTo(HELLO);
    assertThat(old.isClosed()).isTrue();
  }

  @Test
  void stoppingEndsRunningCallsAndTakesNoMore() throws Exception {
    AsyncCall<?> call = echo();
    Peer peer = server.accept();
    peer.request();

    transport.stop();

    RpcException stopped = failure(call);
    assertThat(stopped.kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(stopped).hasMessageContaining("stopped");
    assertThat(failure(echo()).mayHaveExecuted()).isFalse();
    assertThat(peer.isClosed()).isTrue();
  }

  // ---- a hostile server

  @Test
  void aListOfHeadersAboveTheLimitFailsTheCall() throws Exception {
    AsyncCall<?> call = echo();
    Peer peer = server.accept();
    int stream = peer.request();
    peer.headers(
        stream,
        false,
        ":status",
        "200",
        "content-type",
        "application/grpc",
        "x",
        "y".repeat(9_000));

    assertThat(failure(call).mayHaveExecuted()).isTrue();
  }

  @Test
  void aFloodOfPingsClosesTheConnection() throws Exception {
    AsyncCall<?> call = echo();
    Peer peer = server.accept();
    peer.request();
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 1_000_000; i++) {
                peer.write(ScriptedServer.PING, 0, 0, new byte[8]);
              }
            })
        .isInstanceOf(IOException.class);

    assertThat(failure(call).mayHaveExecuted()).isTrue();
  }

  @Test
  void aFloodOfResetsClosesTheConnection() throws Exception {
    AsyncCall<?> call = echo();
    Peer peer = server.accept();
    int stream = peer.request();
    peer.reset(stream, Http2Error.CANCEL);
    failure(call);

    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 1_000_000; i++) {
                peer.reset(stream, Http2Error.CANCEL);
              }
            })
        .isInstanceOf(IOException.class);
  }

  @Test
  void manyResetsOfOneEachAreNoFlood() throws Exception {
    Peer peer = null;
    for (int i = 0; i < 400; i++) {
      AsyncCall<?> call = echo();
      peer = peer == null ? server.accept() : peer;
      peer.reset(peer.request(), Http2Error.CANCEL);
      assertThat(failure(call).kind()).isEqualTo(Kind.CANCELLED);
    }

    assertThat(transport.connections()).isEqualTo(1);
  }

  @Test
  void moreMetaInfoThanAllowedFailsTheCall() throws Exception {
    AsyncCall<?> call = echo();
    Peer peer = server.accept();
    int stream = peer.request();
    String[] headers = new String[2 * 140 + 4];
    headers[0] = ":status";
    headers[1] = "200";
    headers[2] = "content-type";
    headers[3] = "application/grpc";
    for (int i = 0; i < 140; i++) {
      headers[4 + 2 * i] = "rpc-backward-k" + i;
      headers[5 + 2 * i] = "v";
    }
    peer.headers(stream, false, headers);
    peer.message(stream, HELLO);
    peer.end(stream, 0);

    assertThat(failure(call).kind()).isEqualTo(Kind.PROTOCOL);
  }

  // ---- streams

  @Test
  void headersGoOutThoughTheWindowIsShutAndTheMessageFollowsWhenItOpens() throws Exception {
    AsyncCall<?> call = echo();
    Peer peer = server.accept(ScriptedServer.INITIAL_WINDOW_SIZE, 0);
    int stream = peer.next(ScriptedServer.HEADERS).stream();
    peer.windowUpdate(stream, 1_000);
    Frame data = peer.next(ScriptedServer.DATA);
    peer.answer(stream, HELLO);

    assertThat(call.join()).isEqualTo(HELLO);
    assertThat(data.ends()).isTrue();
  }

  @Test
  void aCallIsResetThoughItsMessageNeverWentOut() throws Exception {
    AsyncCall<?> call = echo(client(HURRIED));
    Peer peer = server.accept(ScriptedServer.INITIAL_WINDOW_SIZE, 0);
    int stream = peer.next(ScriptedServer.HEADERS).stream();

    assertThat(failure(call).kind()).isEqualTo(Kind.DEADLINE_EXCEEDED);
    assertThat(peer.next(ScriptedServer.RST_STREAM).stream()).isEqualTo(stream);
  }

  @Test
  void sendBlocksWhileTheWindowIsShutUntilTheDeadline() throws Exception {
    StringValue large = StringValue.of("x".repeat(60_000));
    AsyncCall<@Nullable Object> sending =
        Services.callAsync(() -> {
          try (Duplex<StringValue, StringValue> stream =
              open(client(HURRIED), CHAT, Duplex.NO_REQUEST)) {
            for (int i = 0; i < 3; i++) {
              stream.sink().send(large);
            }
            return null;
          }
        });
    Peer peer = server.accept(ScriptedServer.INITIAL_WINDOW_SIZE, 0);
    peer.next(ScriptedServer.HEADERS);

    RpcException late = failure(sending);

    assertThat(late.kind()).isEqualTo(Kind.DEADLINE_EXCEEDED);
    assertThat(late).hasMessageContaining("waiting for the peer to take what was sent");
    assertThat(peer.next(ScriptedServer.RST_STREAM).number()).isEqualTo(Http2Error.CANCEL.code());
    assertThat(transport.calls()).isZero();
  }

  @Test
  void sendGoesOnWhenTheWindowOpens() throws Exception {
    StringValue large = StringValue.of("x".repeat(50_000));
    AsyncCall<@Nullable Object> sending =
        Services.callAsync(() -> {
          try (Duplex<StringValue, StringValue> stream = open(client(), JOIN, Duplex.NO_REQUEST)) {
            for (int i = 0; i < 10; i++) {
              stream.sink().send(large);
            }
            stream.sink().complete();
            return stream.source().receive();
          }
        });
    Peer peer = server.accept();
    int stream = peer.next(ScriptedServer.HEADERS).stream();
    int bytes = 0;
    for (Frame frame = peer.next(ScriptedServer.DATA); !frame.ends(); ) {
      bytes += frame.payload().length;
      peer.windowUpdate(0, Math.max(1, frame.payload().length));
      peer.windowUpdate(stream, Math.max(1, frame.payload().length));
      frame = peer.next(ScriptedServer.DATA);
      bytes += frame.ends() ? frame.payload().length : 0;
    }
    peer.answer(stream, HELLO);

    assertThat(sending.join()).isEqualTo(HELLO);
    assertThat(bytes).isEqualTo(10 * (5 + large.getSerializedSize()));
  }

  @Test
  void aStreamWithoutADeadlineFailsWhenNothingHappens() throws Exception {
    use(USUAL.withProgress(Duration.ofSeconds(2)));
    AsyncCall<@Nullable Object> reading =
        Services.callAsync(() -> {
          try (Duplex<StringValue, StringValue> stream = open(client(), COUNT, HELLO)) {
            return stream.source().receive();
          }
        });
    Peer peer = server.accept();
    int stream = peer.request();

    RpcException late = failure(reading);

    assertThat(late.kind()).isEqualTo(Kind.DEADLINE_EXCEEDED);
    assertThat(late).hasMessageContaining("nothing happened for 2000 ms");
    assertThat(peer.next(ScriptedServer.RST_STREAM).stream()).isEqualTo(stream);
  }

  @Test
  void interruptionResetsTheStreamOfAReader() throws Exception {
    AsyncCall<@Nullable Object> reading =
        Services.callAsync(() -> {
          try (Duplex<StringValue, StringValue> stream = open(client(), COUNT, HELLO)) {
            return stream.source().receive();
          }
        });
    Peer peer = server.accept();
    int stream = peer.request();

    reading.cancel();

    assertThat(peer.next(ScriptedServer.RST_STREAM).stream()).isEqualTo(stream);
    assertThatThrownBy(reading::join).isInstanceOf(CancellationException.class);
    assertThat(transport.calls()).isZero();
  }

  @Test
  void leavingTheTryBlockEndsTheCallAndItsHooksRunOnce() throws Exception {
    LinkedBlockingQueue<String> ended = new LinkedBlockingQueue<>();
    RpcClient client =
        RpcClient.builder("callee")
            .layer(inner ->
                (context, request) -> {
                  context.onEnd(failure -> ended.add(String.valueOf(failure)));
                  return inner.call(context, request);
                })
            .transport(transport);
    AsyncCall<@Nullable Object> reading =
        Services.callAsync(() -> {
          try (Duplex<StringValue, StringValue> stream = open(client, COUNT, HELLO)) {
            StringValue first = stream.source().receive();
            assertThat(ended).isEmpty();
            return first;
          }
        });
    Peer peer = server.accept();
    int stream = peer.request();
    peer.head(stream);
    peer.message(stream, HELLO);
    peer.message(stream, HELLO);

    assertThat(reading.join()).isEqualTo(HELLO);
    assertThat(peer.next(ScriptedServer.RST_STREAM).number()).isEqualTo(Http2Error.CANCEL.code());
    assertThat(ended).containsExactly("null");
    assertThat(transport.calls()).isZero();
  }

  @Test
  void aStreamsEndIsItsStatusAfterTheMessagesThatCame() throws Exception {
    AsyncCall<@Nullable Object> reading =
        Services.callAsync(() -> {
          try (Duplex<StringValue, StringValue> stream = open(client(), COUNT, HELLO)) {
            assertThat(stream.source().receive()).isEqualTo(HELLO);
            return stream.source().receive();
          }
        });
    Peer peer = server.accept();
    int stream = peer.request();
    peer.head(stream);
    peer.message(stream, HELLO);
    peer.end(stream, 10);

    assertThat(((GrpcStatusException) failure(reading)).code()).isEqualTo(GrpcCode.ABORTED);
  }

  @Test
  void aServerThatEndsACallTakesNoMoreMessages() throws Exception {
    LinkedBlockingQueue<String> said = new LinkedBlockingQueue<>();
    AsyncCall<@Nullable Object> chatting =
        Services.callAsync(() -> {
          try (Duplex<StringValue, StringValue> stream = open(client(), CHAT, Duplex.NO_REQUEST)) {
            assertThat(stream.source().receive()).isEqualTo(HELLO);
            assertThat(stream.source().receive()).isNull();
            said.add("ended");
            stream.sink().send(HELLO);
            return null;
          }
        });
    Peer peer = server.accept();
    int stream = peer.next(ScriptedServer.HEADERS).stream();
    peer.answer(stream, HELLO);

    assertThat(failure(chatting).kind()).isEqualTo(Kind.CANCELLED);
    assertThat(said.poll(10, TimeUnit.SECONDS)).isEqualTo("ended");
  }

  @Test
  void aServerStreamThatIsRefusedMovesOnce() throws Exception {
    AsyncCall<@Nullable Object> reading =
        Services.callAsync(() -> {
          try (Duplex<StringValue, StringValue> stream = open(client(), COUNT, HELLO)) {
            return stream.source().receive();
          }
        });
    Peer peer = server.accept();
    peer.reset(peer.request(), Http2Error.REFUSED_STREAM);
    int again = peer.request();
    peer.head(again);
    peer.message(again, HELLO);

    assertThat(reading.join()).isEqualTo(HELLO);
  }

  @Test
  void aStreamOfMessagesThatIsLostFailsBothEnds() throws Exception {
    AsyncCall<@Nullable Object> chatting =
        Services.callAsync(() -> {
          try (Duplex<StringValue, StringValue> stream = open(client(), CHAT, Duplex.NO_REQUEST)) {
            RpcException read = (RpcException) catchThrowable(() -> stream.source().receive());
            assertThat(read.kind()).isEqualTo(Kind.UNAVAILABLE);
            stream.sink().send(HELLO);
            return null;
          }
        });
    Peer peer = server.accept();
    peer.next(ScriptedServer.HEADERS);
    peer.close();

    assertThat(failure(chatting)).isNotNull();
    assertThat(transport.calls()).isZero();
  }

  // ---- where it must not be called

  @ParameterizedTest
  @EnumSource(
      value = MethodDescriptor.Kind.class,
      names = {"UNARY", "BIDI_STREAM"})
  void callingOnAnEventLoopFailsAtOnce(MethodDescriptor.Kind kind) throws Exception {
    ProtobufMethod<StringValue, StringValue> method =
        kind == MethodDescriptor.Kind.UNARY ? ECHO : CHAT;

    Throwable thrown =
        Loops.shared()
            .group()
            .submit(() -> catchThrowable(() -> client().call(method, HELLO)))
            .get(20, TimeUnit.SECONDS);

    assertThat(thrown)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("called on event loop volare-")
        .hasMessageContaining("call from a virtual thread");
    assertThat(transport.calls()).isZero();
    assertThat(transport.connections()).isZero();
  }
}
