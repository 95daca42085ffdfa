package io.volare.transport.grpc;

import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.base64.Base64;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.volare.metainfo.Names;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The frames of a response of gRPC-Web: its trailers are the last message of its body, flagged as
 * such, and a page elsewhere is allowed to read it. As text, each write of it is base64 that can be
 * read alone.
 *
 * <p>Source: grpc/grpc doc/PROTOCOL-WEB.md; the Fetch standard, section 3.3.
 */
final class WebFrames extends ResponseFrames {
  static final AsciiString OPTIONS = AsciiString.cached("OPTIONS");

  private static final AsciiString NO_CONTENT = AsciiString.cached("204");
  private static final AsciiString FORBIDDEN = AsciiString.cached("403");
  private static final AsciiString VARY = AsciiString.cached("vary");
  private static final AsciiString ALLOW_ORIGIN = AsciiString.cached("access-control-allow-origin");
  private static final AsciiString ALLOW_CREDENTIALS =
      AsciiString.cached("access-control-allow-credentials");
  private static final AsciiString ALLOW_METHODS =
      AsciiString.cached("access-control-allow-methods");
  private static final AsciiString ALLOW_HEADERS =
      AsciiString.cached("access-control-allow-headers");
  private static final AsciiString MAX_AGE = AsciiString.cached("access-control-max-age");
  private static final AsciiString EXPOSE_HEADERS =
      AsciiString.cached("access-control-expose-headers");
  private static final AsciiString REQUEST_METHOD =
      AsciiString.cached("access-control-request-method");
  private static final AsciiString REQUEST_HEADERS =
      AsciiString.cached("access-control-request-headers");
  private static final AsciiString TRUE = AsciiString.cached("true");

  /** What every response may carry in its head, besides the user's own. */
  private static final String ALWAYS_EXPOSED =
      "grpc-status,grpc-message,grpc-status-details-bin,grpc-encoding,grpc-accept-encoding";

  private static final int TRAILERS = 0x80;

  private final WebForm form;

  WebFrames(GrpcStream stream, WebForm form) {
    super(stream);
    this.form = form;
  }

  /** {@return whether a request only asks what a page elsewhere may do} */
  static boolean isPreflight(Http2Headers head) {
    return AsciiString.contentEquals(head.method(), OPTIONS)
        && head.contains(WebForm.ORIGIN)
        && head.contains(REQUEST_METHOD);
  }

  /** Writes the answer to a preflight, which is all of it. */
  static void preflight(ResponseFrames frames, ByteBuf out, Http2Headers head, GrpcWebConfig web) {
    CharSequence origin = head.get(WebForm.ORIGIN);
    CharSequence method = head.get(REQUEST_METHOD);
    boolean allowed = web.allows(origin) && AsciiString.contentEquals(method, GrpcHeaders.POST);
    int start = frames.beginHeaders(out);
    Hpack.status(out, allowed ? NO_CONTENT : FORBIDDEN);
    Hpack.literal(out, VARY, WebForm.ORIGIN);
    if (allowed) {
      allowOrigin(out, AsciiString.of(origin), web.credentials());
      Hpack.literal(out, ALLOW_METHODS, GrpcHeaders.POST);
      CharSequence names = head.get(REQUEST_HEADERS);
      if (names != null) {
        Hpack.literal(out, ALLOW_HEADERS, AsciiString.of(names));
      }
      Hpack.literal(out, MAX_AGE, AsciiString.of(Long.toString(web.preflightAge().toSeconds())));
    }
    frames.endLast(out, start);
  }

  private static void allowOrigin(ByteBuf out, AsciiString origin, boolean credentials) {
    Hpack.literal(out, ALLOW_ORIGIN, origin);
    if (credentials) {
      Hpack.literal(out, ALLOW_CREDENTIALS, TRUE);
    }
  }

  @Override
  void opening(ByteBuf out, @Nullable RpcContext context) {
    out.writeByte(Hpack.STATUS_200);
    Hpack.literal(out, GrpcHeaders.CONTENT_TYPE, form.contentType());
    Hpack.literal(out, VARY, WebForm.ORIGIN);
    AsciiString origin = form.origin();
    if (origin != null) {
      allowOrigin(out, origin, form.credentials());
      StringBuilder exposed = new StringBuilder(ALWAYS_EXPOSED);
      if (context != null) {
        headers(context, (name, value) -> exposed.append(',').append(name));
      }
      Hpack.literal(out, EXPOSE_HEADERS, AsciiString.of(exposed));
    }
  }

  private static void headers(RpcContext context, BiConsumer<AsciiString, AsciiString> action) {
    GrpcMetadata metadata = GrpcMetadata.headersOrNull(context);
    if (metadata != null) {
      metadata.forEachHeader(action);
    }
    backward(context, action);
  }

  private static void backward(RpcContext context, BiConsumer<AsciiString, AsciiString> action) {
    context
        .metaInfo()
        .forEachBackward(
            Names.HTTP,
            (name, value) -> action.accept(AsciiString.of(name), AsciiString.of(value)));
  }

  @Override
  int message(
      ByteBuf out,
      @Nullable MessageLite message,
      MessageSizes sizes,
      int most,
      Compression compression) {
    return sealed(out, super.message(out, message, sizes, most, compression));
  }

  /** {@return how many bytes the last {@code bytes} are on the wire, which they are now} */
  private int sealed(ByteBuf out, int bytes) {
    if (!form.textResponse()) {
      return bytes;
    }
    int start = out.writerIndex() - bytes;
    ByteBuf text = Base64.encode(out, start, bytes, false);
    try {
      out.writerIndex(start);
      out.writeBytes(text);
    } finally {
      text.release();
    }
    return out.writerIndex() - start;
  }

  @Override
  int trailers(ByteBuf out, RpcContext context, boolean withBackward, int dataBytes) {
    Http2Headers said = new DefaultHttp2Headers(false);
    said.set(GrpcHeaders.STATUS, GrpcHeaders.ZERO);
    addTrailers(said, context, withBackward);
    return dataBytes + lastMessage(out, said, dataBytes == 0);
  }

  private static void addTrailers(Http2Headers said, RpcContext context, boolean withBackward) {
    GrpcMetadata metadata = GrpcMetadata.trailersOrNull(context);
    if (metadata != null) {
      metadata.forEachHeader(said::add);
    }
    if (withBackward) {
      backward(context, said::add);
    }
  }

  @Override
  int failure(
      ByteBuf out,
      @Nullable RpcContext context,
      RpcException failure,
      boolean mayHaveExecuted,
      boolean only,
      boolean accepts) {
    if (only) {
      int start = beginHeaders(out);
      opening(out, null);
      if (accepts) {
        accepts(out);
      }
      endHead(out, start);
    }
    Http2Headers said = new DefaultHttp2Headers(false);
    StatusTrailers.write(failure, mayHaveExecuted, said);
    if (context != null) {
      addTrailers(said, context, true);
    }
    return lastMessage(out, said, true);
  }

  /** {@return the size of the trailers, which begin the data where there was none before} */
  private int lastMessage(ByteBuf out, Http2Headers said, boolean begins) {
    if (begins) {
      Hpack.beginFrame(out);
    }
    int start = out.writerIndex();
    out.writeByte(TRAILERS).writeInt(0);
    said.forEach(line -> {
      ByteBufUtil.writeAscii(out, line.getKey());
      out.writeByte(':').writeByte(' ');
      ByteBufUtil.writeAscii(out, line.getValue());
      out.writeByte('\r').writeByte('\n');
    });
    int bytes = out.writerIndex() - start;
    out.setInt(start + 1, bytes - MessageDeframer.PREFIX_BYTES);
    return sealed(out, bytes);
  }
}
