package io.volare.transport.grpc;

import com.google.protobuf.MessageLite;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.volare.codec.protobuf.ProtobufMethod;
import io.volare.metainfo.Names;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Service;
import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** As much of a client of gRPC-Web as unary calls need, over the JDK's own client of HTTP. */
final class WebClient implements Service<RpcContext, Object, @Nullable Object> {
  /**
   * The JDK's client opens as many connections, or fails where a connection has no more streams.
   */
  private static final int MOST_AT_ONCE = 64;

  private final Semaphore atOnce = new Semaphore(MOST_AT_ONCE);
  private final HttpClient http;
  private final String server;
  private final boolean text;

  WebClient(HttpClient http, String scheme, Endpoint endpoint, boolean text) {
    Address.Tcp address = (Address.Tcp) endpoint.address();
    this.http = http;
    this.server = scheme + "://" + address.host() + ":" + address.port();
    this.text = text;
  }

  @Override
  public @Nullable Object call(RpcContext context, Object request) throws Exception {
    if (context.method().kind().isStream()) {
      throw RpcException.notExecuted(Kind.UNIMPLEMENTED, context.target() + ": no streams here");
    }
    ProtobufMethod<MessageLite, MessageLite> method = ProtobufMethod.of(context.method());
    HttpResponse<byte[]> response = send(context, request(context, (MessageLite) request));
    if (response.statusCode() != 200) {
      throw RpcException.of(Kind.UNAVAILABLE, "HTTP status " + response.statusCode());
    }
    GrpcHeaders.takeBackward(headers(response.headers()), context.metaInfo());
    ByteBuffer body = ByteBuffer.wrap(text ? decoded(response.body()) : response.body());
    MessageLite message = null;
    while (body.hasRemaining()) {
      boolean trailers = body.get() < 0;
      byte[] bytes = new byte[body.getInt()];
      body.get(bytes);
      if (!trailers) {
        message = method.response().parseFrom(bytes);
        continue;
      }
      RpcException failure = StatusTrailers.read(lines(bytes), context, false);
      if (failure != null) {
        throw failure;
      }
    }
    return message;
  }

  private HttpResponse<byte[]> send(RpcContext context, HttpRequest request)
      throws InterruptedException {
    atOnce.acquire();
    try {
      return sendOrAgain(request);
    } catch (HttpTimeoutException late) {
      throw RpcException.of(Kind.DEADLINE_EXCEEDED, context.target() + ": no answer in time", late);
    } catch (ConnectException refused) {
      throw RpcException.notExecuted(Kind.UNAVAILABLE, context.target() + ": refused", refused);
    } catch (IOException lost) {
      throw RpcException.of(Kind.UNAVAILABLE, context.target() + ": " + lost.getMessage(), lost);
    } finally {
      atOnce.release();
    }
  }

  /** A connection that was kept and has been closed is no reason to fail, as browsers see it. */
  private HttpResponse<byte[]> sendOrAgain(HttpRequest request)
      throws IOException, InterruptedException {
    try {
      return http.send(request, BodyHandlers.ofByteArray());
    } catch (HttpTimeoutException | ConnectException failed) {
      throw failed;
    } catch (IOException lost) {
      if (String.valueOf(lost.getMessage()).contains("received no bytes")) {
        return http.send(request, BodyHandlers.ofByteArray());
      }
      throw lost;
    }
  }

  private HttpRequest request(RpcContext context, MessageLite message) {
    byte[] body = Http1Peer.framed(message.toByteArray());
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server + "/" + context.method().fullName()))
            .header("content-type", text ? "application/grpc-web-text" : "application/grpc-web")
            .header("x-grpc-web", "1")
            .header("source-service", context.caller())
            .POST(BodyPublishers.ofByteArray(text ? Base64.getEncoder().encode(body) : body));
    if (context.deadline().isFinite()) {
      long left = context.deadline().remainingNanos();
      if (left <= 0) {
        throw RpcException.notExecuted(
            Kind.DEADLINE_EXCEEDED, context.target() + ": the deadline had passed");
      }
      request
          .header("grpc-timeout", GrpcHeaders.timeout(left).toString())
          .timeout(Duration.ofNanos(left));
    }
    context.metaInfo().forEachForward(Names.HTTP, request::header);
    return request.build();
  }

  private static Http2Headers headers(HttpHeaders said) {
    Http2Headers headers = new DefaultHttp2Headers(false);
    said.map()
        .forEach(
            (name, values) -> values.forEach(value -> headers.add(AsciiString.of(name), value)));
    return headers;
  }

  private static Http2Headers lines(byte[] trailers) {
    Http2Headers headers = new DefaultHttp2Headers(false);
    new String(trailers, StandardCharsets.ISO_8859_1)
        .lines()
        .forEach(line -> {
          int colon = line.indexOf(": ");
          headers.add(AsciiString.of(line.substring(0, colon)), line.substring(colon + 2));
        });
    return headers;
  }

  /** Pieces of base64, each padded for itself. */
  static byte[] decoded(byte[] text) {
    ByteArrayOutputStream plain = new ByteArrayOutputStream();
    int from = 0;
    for (int at = 4; at <= text.length; at += 4) {
      if (at == text.length || text[at - 1] == '=') {
        plain.writeBytes(Base64.getDecoder().decode(Arrays.copyOfRange(text, from, at)));
        from = at;
      }
    }
    return plain.toByteArray();
  }
}
