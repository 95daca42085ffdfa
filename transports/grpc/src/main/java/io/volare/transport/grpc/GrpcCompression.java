package io.volare.transport.grpc;

import io.volare.motore.Attribute;
import io.volare.rpc.RpcContext;

/**
 * What a handler may know and choose of the compression of its messages. Used on the thread of the
 * call.
 */
public final class GrpcCompression {
  private static final Attribute<Boolean> RESPONSES =
      Attribute.perAttempt("gRPC responses compressed");
  private static final Attribute<Boolean> REQUEST =
      Attribute.perAttempt("gRPC request was compressed");

  private GrpcCompression() {}

  /**
   * Says whether the messages that are sent from here on are compressed; they are not unless this
   * is called before the first of them, and only where the peer accepts it: zstd where both sides
   * have it, else gzip.
   */
  public static void compressResponses(RpcContext context, boolean compress) {
    context.set(RESPONSES, compress);
  }

  /** {@return whether the message that was received last came compressed} */
  public static boolean wasCompressed(RpcContext context) {
    return Boolean.TRUE.equals(context.get(REQUEST));
  }

  static boolean compressesResponses(RpcContext context) {
    return Boolean.TRUE.equals(context.get(RESPONSES));
  }

  static boolean isChosen(RpcContext context) {
    return context.get(RESPONSES) != null;
  }

  /** Costs nothing for a call that compresses nothing. */
  static void received(RpcContext context, boolean compressed) {
    if (compressed || context.get(REQUEST) != null) {
      context.set(REQUEST, compressed);
    }
  }
}
