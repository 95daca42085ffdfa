package io.volare.transport.grpc;

import io.volare.rpc.Sink;

/**
 * The sending end of a stream over gRPC: what {@link io.volare.rpc.Duplex#sink()} is where {@link
 * GrpcClient} made the call.
 *
 * @param <T> the messages
 */
public interface GrpcSink<T> extends Sink<T> {
  /**
   * Says whether the messages from here on are compressed. The first are, if the call's options
   * name a compression; without one nothing ever is.
   */
  void compress(boolean compress);
}
