package io.volare.transport.grpc;

import io.netty.util.AsciiString;
import io.volare.metainfo.MetaInfo;
import io.volare.metainfo.Names;
import io.volare.metainfo.Received;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The names that gRPC gives to HTTP/2 headers, and how values are written in them.
 *
 * <p>Sources: gRPC over HTTP/2 (<a
 * href="https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md">PROTOCOL-HTTP2</a>), gRFC
 * A6 for the push-back, Volo's and Kitex's keys for caller and callee.
 */
final class GrpcHeaders {
  static final AsciiString POST = AsciiString.cached("POST");
  static final AsciiString HTTP = AsciiString.cached("http");
  static final AsciiString HTTPS = AsciiString.cached("https");
  static final AsciiString OK_200 = AsciiString.cached("200");
  static final AsciiString ZERO = AsciiString.cached("0");

  static final AsciiString CONTENT_TYPE = AsciiString.cached("content-type");
  static final AsciiString CONTENT_TYPE_GRPC = AsciiString.cached("application/grpc");
  static final AsciiString TE = AsciiString.cached("te");
  static final AsciiString TRAILERS = AsciiString.cached("trailers");
  static final AsciiString USER_AGENT = AsciiString.cached("user-agent");
  static final AsciiString VOLARE = AsciiString.cached("grpc-java-volare/0.1");

  static final AsciiString TIMEOUT = AsciiString.cached("grpc-timeout");
  static final AsciiString ENCODING = AsciiString.cached("grpc-encoding");
  static final AsciiString ACCEPT_ENCODING = AsciiString.cached("grpc-accept-encoding");
  static final AsciiString STATUS = AsciiString.cached("grpc-status");
  static final AsciiString MESSAGE = AsciiString.cached("grpc-message");
  static final AsciiString DETAILS = AsciiString.cached("grpc-status-details-bin");
  static final AsciiString PUSH_BACK = AsciiString.cached("grpc-retry-pushback-ms");
  static final AsciiString PREVIOUS_ATTEMPTS = AsciiString.cached("grpc-previous-rpc-attempts");

  /** The name of the service that calls, and of the one that is called, as registries know them. */
  static final AsciiString SOURCE_SERVICE = AsciiString.cached("source-service");

  static final AsciiString DESTINATION_SERVICE = AsciiString.cached("destination-service");

  /** A business error: its status, and a JSON object of strings; the message is gRPC's. */
  static final AsciiString BIZ_STATUS = AsciiString.cached("biz-status");

  static final AsciiString BIZ_EXTRA = AsciiString.cached("biz-extra");

  /** {@code 0} where the server knows that the request did not run. */
  static final AsciiString EXECUTED = AsciiString.cached("volare-executed");

  private static final int MOST_TIMEOUT_DIGITS = 8;
  private static final long MOST_TIMEOUT = 99_999_999;
  private static final Base64.Encoder BASE64 = Base64.getEncoder().withoutPadding();
  private static final char[] HEX = "0123456789ABCDEF".toCharArray();

  private GrpcHeaders() {}

  /** {@return whether a message of this content type is gRPC's, whatever its codec} */
  static boolean isGrpc(@Nullable CharSequence contentType) {
    if (contentType == null
        || !AsciiString.regionMatches(
            contentType, true, 0, CONTENT_TYPE_GRPC, 0, CONTENT_TYPE_GRPC.length())) {
      return false;
    }
    if (contentType.length() == CONTENT_TYPE_GRPC.length()) {
      return true;
    }
    char next = contentType.charAt(CONTENT_TYPE_GRPC.length());
    return next == '+' || next == ';' || next == ' ';
  }

  /**
   * {@return {@code nanos} in at most eight digits and the finest unit that they hold, cut off, so
   * that the peer never believes in more time than there is}
   */
  static AsciiString timeout(long nanos) {
    if (nanos < 100_000) {
      return timeout(Math.max(1, nanos), 'n');
    }
    if (nanos < TimeUnit.MILLISECONDS.toNanos(100)) {
      return timeout(nanos / 1_000, 'u');
    }
    long millis = nanos / 1_000_000;
    if (millis <= MOST_TIMEOUT) {
      return timeout(millis, 'm');
    }
    long seconds = millis / 1_000;
    return seconds <= MOST_TIMEOUT
        ? timeout(seconds, 'S')
        : timeout(Math.min(MOST_TIMEOUT, seconds / 60), 'M');
  }

  private static AsciiString timeout(long value, char unit) {
    int digits = 1;
    for (long rest = value; rest >= 10; rest /= 10) {
      digits++;
    }
    byte[] text = new byte[digits + 1];
    text[digits] = (byte) unit;
    for (long rest = value; digits > 0; rest /= 10) {
      text[--digits] = (byte) ('0' + rest % 10);
    }
    return new AsciiString(text, false);
  }

  /**
   * {@return the nanoseconds of a timeout, at most {@link Long#MAX_VALUE}; -1 if it is not one to
   * eight digits and a unit}
   */
  static long timeoutNanos(CharSequence text) {
    int digits = text.length() - 1;
    if (digits < 1 || digits > MOST_TIMEOUT_DIGITS) {
      return -1;
    }
    long value = 0;
    for (int i = 0; i < digits; i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      value = value * 10 + c - '0';
    }
    return switch (text.charAt(digits)) {
      case 'n' -> value;
      case 'u' -> TimeUnit.MICROSECONDS.toNanos(value);
      case 'm' -> TimeUnit.MILLISECONDS.toNanos(value);
      case 'S' -> TimeUnit.SECONDS.toNanos(value);
      case 'M' -> TimeUnit.MINUTES.toNanos(value);
      case 'H' -> TimeUnit.HOURS.toNanos(value);
      default -> -1;
    };
  }

  /** {@return {@code message} as {@code grpc-message} carries it} */
  static AsciiString percentEncoded(String message) {
    if (isPlain(message)) {
      return new AsciiString(message);
    }
    byte[] utf8 = message.getBytes(StandardCharsets.UTF_8);
    byte[] out = new byte[3 * utf8.length];
    int length = 0;
    for (byte b : utf8) {
      if (b >= 0x20 && b <= 0x7e && b != '%') {
        out[length++] = b;
      } else {
        out[length++] = '%';
        out[length++] = (byte) HEX[b >> 4 & 0xf];
        out[length++] = (byte) HEX[b & 0xf];
      }
    }
    return new AsciiString(out, 0, length, true);
  }

  private static boolean isPlain(String message) {
    for (int i = 0; i < message.length(); i++) {
      char c = message.charAt(i);
      if (c < 0x20 || c > 0x7e || c == '%') {
        return false;
      }
    }
    return true;
  }

  /** {@return what {@code text} says; a percent sign that begins no escape stands for itself} */
  static String percentDecoded(CharSequence text) {
    String encoded = text.toString();
    if (encoded.indexOf('%') < 0) {
      return encoded;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(encoded.length());
    for (int i = 0; i < encoded.length(); i++) {
      char c = encoded.charAt(i);
      int high = c == '%' && i + 2 < encoded.length() ? hex(encoded.charAt(i + 1)) : -1;
      int low = high < 0 ? -1 : hex(encoded.charAt(i + 2));
      if (low < 0) {
        out.write(c);
      } else {
        out.write(high << 4 | low);
        i += 2;
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private static int hex(char c) {
    return c < 0x80 ? Character.digit(c, 16) : -1;
  }

  /** {@return bytes as a header whose name ends in {@code -bin} carries them} */
  static AsciiString base64(byte[] bytes) {
    return new AsciiString(BASE64.encode(bytes), false);
  }

  /** {@return the bytes, written with padding or without; null if it is not base64} */
  static byte @Nullable [] unbase64(String text) {
    try {
      return Base64.getDecoder().decode(text.strip());
    } catch (IllegalArgumentException notBase64) {
      return null;
    }
  }

  /**
   * {@return whether the protocol itself uses the name, so that it is no user's metadata} Metainfo
   * has names of its own and is not meant.
   */
  static boolean isReserved(CharSequence name) {
    if (name.isEmpty() || name.charAt(0) == ':') {
      return true;
    }
    return switch (name.charAt(0)) {
      case 'g' -> startsWith(name, "grpc-");
      case 't' -> is(name, TE) || is(name, "transfer-encoding") || is(name, "trailer");
      case 'c' -> is(name, CONTENT_TYPE) || is(name, "connection") || is(name, "content-length");
      case 'u' -> is(name, USER_AGENT) || is(name, "upgrade");
      case 'h' -> is(name, "host");
      case 'k' -> is(name, "keep-alive");
      case 'p' -> is(name, "proxy-connection");
      case 's' -> is(name, SOURCE_SERVICE);
      case 'd' -> is(name, DESTINATION_SERVICE);
      case 'b' -> is(name, BIZ_STATUS) || is(name, BIZ_EXTRA);
      case 'v' -> startsWith(name, "volare-");
      default -> false;
    };
  }

  private static boolean is(CharSequence name, CharSequence other) {
    return AsciiString.contentEquals(name, other);
  }

  private static boolean startsWith(CharSequence name, String prefix) {
    return AsciiString.regionMatches(name, false, 0, prefix, 0, prefix.length());
  }

  /** {@return whether the name may be one of metainfo's: a cheap look before the exact one} */
  private static boolean mayBeMetaInfo(CharSequence name) {
    return startsWith(name, "rpc-") || startsWith(name, "trace") || is(name, "baggage");
  }

  /**
   * Takes what a request's headers say beside the protocol's own: metainfo into {@code metaInfo},
   * the rest into the metadata that is returned.
   *
   * @return the user's metadata, or null if there is none
   * @throws io.volare.metainfo.MetaInfoLimitException if there is too much metainfo
   */
  static @Nullable GrpcMetadata takeForward(
      Iterable<Map.Entry<CharSequence, CharSequence>> headers, MetaInfo metaInfo) {
    GrpcMetadata metadata = null;
    Received received = new Received(metaInfo, Names.HTTP);
    for (Map.Entry<CharSequence, CharSequence> header : headers) {
      CharSequence name = header.getKey();
      boolean taken =
          mayBeMetaInfo(name) && received.forward(name.toString(), header.getValue().toString());
      if (!taken && !isReserved(name)) {
        metadata = metadata == null ? GrpcMetadata.create() : metadata;
        metadata.receive(name, header.getValue());
      }
    }
    received.deliver();
    return metadata;
  }

  /**
   * Takes what a response's headers or trailers say beside the protocol's own: backward metainfo
   * into {@code metaInfo}, the rest into the metadata that is returned.
   *
   * @return the user's metadata, or null if there is none
   * @throws io.volare.metainfo.MetaInfoLimitException if there is too much metainfo
   */
  static @Nullable GrpcMetadata takeBackward(
      Iterable<Map.Entry<CharSequence, CharSequence>> headers, MetaInfo metaInfo) {
    GrpcMetadata metadata = null;
    Received received = new Received(metaInfo, Names.HTTP);
    for (Map.Entry<CharSequence, CharSequence> header : headers) {
      CharSequence name = header.getKey();
      boolean taken =
          mayBeMetaInfo(name) && received.backward(name.toString(), header.getValue().toString());
      if (!taken && !isReserved(name)) {
        metadata = metadata == null ? GrpcMetadata.create() : metadata;
        metadata.receive(name, header.getValue());
      }
    }
    received.deliver();
    return metadata;
  }
}
