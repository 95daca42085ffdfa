package io.volare.interop;

import com.google.protobuf.ByteString;
import io.volare.interop.testing.BoolValue;
import io.volare.interop.testing.EchoStatus;
import io.volare.interop.testing.Empty;
import io.volare.interop.testing.Payload;
import io.volare.interop.testing.ResponseParameters;
import io.volare.interop.testing.SimpleRequest;
import io.volare.interop.testing.SimpleResponse;
import io.volare.interop.testing.StreamingInputCallRequest;
import io.volare.interop.testing.StreamingInputCallResponse;
import io.volare.interop.testing.StreamingOutputCallRequest;
import io.volare.interop.testing.StreamingOutputCallResponse;
import io.volare.interop.testing.TestServiceClient;
import io.volare.interop.testing.TestServiceMethods;
import io.volare.interop.testing.UnimplementedServiceClient;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.CallOptions;
import io.volare.rpc.Duplex;
import io.volare.rpc.Endpoint;
import io.volare.rpc.RequestStream;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcException;
import io.volare.rpc.Source;
import io.volare.transport.grpc.Compression;
import io.volare.transport.grpc.GrpcCallOptions;
import io.volare.transport.grpc.GrpcClient;
import io.volare.transport.grpc.GrpcClientConfig;
import io.volare.transport.netty.TlsClientConfig;
import io.volare.transport.grpc.GrpcCode;
import io.volare.transport.grpc.GrpcMetadata;
import io.volare.transport.grpc.GrpcResponse;
import io.volare.transport.grpc.GrpcSink;
import io.volare.transport.grpc.GrpcStatusException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the interop specification asks of a client, by the names of its cases. Each throws when it
 * fails.
 */
final class GrpcCases implements AutoCloseable {
  static final String INITIAL = "x-grpc-test-echo-initial";
  static final String TRAILING = "x-grpc-test-echo-trailing-bin";

  private static final String SPECIAL =
      "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \ud83d\ude08\t\n";
  private static final CallOptions OPTIONS =
      CallOptions.DEFAULT.withTimeout(Duration.ofSeconds(20));

  private final GrpcPeerOptions options;
  private final GrpcClient transport;
  private final RpcClient rpc;
  private final TestServiceClient calls;

  GrpcCases(GrpcPeerOptions options) {
    this.options = options;
    GrpcClient plain = GrpcClient.to(Endpoint.tcp(options.host(), options.port()), config());
    TlsClientConfig tls = options.clientTls();
    transport = tls == null ? plain : plain.with(tls);
    rpc = RpcClient.builder("grpc.testing").options(OPTIONS).transport(transport);
    calls = TestServiceClient.of(rpc);
  }

  private static GrpcClientConfig config() {
    return GrpcClientConfig.DEFAULT
        .withMessageBytes(GrpcPeer.MESSAGE_BYTES)
        .withConnectTimeout(Duration.ofSeconds(10));
  }

  @Override
  public void close() {
    transport.stop();
  }

  void run(String name) throws Exception {
    switch (name) {
      case "empty_unary" ->
          same(calls.emptyCall(Empty.getDefaultInstance()), Empty.getDefaultInstance());
      case "large_unary" -> zeros(calls.unaryCall(large().build()));
      case "client_compressed_unary" -> {
        SimpleRequest lie = large().setExpectCompressed(is(true)).build();
        fails(GrpcCode.INVALID_ARGUMENT, () -> calls.unaryCall(lie));
        clientCompressedUnary();
      }
      case "client_compressed_unary_noprobe" -> clientCompressedUnary();
      case "server_compressed_unary" -> serverCompressedUnary();
      case "client_streaming" -> clientStreaming();
      case "client_compressed_streaming" -> {
        fails(GrpcCode.INVALID_ARGUMENT, this::lieInStream);
        clientCompressedStreaming();
      }
      case "client_compressed_streaming_noprobe" -> clientCompressedStreaming();
      case "server_streaming" -> serverStreaming();
      case "server_compressed_streaming" -> serverCompressedStreaming();
      case "ping_pong" -> pingPong();
      case "empty_stream" -> emptyStream();
      case "custom_metadata" -> customMetadata();
      case "status_code_and_message" -> statusCodeAndMessage();
      case "special_status_message" -> {
        SimpleRequest asking =
            SimpleRequest.newBuilder().setResponseStatus(status(SPECIAL)).build();
        same(fails(GrpcCode.UNKNOWN, () -> calls.unaryCall(asking)).description(), SPECIAL);
      }
      case "unimplemented_method" ->
          fails(GrpcCode.UNIMPLEMENTED, () -> calls.unimplementedCall(Empty.getDefaultInstance()));
      case "unimplemented_service" ->
          fails(
              GrpcCode.UNIMPLEMENTED,
              () ->
                  UnimplementedServiceClient.of(rpc).unimplementedCall(Empty.getDefaultInstance()));
      case "cancel_after_begin" -> cancelAfterBegin();
      case "cancel_after_first_response" -> cancelAfterFirstResponse();
      case "timeout_on_sleeping_server" -> timeoutOnSleepingServer();
      case "very_large_request" -> {
        SimpleRequest request =
            SimpleRequest.newBuilder().setPayload(payload(10 << 20)).setResponseSize(10).build();
        same(calls.unaryCall(request).getPayload(), payload(10));
      }
      case "pick_first_unary" -> pickFirstUnary();
      case "rpc_soak" -> soak(unused -> zeros(calls.unaryCall(large().build())));
      case "channel_soak" ->
          soak(unused -> {
            try (GrpcCases own = new GrpcCases(options)) {
              own.run("large_unary");
            }
          });
      default -> throw new IllegalArgumentException("case: " + name + " (expected: a case)");
    }
  }

  private void clientCompressedUnary() throws InterruptedException {
    SimpleRequest compressed = large().setExpectCompressed(is(true)).build();
    zeros(calls.with(gzip(OPTIONS)).unaryCall(compressed));
    zeros(calls.unaryCall(large().setExpectCompressed(is(false)).build()));
  }

  private void serverCompressedUnary() throws InterruptedException {
    for (boolean compressed : new boolean[] {true, false}) {
      GrpcResponse response = GrpcResponse.create();
      zeros(
          calls
              .with(response.in(OPTIONS))
              .unaryCall(large().setResponseCompressed(is(compressed)).build()));
      same(response.wasCompressed(), compressed);
    }
  }

  private void clientStreaming() throws InterruptedException {
    try (RequestStream<StreamingInputCallRequest, StreamingInputCallResponse> call =
        calls.streamingInputCall()) {
      for (int size : new int[] {27182, 8, 1828, 45904}) {
        call.send(StreamingInputCallRequest.newBuilder().setPayload(payload(size)).build());
      }
      same(call.finish().getAggregatedPayloadSize(), 74922);
    }
  }

  /** Says compressed of a message that is not: the server answers before the stream has ended. */
  private Object lieInStream() throws Exception {
    try (Duplex<StreamingInputCallResponse, StreamingInputCallRequest> call = input(OPTIONS)) {
      call.sink().send(compressible(true, 27182));
      return Objects.requireNonNull(call.source().receive());
    }
  }

  private void clientCompressedStreaming() throws Exception {
    try (Duplex<StreamingInputCallResponse, StreamingInputCallRequest> call =
        input(gzip(OPTIONS))) {
      GrpcSink<StreamingInputCallRequest> sink = (GrpcSink<StreamingInputCallRequest>) call.sink();
      sink.send(compressible(true, 27182));
      sink.compress(false);
      sink.send(compressible(false, 45904));
      sink.complete();
      StreamingInputCallResponse response = Objects.requireNonNull(call.source().receive());
      same(response.getAggregatedPayloadSize(), 73086);
    }
  }

  @SuppressWarnings("unchecked") // the method's types
  private Duplex<StreamingInputCallResponse, StreamingInputCallRequest> input(CallOptions options)
      throws Exception {
    return (Duplex<StreamingInputCallResponse, StreamingInputCallRequest>)
        Objects.requireNonNull(
            rpc.with(options).call(TestServiceMethods.STREAMING_INPUT_CALL, Duplex.NO_REQUEST));
  }

  private static StreamingInputCallRequest compressible(boolean compressed, int size) {
    return StreamingInputCallRequest.newBuilder()
        .setExpectCompressed(is(compressed))
        .setPayload(payload(size))
        .build();
  }

  private void serverStreaming() throws InterruptedException {
    StreamingOutputCallRequest request = asking(31415, 9, 2653, 58979).build();
    try (Source<StreamingOutputCallResponse> call = calls.streamingOutputCall(request)) {
      List<Payload> received = new ArrayList<>();
      for (StreamingOutputCallResponse response : call) {
        received.add(response.getPayload());
      }
      same(received, Stream.of(31415, 9, 2653, 58979).map(GrpcCases::payload).toList());
    }
  }

  private void serverCompressedStreaming() throws InterruptedException {
    StreamingOutputCallRequest request =
        StreamingOutputCallRequest.newBuilder()
            .addResponseParameters(
                ResponseParameters.newBuilder().setSize(31415).setCompressed(is(true)))
            .addResponseParameters(
                ResponseParameters.newBuilder().setSize(92653).setCompressed(is(false)))
            .build();
    GrpcResponse response = GrpcResponse.create();
    try (Source<StreamingOutputCallResponse> call =
        calls.with(response.in(OPTIONS)).streamingOutputCall(request)) {
      same(next(call), payload(31415));
      same(response.wasCompressed(), true);
      same(next(call), payload(92653));
      same(response.wasCompressed(), false);
      check(call.receive() == null, "a third response");
    }
  }

  private void pingPong() throws InterruptedException {
    int[][] turns = {{31415, 27182}, {9, 8}, {2653, 1828}, {58979, 45904}};
    try (Duplex<StreamingOutputCallResponse, StreamingOutputCallRequest> call =
        calls.fullDuplexCall()) {
      for (int[] turn : turns) {
        call.sink().send(asking(turn[0]).setPayload(payload(turn[1])).build());
        same(next(call.source()), payload(turn[0]));
      }
      call.sink().complete();
      check(call.source().receive() == null, "a response after the last");
    }
  }

  private void emptyStream() throws InterruptedException {
    try (Duplex<StreamingOutputCallResponse, StreamingOutputCallRequest> call =
        calls.fullDuplexCall()) {
      call.sink().complete();
      check(call.source().receive() == null, "a response to nothing");
    }
  }

  private void customMetadata() throws InterruptedException {
    byte[] bytes = {0xa, 0xb, 0xa, 0xb, 0xa, 0xb};
    GrpcMetadata sent =
        GrpcMetadata.create().add(INITIAL, "test_initial_metadata_value").add(TRAILING, bytes);
    GrpcResponse unary = GrpcResponse.create();
    zeros(calls.with(unary.in(sent.in(OPTIONS))).unaryCall(large().build()));
    echoed(unary, bytes);

    GrpcResponse stream = GrpcResponse.create();
    try (Duplex<StreamingOutputCallResponse, StreamingOutputCallRequest> call =
        calls.with(stream.in(sent.in(OPTIONS))).fullDuplexCall()) {
      call.sink().send(asking(314159).setPayload(payload(271828)).build());
      call.sink().complete();
      same(next(call.source()), payload(314159));
      check(call.source().receive() == null, "a second response");
    }
    echoed(stream, bytes);
  }

  private static void echoed(GrpcResponse response, byte[] bytes) {
    same(response.headers().text(INITIAL), "test_initial_metadata_value");
    check(
        Arrays.equals(response.trailers().bytes(TRAILING), bytes),
        "trailing metadata: " + response.trailers());
  }

  private void statusCodeAndMessage() throws Exception {
    EchoStatus status = status("test status message");
    SimpleRequest unary = SimpleRequest.newBuilder().setResponseStatus(status).build();
    same(
        fails(GrpcCode.UNKNOWN, () -> calls.unaryCall(unary)).description(), "test status message");
    GrpcStatusException streamed =
        fails(
            GrpcCode.UNKNOWN,
            () -> {
              try (Duplex<StreamingOutputCallResponse, StreamingOutputCallRequest> call =
                  calls.fullDuplexCall()) {
                call.sink()
                    .send(
                        StreamingOutputCallRequest.newBuilder().setResponseStatus(status).build());
                call.sink().complete();
                return next(call.source());
              }
            });
    same(streamed.description(), "test status message");
  }

  /** The stream is cancelled before anything was sent; the connection works on. */
  private void cancelAfterBegin() throws Exception {
    try (Duplex<StreamingInputCallResponse, StreamingInputCallRequest> call = input(OPTIONS)) {
      interrupted(() -> call.source().receive());
    }
    zeros(calls.unaryCall(large().build()));
  }

  private void cancelAfterFirstResponse() throws Exception {
    try (Duplex<StreamingOutputCallResponse, StreamingOutputCallRequest> call =
        calls.fullDuplexCall()) {
      call.sink().send(asking(31415).setPayload(payload(27182)).build());
      same(next(call.source()), payload(31415));
      interrupted(() -> call.source().receive());
    }
    zeros(calls.unaryCall(large().build()));
  }

  /** Cancellation is interruption: the thread that waits hears it, and the stream has failed. */
  private static void interrupted(Callable<@Nullable Object> receive) throws Exception {
    Thread.currentThread().interrupt();
    try {
      throw new AssertionError("expected an interrupted call, got " + receive.call());
    } catch (InterruptedException expected) {
      check(!Thread.interrupted(), "interrupted once more");
    }
    failsLocally(Kind.CANCELLED, receive);
  }

  /** This side ended the call itself, so there is no status of the server's. */
  private static void failsLocally(Kind kind, Callable<@Nullable Object> call) throws Exception {
    try {
      throw new AssertionError("expected " + kind + ", got " + shown(call.call()));
    } catch (RpcException failure) {
      same(failure.kind(), kind);
    }
  }

  private void timeoutOnSleepingServer() throws Exception {
    TestServiceClient hasty = calls.with(OPTIONS.withTimeout(Duration.ofMillis(1)));
    failsLocally(
        Kind.DEADLINE_EXCEEDED,
        () -> {
          try (Duplex<StreamingOutputCallResponse, StreamingOutputCallRequest> call =
              hasty.fullDuplexCall()) {
            call.sink()
                .send(StreamingOutputCallRequest.newBuilder().setPayload(payload(27182)).build());
            return call.source().receive();
          }
        });
  }

  private void pickFirstUnary() throws InterruptedException {
    SimpleRequest request =
        SimpleRequest.newBuilder()
            .setResponseSize(1)
            .setPayload(payload(1))
            .setFillServerId(true)
            .build();
    Set<String> names = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      names.add(calls.unaryCall(request).getServerId());
    }
    check(names.size() == 1 && !names.contains(""), "answers of servers " + names);
  }

  private interface Call {
    void run(int number) throws Exception;
  }

  private void soak(Call call) throws InterruptedException, ExecutionException {
    try (ExecutorService threads = Executors.newFixedThreadPool(options.soakThreads())) {
      List<Future<?>> running =
          IntStream.range(0, options.soakThreads())
              .<Future<?>>mapToObj(thread ->
                  threads.submit(() -> {
                    for (int i = thread; i < options.soakCalls(); i += options.soakThreads()) {
                      call.run(i);
                    }
                    return null;
                  }))
              .toList();
      for (Future<?> each : running) {
        each.get();
      }
    }
  }

  private static SimpleRequest.Builder large() {
    return SimpleRequest.newBuilder().setResponseSize(314159).setPayload(payload(271828));
  }

  private static StreamingOutputCallRequest.Builder asking(int... sizes) {
    StreamingOutputCallRequest.Builder request = StreamingOutputCallRequest.newBuilder();
    for (int size : sizes) {
      request.addResponseParameters(ResponseParameters.newBuilder().setSize(size));
    }
    return request;
  }

  private static CallOptions gzip(CallOptions options) {
    return new GrpcCallOptions(false, Compression.GZIP).in(options);
  }

  private static Payload payload(int size) {
    return Payload.newBuilder().setBody(ByteString.copyFrom(new byte[size])).build();
  }

  private static BoolValue is(boolean value) {
    return BoolValue.newBuilder().setValue(value).build();
  }

  private static EchoStatus status(String message) {
    return EchoStatus.newBuilder().setCode(GrpcCode.UNKNOWN.number()).setMessage(message).build();
  }

  private static Payload next(Source<StreamingOutputCallResponse> source)
      throws InterruptedException {
    StreamingOutputCallResponse response = source.receive();
    if (response == null) {
      throw new AssertionError("expected a response, got the end");
    }
    return response.getPayload();
  }

  private static void zeros(SimpleResponse response) {
    same(response.getPayload(), payload(314159));
  }

  private static GrpcStatusException fails(GrpcCode code, Callable<Object> call) throws Exception {
    try {
      throw new AssertionError("expected " + code + ", got " + shown(call.call()));
    } catch (GrpcStatusException failure) {
      same(failure.code(), code);
      return failure;
    }
  }

  private static void same(@Nullable Object actual, Object expected) {
    if (!expected.equals(actual)) { // the text of a large message costs more than its call
      throw new AssertionError("expected " + shown(expected) + ", got " + shown(actual));
    }
  }

  private static String shown(@Nullable Object value) {
    String text = String.valueOf(value);
    return text.length() < 100 ? text : text.substring(0, 100) + " …";
  }

  private static void check(boolean good, String otherwise) {
    if (!good) {
      throw new AssertionError(otherwise);
    }
  }
}
