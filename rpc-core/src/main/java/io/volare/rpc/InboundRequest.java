package io.volare.rpc;

/**
 * A request as server layers see it: received, checked against the limits, not yet decoded. What
 * the layers refuse is never decoded. Owned by the thread of the call.
 */
public interface InboundRequest {
  /**
   * {@return the method's arguments, decoded at the first call and the same object afterwards}
   *
   * @throws RpcException of kind {@code PROTOCOL} if the bytes are not what the method expects
   */
  Object decode();

  /** {@return bytes of the request with its headers, as they came} */
  int size();
}
