package io.volare.rpc;

import io.volare.motore.Failure.Kind;

/**
 * What a {@link Kind} is called on the wire, and back: gRPC's status codes and Thrift's application
 * exception types. Every code has a kind and every kind a code; going there and back may widen, for
 * the protocols know different things.
 *
 * <p>Sources: gRPC <a href="https://grpc.github.io/grpc/core/md_doc_statuscodes.html">status
 * codes</a>; Thrift's {@code TApplicationException}, with 20 and 21 as Kitex uses them.
 */
public final class StatusCodes {
  /** Thrift: the method is not known. */
  public static final int THRIFT_UNKNOWN_METHOD = 1;

  /** Thrift: the handler failed in a way that the IDL does not declare. */
  public static final int THRIFT_INTERNAL_ERROR = 6;

  /** Thrift: the bytes are not what the protocol allows. */
  public static final int THRIFT_PROTOCOL_ERROR = 7;

  /** Thrift, as Kitex uses it: the service is not known. */
  public static final int THRIFT_UNKNOWN_SERVICE = 20;

  /** Thrift, as Kitex uses it: the request names no service where several are offered. */
  public static final int THRIFT_NO_SERVICE_NAME = 21;

  private StatusCodes() {}

  /** {@return the gRPC status code of {@code kind}} */
  public static int grpc(Kind kind) {
    return switch (kind) {
      case CANCELLED -> 1;
      case APPLICATION -> 2;
      case INVALID_ARGUMENT -> 3;
      case DEADLINE_EXCEEDED -> 4;
      case PERMISSION_DENIED -> 7;
      case RESOURCE_EXHAUSTED -> 8;
      case FAILED_PRECONDITION -> 9;
      case UNIMPLEMENTED -> 12;
      case PROTOCOL, INTERNAL -> 13;
      case UNAVAILABLE -> 14;
      case UNAUTHENTICATED -> 16;
    };
  }

  /** {@return the kind of a gRPC status code other than 0; {@code INTERNAL} for an unknown one} */
  public static Kind ofGrpc(int code) {
    return switch (code) {
      case 1 -> Kind.CANCELLED;
      case 2, 5, 6 -> Kind.APPLICATION;
      case 3, 11 -> Kind.INVALID_ARGUMENT;
      case 4 -> Kind.DEADLINE_EXCEEDED;
      case 7 -> Kind.PERMISSION_DENIED;
      case 8 -> Kind.RESOURCE_EXHAUSTED;
      case 9, 10 -> Kind.FAILED_PRECONDITION;
      case 12 -> Kind.UNIMPLEMENTED;
      case 14 -> Kind.UNAVAILABLE;
      case 15 -> Kind.PROTOCOL;
      case 16 -> Kind.UNAUTHENTICATED;
      default -> Kind.INTERNAL;
    };
  }

  /** {@return the type of the Thrift application exception that says {@code kind}} */
  public static int thrift(Kind kind) {
    return switch (kind) {
      case UNIMPLEMENTED -> THRIFT_UNKNOWN_METHOD;
      case PROTOCOL, INVALID_ARGUMENT -> THRIFT_PROTOCOL_ERROR;
      default -> THRIFT_INTERNAL_ERROR;
    };
  }

  /** {@return the kind of a Thrift application exception; {@code INTERNAL} for an unknown type} */
  public static Kind ofThrift(int type) {
    return switch (type) {
      case THRIFT_UNKNOWN_METHOD, THRIFT_UNKNOWN_SERVICE, THRIFT_NO_SERVICE_NAME, 10 ->
          Kind.UNIMPLEMENTED;
      case 2, 3, 4, 5, THRIFT_PROTOCOL_ERROR, 8, 9 -> Kind.PROTOCOL;
      default -> Kind.INTERNAL;
    };
  }
}
