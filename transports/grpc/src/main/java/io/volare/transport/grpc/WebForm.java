package io.volare.transport.grpc;

import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * How a call of gRPC-Web is written: as bytes or as base64, each way, and which page it is from.
 *
 * @param textRequest whether the request is base64
 * @param textResponse whether the response is to be
 * @param contentType of the response
 * @param origin of the page, if it may read the response and needs to be told so
 * @param credentials whether the page may have sent credentials
 */
record WebForm(
    boolean textRequest,
    boolean textResponse,
    AsciiString contentType,
    @Nullable AsciiString origin,
    boolean credentials) {
  static final AsciiString ACCEPT = AsciiString.cached("accept");
  static final AsciiString ORIGIN = AsciiString.cached("origin");
  static final AsciiString X_GRPC_WEB = AsciiString.cached("x-grpc-web");

  private static final AsciiString BINARY = AsciiString.cached("application/grpc-web");
  private static final AsciiString TEXT = AsciiString.cached("application/grpc-web-text");
  private static final AsciiString BINARY_PROTO = AsciiString.cached("application/grpc-web+proto");
  private static final AsciiString TEXT_PROTO =
      AsciiString.cached("application/grpc-web-text+proto");

  /** {@return the form of a request with these headers, or null if it is not gRPC-Web} */
  static @Nullable WebForm of(Http2Headers head, GrpcWebConfig config) {
    CharSequence type = head.get(GrpcHeaders.CONTENT_TYPE);
    boolean text = is(type, TEXT);
    if (!text && !is(type, BINARY)) {
      return null;
    }
    CharSequence accepts = head.get(ACCEPT);
    boolean textBack = accepts == null || !names(accepts, BINARY) ? text : names(accepts, TEXT);
    CharSequence origin = head.get(ORIGIN);
    return new WebForm(
        text,
        textBack,
        textBack ? TEXT_PROTO : BINARY_PROTO,
        origin != null && config.allows(origin) ? AsciiString.of(origin) : null,
        config.credentials());
  }

  private static boolean is(@Nullable CharSequence type, AsciiString expected) {
    if (type == null || !AsciiString.regionMatches(type, true, 0, expected, 0, expected.length())) {
      return false;
    }
    if (type.length() == expected.length()) {
      return true;
    }
    char next = type.charAt(expected.length());
    return next == '+' || next == ';' || next == ' ';
  }

  /** {@return whether a list of types has one that begins so} */
  private static boolean names(CharSequence types, AsciiString type) {
    return AsciiString.containsIgnoreCase(types, type);
  }
}
