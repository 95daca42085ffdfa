package io.volare.transport.thrift;

import io.volare.rpc.RpcException;

/** A request for a service or method that this server does not offer. */
final class UnknownTargetException extends RpcException {
  private static final long serialVersionUID = 1;

  private final int type;

  UnknownTargetException(String message, int type) {
    super(Kind.UNIMPLEMENTED, false, message, null, null);
    this.type = type;
  }

  /** {@return the type of the application exception that says it} */
  int type() {
    return type;
  }
}
