package io.volare.transport.grpc;

import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import io.volare.codec.protobuf.ProtobufMethod;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import org.jspecify.annotations.Nullable;

/** One call with one request and one response, on the thread that makes it. */
final class UnaryCall {
  /** Connections that may turn out to be closed before anything was written on them. */
  private static final int MOST_MOVES = 16;

  private final RpcContext context;
  private final ProtobufMethod<MessageLite, MessageLite> method;
  private final GrpcCallOptions options;
  private final Connections connections;
  private final long startNanos = System.nanoTime();
  private final long limitNanos;

  UnaryCall(
      RpcContext context,
      ProtobufMethod<MessageLite, MessageLite> method,
      GrpcCallOptions options,
      Connections connections) {
    this.context = context;
    this.method = method;
    this.options = options;
    this.connections = connections;
    this.limitNanos = context.deadline().remainingNanos();
  }

  @Nullable Object run(Object request) throws Exception {
    boolean seen = false;
    for (int moves = 0; ; moves++) {
      ClientConnection connection = connections.acquire(context, options.waitForReady());
      ClientStream stream = Requests.open(context, options, connections, connection, request);
      connection.add(stream);
      await(stream, connection);
      if (stream.state() == ClientStream.UNSENT) {
        checkMoves(moves, stream);
      } else if (stream.isUnprocessed() && !seen) {
        seen = true;
      } else {
        return answer(stream);
      }
    }
  }

  private void checkMoves(int moves, ClientStream unsent) {
    RpcException why = unsent.wrong();
    if (why != null) {
      throw why;
    }
    if (moves == MOST_MOVES) {
      throw RpcException.notExecuted(
          Kind.UNAVAILABLE,
          "%s: %d connections closed before anything was sent (limit: %d)"
              .formatted(context.target(), moves + 1, MOST_MOVES));
    }
  }

  /** Waits until the stream is over or unsent. A call that gives up leaves by exception. */
  private void await(ClientStream stream, ClientConnection connection) throws InterruptedException {
    try {
      if (!stream.await(ClientStream.SENT, context.deadline())) {
        int was = stream.abandon();
        if (was <= ClientStream.SENT) {
          connection.suspect(stream);
          throw late(was);
        }
      }
    } catch (InterruptedException cancelled) {
      if (stream.abandon() <= ClientStream.SENT) {
        throw cancelled;
      }
      Thread.currentThread().interrupt();
    }
  }

  private Object answer(ClientStream stream) {
    try {
      return read(stream);
    } catch (RpcException failure) {
      throw lateIfOverdue(failure);
    } finally {
      stream.releaseMessage();
    }
  }

  private Object read(ClientStream stream) {
    RpcException wrong = stream.wrong();
    if (wrong != null) {
      throw wrong;
    }
    RpcException status = ResponseEnd.read(stream, context);
    if (status != null) {
      throw status;
    }
    ByteBuf body = stream.takeMessage();
    if (body == null) {
      throw RpcException.of(
          Kind.INTERNAL, context.target() + ": no response but an end (expected: a message)");
    }
    context.wire().received(body.readableBytes());
    GrpcResponse.receivedMessage(context, stream.wasCompressed());
    return Requests.read(context, method.response(), body);
  }

  /** A server that gives up at the deadline may be heard before this side's own clock says so. */
  private RpcException lateIfOverdue(RpcException failure) {
    if (failure.kind() == Kind.CANCELLED && context.deadline().isExpired()) {
      RpcException late = late(ClientStream.SENT);
      late.addSuppressed(failure);
      return late;
    }
    return failure;
  }

  private RpcException late(int was) {
    long limit = (limitNanos + 999_999) / 1_000_000;
    long elapsed = Math.max(limit, (System.nanoTime() - startNanos) / 1_000_000);
    return was == ClientStream.QUEUED
        ? RpcException.notExecuted(
            Kind.DEADLINE_EXCEEDED,
            "%s: not sent after %d ms (limit: %d ms)".formatted(context.target(), elapsed, limit))
        : RpcException.of(
            Kind.DEADLINE_EXCEEDED,
            "%s: no response after %d ms (limit: %d ms)"
                .formatted(context.target(), elapsed, limit));
  }
}
