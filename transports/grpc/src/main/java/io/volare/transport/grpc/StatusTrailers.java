package io.volare.transport.grpc;

import com.google.protobuf.Any;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.volare.motore.Failure;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.BusinessException;
import io.volare.rpc.BusinessExtra;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a call ended, as trailers say it: code, message, rich details, when to try again, and whether
 * the request ran. The one place where failures become gRPC's and gRPC's become failures.
 */
final class StatusTrailers {
  private StatusTrailers() {}

  /**
   * Writes what a failed call says.
   *
   * @param failure what the caller may know; a server makes one of a defect first, which tells
   *     nothing of its inside
   * @param mayHaveExecuted whether this server ran anything, which is for it to say
   */
  static void write(RpcException failure, boolean mayHaveExecuted, Http2Headers trailers) {
    int code = GrpcCode.of(failure.kind()).number();
    String message = failure.getMessage() == null ? "" : failure.getMessage();
    switch (failure) {
      case GrpcStatusException status -> {
        code = status.code().number();
        message = status.description();
        if (!status.details().isEmpty()) {
          byte[] rich = RichStatus.write(code, message, status.details());
          trailers.set(GrpcHeaders.DETAILS, GrpcHeaders.base64(rich));
        }
        status.trailers().forEachHeader(trailers::add);
      }
      case BusinessException business -> {
        code = GrpcCode.INTERNAL.number(); // as Kitex has it
        trailers.set(GrpcHeaders.BIZ_STATUS, AsciiString.of(Integer.toString(business.status())));
        if (!business.extra().isEmpty()) {
          trailers.set(
              GrpcHeaders.BIZ_EXTRA, AsciiString.of(BusinessExtra.write(business.extra())));
        }
      }
      default -> {}
    }
    trailers.set(GrpcHeaders.STATUS, AsciiString.of(Integer.toString(code)));
    if (!message.isEmpty()) {
      trailers.set(GrpcHeaders.MESSAGE, GrpcHeaders.percentEncoded(message));
    }
    if (!mayHaveExecuted) {
      trailers.set(GrpcHeaders.EXECUTED, GrpcHeaders.ZERO);
    }
    Duration retryAfter = failure.retryAfter();
    if (retryAfter != null) {
      long millis = Math.clamp(retryAfter.toMillis(), 1, Integer.MAX_VALUE);
      trailers.set(GrpcHeaders.PUSH_BACK, AsciiString.of(Long.toString(millis)));
    }
  }

  /**
   * {@return what the end of a response says went wrong, null if nothing} The user's trailers are
   * put into the context, and backward metainfo into its metainfo.
   *
   * @param only whether nothing came before them
   */
  static @Nullable RpcException read(Http2Headers end, RpcContext context, boolean only) {
    GrpcMetadata metadata = GrpcHeaders.takeBackward(end, context.metaInfo());
    GrpcMetadata.receivedTrailers(context, metadata);
    CharSequence status = end.get(GrpcHeaders.STATUS);
    if (status == null) {
      return only && !GrpcHeaders.isGrpc(end.get(GrpcHeaders.CONTENT_TYPE))
          ? notGrpc(context.target(), end)
          : RpcException.of(
              Kind.PROTOCOL, context.target() + ": the response ended without a grpc-status");
    }
    GrpcCode code = GrpcCode.read(status);
    if (code == null) {
      return null;
    }
    CharSequence said = end.get(GrpcHeaders.MESSAGE);
    String description = said == null ? "" : GrpcHeaders.percentDecoded(said);
    RpcException business = business(end, description);
    return business != null ? business : status(end, context, code, description, metadata, only);
  }

  private static @Nullable RpcException business(Http2Headers end, String description) {
    CharSequence status = end.get(GrpcHeaders.BIZ_STATUS);
    if (status == null) {
      return null;
    }
    try {
      int number = Integer.parseInt(status.toString());
      CharSequence extra = end.get(GrpcHeaders.BIZ_EXTRA);
      return number == 0
          ? null
          : new BusinessException(number, description, BusinessExtra.read(extra));
    } catch (NumberFormatException noNumber) {
      return null;
    }
  }

  private static GrpcStatusException status(
      Http2Headers end,
      RpcContext context,
      GrpcCode code,
      String description,
      @Nullable GrpcMetadata metadata,
      boolean only) {
    CharSequence rich = end.get(GrpcHeaders.DETAILS);
    byte[] bytes = rich == null ? null : GrpcHeaders.unbase64(rich.toString());
    Any[] details = bytes == null ? new Any[0] : RichStatus.details(bytes);
    Duration retryAfter = pushBack(end.get(GrpcHeaders.PUSH_BACK));
    return new GrpcStatusException(
        code,
        mayHaveExecuted(end, code, only),
        "%s: %s%s"
            .formatted(context.target(), code, description.isEmpty() ? "" : ": " + description),
        description,
        details,
        metadata,
        retryAfter == null ? RichStatus.retryAfter(details) : retryAfter,
        null);
  }

  /** A method that is not there has not run; all else is for the server to say. */
  private static boolean mayHaveExecuted(Http2Headers end, GrpcCode code, boolean only) {
    CharSequence said = end.get(GrpcHeaders.EXECUTED);
    if (said != null) {
      return !AsciiString.contentEquals(said, GrpcHeaders.ZERO);
    }
    return !(only && code == GrpcCode.UNIMPLEMENTED);
  }

  private static @Nullable Duration pushBack(@Nullable CharSequence millis) {
    try {
      long said = millis == null ? -1 : Long.parseLong(millis.toString());
      return said < 0 ? null : Duration.ofMillis(said);
    } catch (NumberFormatException noNumber) {
      return null;
    }
  }

  /**
   * {@return what an answer means that no gRPC server gave, but a proxy before it} Source: gRPC's
   * <a href="https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md">HTTP to gRPC
   * status mapping</a>.
   */
  static RpcException notGrpc(String target, Http2Headers head) {
    CharSequence status = head.status();
    CharSequence type = head.get(GrpcHeaders.CONTENT_TYPE);
    Kind kind =
        switch (status == null ? "" : status.toString()) {
          case "400" -> Kind.INTERNAL;
          case "401" -> Kind.UNAUTHENTICATED;
          case "403" -> Kind.PERMISSION_DENIED;
          case "404" -> Kind.UNIMPLEMENTED;
          case "429", "502", "503", "504" -> Kind.UNAVAILABLE;
          default -> Kind.APPLICATION;
        };
    String message =
        "%s: the answer is not gRPC's: status %s, content type %s (expected: 200, application/grpc)"
            .formatted(target, status, type);
    return new RpcException(kind, mayHaveExecuted(kind), message, null, null);
  }

  private static boolean mayHaveExecuted(Kind kind) {
    return switch (kind) {
      case UNIMPLEMENTED, UNAUTHENTICATED, PERMISSION_DENIED -> false;
      default -> true;
    };
  }

  /** {@return {@code thrown} as it may be told to a caller, if it says anything itself} */
  static @Nullable RpcException told(RpcContext context, Throwable thrown) {
    if (thrown instanceof RpcException typed) {
      return typed;
    }
    return thrown instanceof Exception exception && thrown instanceof Failure
        ? (RpcException) RpcException.unchecked(context.target(), exception)
        : null;
  }
}
