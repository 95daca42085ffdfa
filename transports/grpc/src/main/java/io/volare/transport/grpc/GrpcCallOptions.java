package io.volare.transport.grpc;

import io.volare.motore.Attribute;
import io.volare.rpc.CallOptions;
import io.volare.rpc.RpcContext;

/**
 * What one call may have different from its {@link GrpcClientConfig}. Immutable.
 *
 * @param waitForReady whether it waits for a connection where one cannot be made for now
 * @param compression how its messages are compressed
 */
public record GrpcCallOptions(boolean waitForReady, Compression compression) {
  private static final Attribute<GrpcCallOptions> OPTIONS =
      Attribute.perCall("gRPC options of the call");

  /**
   * Checks the compression.
   *
   * @throws IllegalArgumentException if it needs a library that is missing
   */
  public GrpcCallOptions {
    Compression.requireThere(compression);
  }

  /** {@return what the client's settings say} */
  public static GrpcCallOptions of(GrpcClientConfig config) {
    return new GrpcCallOptions(config.waitForReady(), config.compression());
  }

  /** {@return a copy of {@code options} for whose calls these hold} */
  public CallOptions in(CallOptions options) {
    return options.withAttribute(OPTIONS, this);
  }

  /** {@return a copy that waits for a connection, or does not} */
  public GrpcCallOptions withWaitForReady(boolean waitForReady) {
    return new GrpcCallOptions(waitForReady, compression);
  }

  /** {@return a copy that compresses messages so} */
  public GrpcCallOptions withCompression(Compression compression) {
    return new GrpcCallOptions(waitForReady, compression);
  }

  static GrpcCallOptions of(RpcContext context, GrpcCallOptions usual) {
    GrpcCallOptions own = context.get(OPTIONS);
    return own == null ? usual : own;
  }
}
