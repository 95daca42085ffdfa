package io.volare.transport.grpc;

import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.volare.codec.protobuf.ProtobufMessages;
import io.volare.metainfo.MetaInfo;
import io.volare.metainfo.Names;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes what a call answers in the form that it has on the wire: head, messages and trailers, each
 * as whole frames. What repeats is ready-made. Used by the thread of the call.
 */
class ResponseFrames {
  private static final byte[] CONTENT_TYPE =
      Hpack.literal(GrpcHeaders.CONTENT_TYPE, GrpcHeaders.CONTENT_TYPE_GRPC);
  private static final byte[] TEXT =
      Hpack.literal(GrpcHeaders.CONTENT_TYPE, AsciiString.cached("text/plain"));
  private static final byte[] ACCEPTS =
      Hpack.literal(GrpcHeaders.ACCEPT_ENCODING, Compression.ACCEPTED);
  private static final byte[] STATUS_OK = Hpack.literal(GrpcHeaders.STATUS, GrpcHeaders.ZERO);

  /** Head, gap, prefix and trailers of a response without metadata, with some room. */
  private static final int AROUND_BYTES = 128;

  private final GrpcStream stream;

  ResponseFrames(GrpcStream stream) {
    this.stream = stream;
  }

  /** {@return a buffer for a response with a message of {@code bytes}} */
  ByteBuf buffer(int bytes) {
    return stream.connection().alloc().buffer(AROUND_BYTES + bytes);
  }

  /** Writes the head of a response. */
  void head(ByteBuf out, RpcContext context, Compression compression) {
    int start = beginHeaders(out);
    opening(out, context);
    if (compression != Compression.IDENTITY) {
      Hpack.literal(out, GrpcHeaders.ENCODING, compression.wireName());
    }
    metadata(out, GrpcMetadata.headersOrNull(context));
    backward(out, context.metaInfo());
    endHead(out, start);
  }

  /** Writes what every head has, before the call's own headers. */
  void opening(ByteBuf out, @Nullable RpcContext context) {
    out.writeByte(Hpack.STATUS_200);
    out.writeBytes(CONTENT_TYPE);
  }

  final void endHead(ByteBuf out, int start) {
    Hpack.endHeaders(out, start, 0, stream.id());
  }

  final int beginHeaders(ByteBuf out) {
    int start = Hpack.beginFrame(out);
    if (stream.connection().tableMustShrink()) {
      out.writeByte(Hpack.NO_TABLE);
    }
    return start;
  }

  private static void metadata(ByteBuf out, @Nullable GrpcMetadata metadata) {
    if (metadata != null) {
      metadata.forEachHeader((name, value) -> Hpack.literal(out, name, value));
    }
  }

  private static void backward(ByteBuf out, MetaInfo metaInfo) {
    if (metaInfo.hasBackward()) {
      metaInfo.forEachBackward(
          Names.HTTP,
          (name, value) -> Hpack.literal(out, AsciiString.of(name), AsciiString.of(value)));
    }
  }

  /**
   * Writes a message, behind room for a header.
   *
   * @param most bytes that it may have
   * @return its size, with its prefix
   */
  int message(
      ByteBuf out,
      @Nullable MessageLite message,
      MessageSizes sizes,
      int most,
      Compression compression) {
    Hpack.beginFrame(out);
    int start = out.writerIndex();
    if (compression == Compression.IDENTITY) {
      out.writeByte(0).writeInt(0);
      int bytes = message == null ? 0 : sizes.write(message, most, out);
      out.setInt(start + 1, bytes);
      return bytes + MessageDeframer.PREFIX_BYTES;
    }
    out.writeByte(1).writeInt(0);
    ByteBuf compressed = compressed(message, most, compression);
    try {
      out.writeBytes(compressed);
    } finally {
      compressed.release();
    }
    int all = out.writerIndex() - start;
    out.setInt(start + 1, all - MessageDeframer.PREFIX_BYTES);
    return all;
  }

  private ByteBuf compressed(@Nullable MessageLite message, int most, Compression compression) {
    int bytes = message == null ? 0 : message.getSerializedSize();
    MessageDeframer.checkSize(bytes, most);
    ByteBuf plain = stream.connection().alloc().buffer(Math.max(16, bytes));
    try {
      if (message != null) {
        ProtobufMessages.write(message, bytes, plain);
      }
    } catch (RuntimeException unwritable) {
      plain.release();
      throw unwritable;
    }
    return compression.compress(plain, stream.connection().alloc());
  }

  /**
   * Writes the trailers of a call that went well.
   *
   * @param dataBytes how large the message before them is, 0 if there is none
   * @return how large what goes as data is now
   */
  int trailers(ByteBuf out, RpcContext context, boolean withBackward, int dataBytes) {
    int start = beginHeaders(out);
    out.writeBytes(STATUS_OK);
    metadata(out, GrpcMetadata.trailersOrNull(context));
    if (withBackward) {
      backward(out, context.metaInfo());
    }
    endLast(out, start);
    return dataBytes;
  }

  final void accepts(ByteBuf out) {
    out.writeBytes(ACCEPTS);
  }

  final void endLast(ByteBuf out, int start) {
    Hpack.endHeaders(out, start, Hpack.END_STREAM, stream.id());
  }

  /**
   * Writes the trailers of a call that failed.
   *
   * @param context null for one that never had any
   * @param only whether nothing came before them, so that they are the head as well
   * @param accepts whether to say which compressions are understood
   * @return how large what goes as data is
   */
  int failure(
      ByteBuf out,
      @Nullable RpcContext context,
      RpcException failure,
      boolean mayHaveExecuted,
      boolean only,
      boolean accepts) {
    int start = beginHeaders(out);
    if (only) {
      opening(out, context);
    }
    if (accepts) {
      accepts(out);
    }
    Http2Headers said = new DefaultHttp2Headers(false);
    StatusTrailers.write(failure, mayHaveExecuted, said);
    for (Map.Entry<CharSequence, CharSequence> each : said) {
      Hpack.literal(out, AsciiString.of(each.getKey()), AsciiString.of(each.getValue()));
    }
    if (context != null) {
      metadata(out, GrpcMetadata.trailersOrNull(context));
      backward(out, context.metaInfo());
    }
    endLast(out, start);
    return 0;
  }

  /** {@return the size of the head, written here, of an answer to what is no gRPC} */
  int http(ByteBuf out, AsciiString status) {
    int start = beginHeaders(out);
    Hpack.status(out, status);
    out.writeBytes(TEXT);
    Hpack.endHeaders(out, start, 0, stream.id());
    return out.readableBytes();
  }

  /** {@return the size of a text that is written, behind room for a header} */
  int text(ByteBuf out, String text) {
    Hpack.beginFrame(out);
    return ByteBufUtil.writeAscii(out, text);
  }
}
