package io.volare.transport.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Heads of HTTP/1.1 as those of HTTP/2, and back; and which of them are refused. */
final class Http1Head {
  private static final AsciiString METHOD = AsciiString.cached(":method");
  private static final AsciiString SCHEME = AsciiString.cached(":scheme");
  private static final AsciiString PATH = AsciiString.cached(":path");
  private static final AsciiString AUTHORITY = AsciiString.cached(":authority");
  private static final int USUAL_BYTES = 512;

  private Http1Head() {}

  /** {@return what is answered to a request that is no call and may be none; null if it may} */
  static @Nullable FullHttpResponse refusal(HttpRequest request, ByteBufAllocator allocator) {
    if (request.decoderResult().isFailure()) {
      return refusal(
          status(request.decoderResult().cause()), "the request cannot be read", allocator);
    }
    if (!request.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
      return refusal(
          HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED, "expected: HTTP/1.1 or HTTP/2", allocator);
    }
    if (request.headers().getAll(HttpHeaderNames.HOST).size() != 1) {
      return refusal(HttpResponseStatus.BAD_REQUEST, "expected: one host", allocator);
    }
    if (!request.method().equals(HttpMethod.POST) && !request.method().equals(HttpMethod.OPTIONS)) {
      boolean withoutBody = request.method().equals(HttpMethod.HEAD);
      FullHttpResponse refusal =
          refusal(
              HttpResponseStatus.METHOD_NOT_ALLOWED,
              withoutBody ? "" : "gRPC calls are POST",
              allocator);
      refusal.headers().set(HttpHeaderNames.ALLOW, "POST, OPTIONS");
      return refusal;
    }
    if (GrpcHeaders.isGrpc(request.headers().get(HttpHeaderNames.CONTENT_TYPE))) {
      return refusal(
          HttpResponseStatus.UNSUPPORTED_MEDIA_TYPE,
          "gRPC itself needs HTTP/2 (expected here: application/grpc-web)",
          allocator);
    }
    if (request.headers().contains(HttpHeaderNames.EXPECT)
        && !HttpUtil.is100ContinueExpected(request)) {
      return refusal(HttpResponseStatus.EXPECTATION_FAILED, "expected: 100-continue", allocator);
    }
    return null;
  }

  private static HttpResponseStatus status(Throwable wrong) {
    return switch (wrong) {
      case TooLongHttpLineException tooLong -> HttpResponseStatus.REQUEST_URI_TOO_LONG;
      case TooLongHttpHeaderException tooLong -> HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
      default -> HttpResponseStatus.BAD_REQUEST;
    };
  }

  /** {@return an answer that is not gRPC's, after which the connection is closed} */
  static FullHttpResponse refusal(
      HttpResponseStatus status, String why, ByteBufAllocator allocator) {
    ByteBuf text = ByteBufUtil.writeAscii(allocator, why);
    FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, text);
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.TEXT_PLAIN)
        .set(HttpHeaderNames.CONTENT_LENGTH, text.readableBytes())
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    return response;
  }

  /** {@return the frames that a request begins with} */
  static ByteBuf frames(
      HttpRequest request, int streamId, boolean secure, boolean ends, ByteBufAllocator allocator) {
    ByteBuf out = allocator.buffer(USUAL_BYTES);
    int start = Hpack.beginFrame(out);
    Hpack.literal(out, METHOD, AsciiString.of(request.method().name()));
    Hpack.literal(out, SCHEME, secure ? GrpcHeaders.HTTPS : GrpcHeaders.HTTP);
    Hpack.literal(out, PATH, AsciiString.of(request.uri()));
    Hpack.literal(out, AUTHORITY, AsciiString.of(request.headers().get(HttpHeaderNames.HOST)));
    request
        .headers()
        .iteratorCharSequence()
        .forEachRemaining(header -> {
          AsciiString name = AsciiString.of(header.getKey()).toLowerCase();
          if (!isOfTheConnection(name, request)) {
            Hpack.literal(out, name, AsciiString.of(header.getValue()));
          }
        });
    Hpack.endHeaders(out, start, ends ? Hpack.END_STREAM : 0, streamId);
    return out;
  }

  private static boolean isOfTheConnection(AsciiString name, HttpRequest request) {
    return switch (name.toString()) {
      case "connection",
          "keep-alive",
          "proxy-connection",
          "transfer-encoding",
          "content-length",
          "upgrade",
          "host",
          "te",
          "trailer",
          "expect",
          "http2-settings" ->
          true;
      default -> request.headers().containsValue(HttpHeaderNames.CONNECTION, name, true);
    };
  }

  /**
   * {@return a response's head}
   *
   * @param whole whether no body follows
   * @param closes whether the connection is closed behind the response
   */
  static HttpResponse response(Http2Headers headers, boolean whole, boolean closes) {
    HttpResponseStatus status =
        HttpResponseStatus.parseLine(Objects.requireNonNull(headers.status()));
    HttpResponse response = new DefaultHttpResponse(HttpVersion.HTTP_1_1, status);
    headers.forEach(header -> {
      if (header.getKey().charAt(0) != ':') {
        response.headers().add(header.getKey(), header.getValue());
      }
    });
    if (!whole) {
      HttpUtil.setTransferEncodingChunked(response, true);
    } else if (!status.equals(HttpResponseStatus.NO_CONTENT)) {
      response.headers().set(HttpHeaderNames.CONTENT_LENGTH, HttpHeaderValues.ZERO);
    }
    if (closes) {
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
    return response;
  }
}
