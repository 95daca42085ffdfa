package io.volare.codec.thrift;

import io.volare.rpc.RpcException;

/** Bytes that Thrift does not allow, or that the IDL does not. The message says where. */
public final class ThriftProtocolException extends RpcException {
  private static final long serialVersionUID = 1;

  /** Creates one for a message that was being read. */
  public ThriftProtocolException(String message) {
    super(Kind.PROTOCOL, true, message, null, null);
  }

  /** {@return the failure of a struct that lacks a required field} */
  public static ThriftProtocolException missing(String struct, String field) {
    return new ThriftProtocolException(
        struct + "." + field + ": not in the message (expected: a value, the field is required)");
  }
}
