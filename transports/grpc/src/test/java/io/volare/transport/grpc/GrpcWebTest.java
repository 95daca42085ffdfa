package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.BytesValue;
import com.google.protobuf.StringValue;
import io.volare.metainfo.MetaInfo;
import io.volare.motore.AsyncCall;
import io.volare.motore.Services;
import io.volare.rpc.Address;
import io.volare.rpc.RpcContext;
import io.volare.rpc.Sink;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** gRPC-Web over HTTP/1.1, byte by byte. */
@Timeout(60)
class GrpcWebTest {
  private static final String PAGE = "https://app.example";

  private final LinkedBlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final AtomicInteger sent = new AtomicInteger();
  private final AtomicInteger waiting = new AtomicInteger();
  private GrpcServer server;
  private Http1Peer peer;

  @BeforeEach
  void start() throws Exception {
    server = server(GrpcServerConfig.DEFAULT.withMessageBytes(1024 * 1024));
    peer = new Http1Peer(server.endpoint());
  }

  private GrpcServer server(GrpcServerConfig config) {
    GrpcServer made =
        GrpcServer.builder(Address.tcp("127.0.0.1", 0))
            .service(EchoService.binding(this::answer))
            .web(GrpcWebConfig.DEFAULT.withOrigins(PAGE))
            .config(config)
            .build();
    made.start();
    return made;
  }

  @AfterEach
  void stop() throws Exception {
    peer.close();
    server.stop();
  }

  private @Nullable Object answer(RpcContext context, Object request) throws Exception {
    if (context.method().name().equals("Both")) {
      return large(EchoService.streams(request).sink());
    }
    if (!(request instanceof StringValue text)) {
      return EchoService.answer(context, request);
    }
    return switch (text.getValue()) {
      case "fail" ->
          throw GrpcStatusException.of(GrpcCode.NOT_FOUND, "kein Müll: 100 %")
              .withDetail(StringValue.of("the detail"));
      case "metainfo" -> {
        GrpcMetadata.headers(context).add("x-answer", "42");
        GrpcMetadata.trailers(context).add("x-trailer", "43");
        MetaInfo.current().setBackward("BY", "the handler");
        yield StringValue.of(
            "%s %s %s %s"
                .formatted(
                    context.caller(),
                    MetaInfo.current().persistent("TENANT"),
                    context.deadline().isFinite(),
                    GrpcMetadata.request(context).text("x-grpc-web")));
      }
      case "wait" -> {
        waiting.incrementAndGet();
        events.add("started");
        try {
          Thread.sleep(60_000);
          yield text;
        } catch (InterruptedException stopped) {
          events.add("interrupted");
          throw stopped;
        } finally {
          waiting.decrementAndGet();
        }
      }
      default -> text;
    };
  }

  /** Twenty-five megabytes and more, whoever reads them. */
  private @Nullable Object large(Sink<StringValue> sink) throws InterruptedException {
    StringValue piece = StringValue.of("z".repeat(64 * 1024));
    for (int i = 0; i < 400; i++) {
      sink.send(piece);
      sent.incrementAndGet();
    }
    return null;
  }

  private static byte[] message(String text) {
    return Http1Peer.framed(StringValue.of(text).toByteArray());
  }

  private static String text(byte[] message) throws Exception {
    return StringValue.parseFrom(message).getValue();
  }

  private String nextEvent() throws InterruptedException {
    return Objects.requireNonNullElse(events.poll(10, TimeUnit.SECONDS), "nothing");
  }

  // ---- what a call is

  @Test
  void answersACallWithItsTrailersInTheBody() throws Exception {
    peer.call("Unary", message("hello"));

    Http1Peer.Response response = peer.read();
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.headers())
        .containsEntry("content-type", "application/grpc-web+proto")
        .containsEntry("transfer-encoding", "chunked");
    assertThat(response.messages()).hasSize(2);
    assertThat(text(response.messages().getFirst())).isEqualTo("hello");
    assertThat(response.trailers()).isEqualTo("grpc-status: 0\r\n");
  }

  @Test
  void answersBase64WithBase64() throws Exception {
    peer.call(
        "Unary", Http1Peer.base64(message("hello")), "Content-Type: application/grpc-web-text");

    Http1Peer.Response response = peer.read();
    assertThat(response.headers()).containsEntry("content-type", "application/grpc-web-text+proto");
    byte[] plain = Base64.getMimeDecoder().decode(chunkwise(response.body()));
    Http1Peer.Response decoded = new Http1Peer.Response(200, response.headers(), plain);
    assertThat(text(decoded.messages().getFirst())).isEqualTo("hello");
    assertThat(decoded.trailers()).isEqualTo("grpc-status: 0\r\n");
  }

  /** Pieces that are padded each, as one. */
  private static byte[] chunkwise(byte[] text) {
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    for (int at = 0; at < text.length; at += 4) {
      plain.writeBytes(Base64.getDecoder().decode(Arrays.copyOfRange(text, at, at + 4)));
    }
    return Base64.getEncoder().encode(plain.toByteArray());
  }

  @Test
  void acceptDecidesHowTheResponseIsWritten() throws Exception {
    peer.call("Unary", message("hello"), "Accept: application/grpc-web-text");

    assertThat(peer.read().headers())
        .containsEntry("content-type", "application/grpc-web-text+proto");

    peer.call(
        "Unary",
        Http1Peer.base64(message("hello")),
        "Content-Type: application/grpc-web-text+proto",
        "Accept: application/grpc-web+proto");

    assertThat(peer.read().trailers()).isEqualTo("grpc-status: 0\r\n");
  }

  @Test
  void streamsWhatAServerStreams() throws Exception {
    peer.call("Down", Http1Peer.base64(message("3")), "Content-Type: application/grpc-web-text");

    Http1Peer.Response head = peer.head();
    assertThat(head.status()).isEqualTo(200);
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    for (byte[] chunk = peer.chunk(); chunk.length > 0; chunk = peer.chunk()) {
      assertThat(chunk.length % 4).isZero(); // each can be read alone
      plain.writeBytes(Base64.getDecoder().decode(chunkwise(chunk)));
    }
    Http1Peer.Response all = new Http1Peer.Response(200, head.headers(), plain.toByteArray());
    assertThat(all.messages()).hasSize(4);
    assertThat(text(all.messages().get(2))).isEqualTo("3");
    assertThat(all.trailers()).isEqualTo("grpc-status: 0\r\n");
  }

  @Test
  void tellsHowACallFailed() throws Exception {
    peer.call("Unary", message("fail"));

    String trailers = peer.read().trailers();
    assertThat(trailers)
        .contains("grpc-status: 5\r\n")
        .contains("grpc-message: kein M%C3%BCll: 100 %25\r\n")
        .contains("grpc-status-details-bin: ");
  }

  @Test
  void aHandlerSeesNoDifference() throws Exception {
    peer.call(
        "Unary",
        message("metainfo"),
        "X-Grpc-Web: 1",
        "Source-Service: page",
        "rpc-persist-tenant: blue",
        "grpc-timeout: 5S");

    Http1Peer.Response response = peer.read();
    assertThat(text(response.messages().getFirst())).isEqualTo("page blue true null");
    assertThat(response.headers())
        .containsEntry("x-answer", "42")
        .containsEntry("rpc-backward-by", "the handler");
    assertThat(response.trailers()).isEqualTo("grpc-status: 0\r\nx-trailer: 43\r\n");
  }

  @Test
  void whatIsNotOfferedDidNotRun() throws Exception {
    peer.call("Missing", message("x"));

    assertThat(peer.read().trailers())
        .contains("grpc-status: 12\r\n")
        .contains("volare-executed: 0\r\n");
  }

  @Test
  void aDeadlineEndsTheCallAndItsHandler() throws Exception {
    peer.call("Unary", message("wait"), "grpc-timeout: 200m");

    assertThat(peer.read().trailers()).contains("grpc-status: 4\r\n");
    assertThat(nextEvent()).isEqualTo("started");
    assertThat(nextEvent()).isEqualTo("interrupted");
  }

  @Test
  void whoeverClosesTheConnectionCancelsTheCall() throws Exception {
    peer.call("Unary", message("wait"));
    assertThat(nextEvent()).isEqualTo("started");

    peer.close();

    assertThat(nextEvent()).isEqualTo("interrupted");
  }

  @Test
  void aMegabyteGoesBothWays() throws Exception {
    byte[] large = new byte[1024 * 1024 - 10];
    BytesValue value = BytesValue.of(ByteString.copyFrom(large));
    for (String type : new String[] {"application/grpc-web", "application/grpc-web-text"}) {
      byte[] body = Http1Peer.framed(value.toByteArray());
      boolean text = type.endsWith("text");
      peer.call("Bytes", text ? Http1Peer.base64(body) : body, "Content-Type: " + type);

      Http1Peer.Response response = peer.read();
      byte[] plain =
          text ? Base64.getDecoder().decode(chunkwise(response.body())) : response.body();
      byte[] first = new Http1Peer.Response(200, response.headers(), plain).messages().getFirst();
      assertThat(BytesValue.parseFrom(first)).isEqualTo(value);
    }
  }

  @Test
  void aChunkedRequestIsOneToo() throws Exception {
    byte[] body = message("in pieces");
    peer.text(
        "POST /test.Echo/Unary HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n"
            + "Content-Type: application/grpc-web\r\n\r\n");
    for (byte each : body) {
      peer.text("1\r\n");
      peer.bytes(new byte[] {each});
      peer.text("\r\n");
    }
    peer.text("0\r\n\r\n");

    assertThat(text(peer.read().messages().getFirst())).isEqualTo("in pieces");
  }

  @Test
  void continuesWhereItIsAsked() throws Exception {
    byte[] body = message("large, perhaps");
    peer.text(
        "POST /test.Echo/Unary HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: "
            + body.length
            + "\r\nContent-Type: application/grpc-web\r\n\r\n");

    assertThat(peer.head().status()).isEqualTo(100);
    peer.bytes(body);
    assertThat(text(peer.read().messages().getFirst())).isEqualTo("large, perhaps");
  }

  // ---- one connection, many calls

  @Test
  void aConnectionIsKeptForTheNextCall() throws Exception {
    for (int i = 0; i < 100; i++) {
      peer.call("Unary", message("call " + i));
      assertThat(text(peer.read().messages().getFirst())).isEqualTo("call " + i);
    }
    assertThat(server.connections()).isEqualTo(1);
  }

  @Test
  void callsThatDoNotWaitAreAnsweredInTheirOrder() throws Exception {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (int i = 0; i < 200; i++) {
      byte[] body = message(i % 3 == 0 ? "fail" : "call " + i);
      all.writeBytes(
          ("POST /test.Echo/"
                  + (i % 7 == 0 ? "Down" : "Unary")
                  + " HTTP/1.1\r\nHost: test\r\n"
                  + "Content-Type: application/grpc-web\r\nContent-Length: "
                  + (i % 7 == 0 ? message("2").length : body.length)
                  + "\r\n\r\n")
              .getBytes(StandardCharsets.US_ASCII));
      all.writeBytes(i % 7 == 0 ? message("2") : body);
    }
    peer.bytes(all.toByteArray());

    for (int i = 0; i < 200; i++) {
      Http1Peer.Response response = peer.read();
      if (i % 7 == 0) {
        assertThat(response.messages()).hasSize(3);
      } else if (i % 3 == 0) {
        assertThat(response.trailers()).contains("grpc-status: 5\r\n");
      } else {
        assertThat(text(response.messages().getFirst())).isEqualTo("call " + i);
      }
    }
  }

  @Test
  void closesWhereItIsAsked() throws Exception {
    peer.call("Unary", message("last"), "Connection: close");

    assertThat(peer.read().headers()).containsEntry("connection", "close");
    assertThat(peer.isClosed()).isTrue();
  }

  @Test
  void aRequestThatIsAnsweredEarlyIsReadToItsEnd() throws Exception {
    byte[] rest = new byte[32 * 1024];
    peer.call("Missing", rest);
    assertThat(peer.read().trailers()).contains("grpc-status: 12\r\n");

    peer.call("Unary", message("next"));
    assertThat(text(peer.read().messages().getFirst())).isEqualTo("next");
  }

  @Test
  void anEarlyAnswerIsNotLostWhenItIsTheLast() throws Exception {
    peer.call("Missing", new byte[60_000], "Connection: close");

    assertThat(peer.read().trailers()).contains("grpc-status: 12\r\n");
    assertThat(peer.isClosed()).isTrue();
  }

  @Test
  void drainingAnswersWhatRunsAndClosesTheConnection() throws Exception {
    peer.call("Unary", message("before"));
    peer.read();

    Thread draining = Thread.ofVirtual().start(() -> drain(server));

    assertThat(peer.isClosed()).isTrue();
    draining.join();
    assertThat(server.connections()).isZero();
  }

  private static void drain(GrpcServer server) {
    try {
      server.drain(Duration.ofSeconds(5));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  // ---- pages of other origins

  private static final String PREFLIGHT =
      """
      OPTIONS /test.Echo/Unary HTTP/1.1\r
      Host: test\r
      Origin: %s\r
      Access-Control-Request-Method: %s\r
      Access-Control-Request-Headers: content-type,x-grpc-web,authorization\r
      \r
      """;

  @Test
  void tellsABrowserWhatAPageThatIsAllowedMayDo() throws Exception {
    peer.text(PREFLIGHT.formatted(PAGE, "POST"));

    Http1Peer.Response response = peer.read();
    assertThat(response.status()).isEqualTo(204);
    assertThat(response.headers())
        .containsEntry("access-control-allow-origin", PAGE)
        .containsEntry("access-control-allow-methods", "POST")
        .containsEntry("access-control-allow-headers", "content-type,x-grpc-web,authorization")
        .containsEntry("access-control-max-age", "600")
        .containsEntry("vary", "origin")
        .doesNotContainKey("access-control-allow-credentials");

    peer.call("Unary", message("then"), "Origin: " + PAGE);
    assertThat(text(peer.read().messages().getFirst())).isEqualTo("then");
  }

  @Test
  void refusesPagesAndMethodsThatAreNotAllowed() throws Exception {
    peer.text(PREFLIGHT.formatted("https://evil.example", "POST"));
    Http1Peer.Response evil = peer.read();
    assertThat(evil.status()).isEqualTo(403);
    assertThat(evil.headers()).doesNotContainKey("access-control-allow-origin");

    peer.text(PREFLIGHT.formatted(PAGE, "DELETE"));
    assertThat(peer.read().status()).isEqualTo(403);
  }

  @Test
  void letsAPageReadTheHeadersOfItsResponse() throws Exception {
    peer.call("Unary", message("metainfo"), "Origin: " + PAGE);

    Http1Peer.Response response = peer.read();
    assertThat(response.headers()).containsEntry("access-control-allow-origin", PAGE);
    assertThat(response.headers().get("access-control-expose-headers"))
        .contains("grpc-status,grpc-message,grpc-status-details-bin")
        .endsWith(",x-answer,rpc-backward-by");
  }

  @Test
  void aPageThatIsNotAllowedMayReadNothing() throws Exception {
    peer.call("Unary", message("x"), "Origin: https://evil.example");

    assertThat(peer.read().headers()).doesNotContainKey("access-control-allow-origin");
  }

  @Test
  void settingsSayWhatIsWrongWithThem() {
    assertThatThrownBy(() -> GrpcWebConfig.DEFAULT.withOrigins("app.example"))
        .hasMessage("origin: app.example (expected: scheme://host, with :port if need be, or *)");
    assertThatThrownBy(() -> GrpcWebConfig.DEFAULT.withOrigins("*").withCredentials(true))
        .hasMessage("credentials: true with every origin allowed (expected: origins by name)");
  }

  @Test
  void aServerThatWasNotAskedDoesNotSpeakIt() throws Exception {
    GrpcProtocol plain =
        GrpcProtocol.builder().service(EchoService.binding(EchoService::answer)).build();

    assertThatThrownBy(plain::overHttp1)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("gRPC-Web is not offered: ask for it with web(…)");
  }

  // ---- what is refused

  private int statusOf(String request) throws Exception {
    try (Http1Peer other = new Http1Peer(server.endpoint())) {
      other.text(request);
      Http1Peer.Response response = other.read();
      assertThat(response.headers()).as(request).containsEntry("connection", "close");
      assertThat(other.isClosed()).isTrue();
      return response.status();
    }
  }

  private static final String HEAD =
      "POST /test.Echo/Unary HTTP/1.1\r\nHost: test\r\nContent-Type: application/grpc-web\r\n";

  @Test
  void refusesWhatTwoReadersMightReadDifferently() throws Exception {
    assertThat(statusOf(HEAD + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))
        .isEqualTo(400);
    assertThat(statusOf(HEAD + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"))
        .isEqualTo(400);
    assertThat(statusOf(HEAD + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n")).isEqualTo(400);
    assertThat(statusOf(HEAD + "Content-Length: 5, 5\r\n\r\n")).isEqualTo(400);
    assertThat(statusOf(HEAD + "Content-Length: +5\r\n\r\n")).isEqualTo(400);
    assertThat(statusOf(HEAD + "Content-Length : 5\r\n\r\n")).isEqualTo(400);
    assertThat(statusOf(HEAD + "Transfer-Encoding: gzip\r\n\r\n")).isEqualTo(400);
    assertThat(statusOf(HEAD + "Transfer-Encoding: chunked, gzip\r\n\r\n")).isEqualTo(400);
    assertThat(statusOf(HEAD + "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n"))
        .isEqualTo(400);
    assertThat(statusOf("POST / HTTP/1.1\nHost: test\n\n")).isEqualTo(400);
    assertThat(statusOf("POST / HTTP/1.1\r\n\r\n")).isEqualTo(400);
    assertThat(statusOf("POST / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")).isEqualTo(400);
  }

  @Test
  void refusesWhatIsNoCall() throws Exception {
    assertThat(statusOf("GET / HTTP/1.1\r\nHost: test\r\n\r\n")).isEqualTo(405);
    assertThat(statusOf("POST / HTTP/1.0\r\nHost: test\r\n\r\n")).isEqualTo(505);
    assertThat(
            statusOf(
                "POST / HTTP/1.1\r\nHost: test\r\nContent-Type: application/grpc\r\n"
                    + "Content-Length: 0\r\n\r\n"))
        .isEqualTo(415);
    assertThat(statusOf(HEAD + "Expect: a miracle\r\n\r\n")).isEqualTo(417);
  }

  @Test
  void whatIsNoGrpcWebIsAnsweredAsHttpHasIt() throws Exception {
    peer.text(
        "POST / HTTP/1.1\r\nHost: test\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n");

    Http1Peer.Response response = peer.read();
    assertThat(response.status()).isEqualTo(415);
    assertThat(response.text()).isEqualTo("gRPC calls are application/grpc");
  }

  @Test
  void refusesHeadsThatAreTooLarge() throws Exception {
    assertThat(statusOf(HEAD + "x: " + "y".repeat(9_000) + "\r\n\r\n")).isEqualTo(431);
    assertThat(statusOf("POST /" + "y".repeat(9_000) + " HTTP/1.1\r\n\r\n")).isEqualTo(414);
  }

  /** HTTP/2 counts 32 B for a header beside its name and its value. */
  @Test
  void refusesTooManyHeadersAsHttp2CountsThem() throws Exception {
    peer.text(HEAD + "a: b\r\n".repeat(300) + "Content-Length: 0\r\n\r\n");
    assertThat(peer.read().status()).isEqualTo(431);

    peer.call("Unary", message("next"));
    assertThat(text(peer.read().messages().getFirst())).isEqualTo("next");
  }

  @Test
  void aMessageThatIsTooLargeIsRefusedBeforeItIsHeld() throws Exception {
    byte[] claim = {0, 0x10, 0, 0, 0}; // 256 MiB
    peer.text(HEAD + "Content-Length: 268435461\r\n\r\n");
    peer.bytes(claim);

    assertThat(peer.read().trailers())
        .contains("grpc-status: 8\r\n")
        .contains("volare-executed: 0\r\n");
  }

  @Test
  void aRequestThatGoesOnAfterItsAnswerEndsTheConnection() throws Exception {
    peer.text(HEAD.replace("Unary", "Missing") + "Content-Length: 1000000\r\n\r\n");
    assertThat(peer.read().trailers()).contains("grpc-status: 12\r\n");

    long begun = System.nanoTime();
    try {
      peer.bytes(new byte[200_000]);
    } catch (IOException closed) {
      // that it may be closed before everything is written is the point
    }
    assertThat(peer.isClosed()).isTrue();
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
  }

  /** Whatever a client does in the middle of a call, nothing of it stays. */
  @Test
  void hundredsOfClientsComeAndGoAsTheyLike() throws Exception {
    List<AsyncCall<@Nullable Object>> clients = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      Random random = new Random(i);
      clients.add(
          Services.callAsync(() -> {
            for (int j = 0; j < 30; j++) {
              comeAndGo(random);
            }
            return null;
          }));
    }
    for (AsyncCall<@Nullable Object> client : clients) {
      client.join();
    }
    peer.close();
    for (int i = 0; i < 500 && (server.connections() > 0 || waiting.get() > 0); i++) {
      Thread.sleep(10);
    }

    assertThat(server.connections()).isZero();
    assertThat(waiting.get()).isZero();
    assertThat(server.heldBytes()).isZero();
  }

  private void comeAndGo(Random random) throws Exception {
    try (Http1Peer client = new Http1Peer(server.endpoint())) {
      switch (random.nextInt(6)) {
        case 0 -> client.text(HEAD.substring(0, random.nextInt(HEAD.length())));
        case 1 ->
            client.text(HEAD + "Content-Length: 100\r\n\r\n" + "z".repeat(random.nextInt(99)));
        case 2 -> client.call("Unary", message("wait"));
        case 3 -> {
          client.call("Both", new byte[0]);
          client.head();
          client.chunk();
        }
        case 4 -> {
          client.call("Down", message("1000"));
          assertThat(client.read().messages()).hasSize(1001);
        }
        default -> {
          client.call("Unary", message("one"));
          client.call("Unary", message("two"));
          client.read();
          assertThat(text(client.read().messages().getFirst())).isEqualTo("two");
        }
      }
    }
  }

  @Test
  void whatDoesNotArriveInTimeIsRefused() throws Exception {
    GrpcServer hasty = server(GrpcServerConfig.DEFAULT.withStalled(Duration.ofMillis(300)));
    try (Http1Peer slowHead = new Http1Peer(hasty.endpoint());
        Http1Peer slowBody = new Http1Peer(hasty.endpoint());
        Http1Peer silent = new Http1Peer(hasty.endpoint())) {
      slowHead.text("POST /test.Echo/Unary HTTP/1.1\r\nHost: te");
      slowBody.text(HEAD + "Content-Length: 10\r\n\r\n\0\0");

      assertThat(slowHead.read().status()).isEqualTo(408);
      assertThat(slowBody.isClosed()).isTrue();
      assertThat(silent.isClosed()).isTrue();
    } finally {
      hasty.stop();
    }
  }

  @Test
  void aHandlerWaitsForAPageThatDoesNotRead() throws Exception {
    GrpcServer bounded = server(GrpcServerConfig.DEFAULT.withUnsentBytes(256 * 1024, 1024 * 1024));
    try (Http1Peer slow = new Http1Peer(bounded.endpoint())) {
      slow.call("Both", new byte[0]);
      assertThat(slow.head().status()).isEqualTo(200);
      for (int before = -1; before != sent.get(); ) { // until nothing moves any more
        before = sent.get();
        Thread.sleep(200);
      }
      assertThat(sent.get()).isLessThan(400);
      assertThat(bounded.heldBytes()).isLessThan(512 * 1024);
      int bytes = 0;
      for (byte[] chunk = slow.chunk(); chunk.length > 0; chunk = slow.chunk()) {
        bytes += chunk.length;
      }
      assertThat(bytes).isGreaterThan(400 * 64 * 1024);
    } finally {
      bounded.stop();
    }
  }
}
