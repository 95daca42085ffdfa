package io.volare.transport.grpc;

import io.volare.motore.Attribute;
import io.volare.rpc.CallOptions;
import io.volare.rpc.RpcContext;
import org.jspecify.annotations.Nullable;

/**
 * Where a caller finds what came with a response beside its messages: made before the call, put
 * into its options, filled while the call goes on. Of several attempts it holds what came last.
 *
 * <p>Thread-safe; what it gives out is not to be changed.
 */
public final class GrpcResponse {
  private static final Attribute<GrpcResponse> RESPONSE = Attribute.perCall("gRPC response");
  private static final GrpcMetadata NONE = GrpcMetadata.create();

  private volatile GrpcMetadata headers = NONE;
  private volatile GrpcMetadata trailers = NONE;
  private volatile boolean compressed;

  private GrpcResponse() {}

  /** {@return one that is empty} */
  public static GrpcResponse create() {
    return new GrpcResponse();
  }

  /** {@return a copy of {@code options} whose calls fill this; one at a time should} */
  public CallOptions in(CallOptions options) {
    return options.withAttribute(RESPONSE, this);
  }

  /** {@return what came with the head of the response; of a stream, with its first message} */
  public GrpcMetadata headers() {
    return headers;
  }

  /** {@return what came with the end of the response} */
  public GrpcMetadata trailers() {
    return trailers;
  }

  /** {@return whether the message that was received last came compressed} */
  public boolean wasCompressed() {
    return compressed;
  }

  static void receivedMessage(RpcContext context, boolean compressed) {
    GrpcResponse response = context.get(RESPONSE);
    if (response != null) {
      response.compressed = compressed;
    }
  }

  static void receivedHeaders(RpcContext context, @Nullable GrpcMetadata received) {
    GrpcResponse response = context.get(RESPONSE);
    if (response != null) {
      response.headers = received == null ? NONE : received;
    }
  }

  static void receivedTrailers(RpcContext context, @Nullable GrpcMetadata received) {
    GrpcResponse response = context.get(RESPONSE);
    if (response != null) {
      response.trailers = received == null ? NONE : received;
    }
  }
}
