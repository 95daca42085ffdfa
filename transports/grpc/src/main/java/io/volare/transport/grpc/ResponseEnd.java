package io.volare.transport.grpc;

import io.netty.handler.codec.http2.Http2Headers;
import io.volare.metainfo.MetaInfoLimitException;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import org.jspecify.annotations.Nullable;

/** What the headers and trailers of a response say, read by the thread of the call. */
final class ResponseEnd {
  private ResponseEnd() {}

  /** Takes metainfo and metadata from the head, if there is one. */
  static void readHead(@Nullable Http2Headers head, RpcContext context) {
    if (head != null) {
      try {
        GrpcMetadata.receivedHeaders(context, GrpcHeaders.takeBackward(head, context.metaInfo()));
      } catch (MetaInfoLimitException tooMuch) {
        throw refused(context, tooMuch);
      }
    }
  }

  /** {@return what went wrong as the trailers say it, null if nothing} */
  static @Nullable RpcException read(ClientStream stream, RpcContext context) {
    readHead(stream.head(), context);
    return readTrailers(stream, context);
  }

  /** {@return the same, of trailers whose head was read before} */
  static @Nullable RpcException readTrailers(ClientStream stream, RpcContext context) {
    try {
      return StatusTrailers.read(stream.end(), context, stream.head() == null);
    } catch (MetaInfoLimitException tooMuch) {
      throw refused(context, tooMuch);
    }
  }

  private static RpcException refused(RpcContext context, MetaInfoLimitException tooMuch) {
    return RpcException.of(
        Kind.PROTOCOL, context.target() + ": the response's " + tooMuch.getMessage(), tooMuch);
  }
}
