package io.volare.transport.thrift;

import io.volare.codec.thrift.ThriftMethod;
import io.volare.codec.thrift.ThriftProtocolException;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import org.jspecify.annotations.Nullable;

/**
 * One call of a client, on the thread that makes it: encode, send, wait, decode.
 *
 * <p>The request's bytes are released here unless they were sent; the connection is given back here
 * in every case, for reuse only if nothing more can arrive on it for this call.
 */
final class ClientCall {
  /** Connections that may turn out to be closed before anything was written on them. */
  private static final int MOST_MOVES = 16;

  private final RpcContext context;
  private final ThriftMethod<Object, @Nullable Object> method;
  private final ThriftClientConfig config;
  private final ConnectionPool pool;
  private final long limitNanos;

  /**
   * @param limitNanos what was left of the deadline when the call began
   */
  ClientCall(RpcContext context, ThriftClientConfig config, ConnectionPool pool, long limitNanos) {
    this.context = context;
    this.method = ThriftMethod.of(context.method());
    this.config = config;
    this.pool = pool;
    this.limitNanos = limitNanos;
  }

  @Nullable Object run(Request request, Object arguments) throws Exception {
    ClientConnection connection = pool.acquire(context, context.deadline());
    RequestBytes bytes = encode(request, arguments, connection);
    for (int moves = 0; ; moves++) {
      Exchange exchange =
          new Exchange(bytes, context.method().kind() == MethodDescriptor.Kind.ONEWAY);
      switch (send(exchange, request, connection)) {
        case Exchange.ANSWERED -> {
          return exchange.isOneway() ? sentOneway(connection) : answer(exchange, connection);
        }
        case Exchange.UNSENT -> {
          pool.release(connection, false);
          connection = move(moves, exchange);
        }
        default -> {
          pool.release(connection, false);
          throw lost(exchange);
        }
      }
    }
  }

  private RequestBytes encode(Request request, Object arguments, ClientConnection connection) {
    boolean encoded = false;
    try {
      RequestBytes bytes = request.encode(method, context, arguments);
      encoded = true;
      return bytes;
    } finally {
      if (!encoded) {
        pool.release(connection, true);
      }
    }
  }

  /** {@return the state in which the exchange ended} A call that gives up leaves by exception. */
  private int send(Exchange exchange, Request request, ClientConnection connection)
      throws InterruptedException {
    if (exchange.isOneway()) {
      exchange.sequence = connection.pending().nextId();
    } else if (!connection.pending().add(exchange)) {
      exchange.request().release();
      pool.release(connection, true);
      throw RpcException.notExecuted(
          Kind.RESOURCE_EXHAUSTED,
          "%s: too many calls wait for replies on one connection (limit: %d)"
              .formatted(context.target(), connection.pending().capacity()));
    }
    request.sequence(exchange.request(), exchange.sequence);
    context.wire().sent(exchange.request().size(), System.nanoTime());
    connection.add(exchange);
    try {
      if (!exchange.await(context.deadline())) {
        int was = giveUp(exchange, connection);
        if (was <= Exchange.SENT) {
          throw late(was);
        }
      }
    } catch (InterruptedException cancelled) {
      if (giveUp(exchange, connection) <= Exchange.SENT) {
        throw cancelled;
      }
      Thread.currentThread().interrupt();
    }
    return exchange.state();
  }

  private int giveUp(Exchange exchange, ClientConnection connection) {
    int was = exchange.abandon();
    if (was <= Exchange.SENT) {
      connection.forget(exchange);
      if (was == Exchange.QUEUED) {
        exchange.request().release();
      }
      pool.release(connection, was == Exchange.QUEUED);
    }
    return was;
  }

  private ClientConnection move(int moves, Exchange unsent) throws InterruptedException {
    boolean moved = false;
    try {
      if (moves == MOST_MOVES) {
        throw RpcException.notExecuted(
            Kind.UNAVAILABLE,
            "%s: %d connections closed before anything was sent (limit: %d)"
                .formatted(context.target(), moves + 1, MOST_MOVES));
      }
      ClientConnection next = pool.acquire(context, context.deadline());
      moved = true;
      return next;
    } finally {
      if (!moved) {
        unsent.request().release();
      }
    }
  }

  private @Nullable Object sentOneway(ClientConnection connection) {
    pool.release(connection, true);
    return null;
  }

  private @Nullable Object answer(Exchange exchange, ClientConnection connection) throws Exception {
    boolean understood = true;
    try {
      return Answer.read(exchange.reply(), method, context, exchange.sequence, config.thrift());
    } catch (Exception thrown) {
      Exception failure = lateIfOverdue(Answer.failure(thrown, context));
      understood = !(failure instanceof RpcException typed && typed.kind() == Kind.PROTOCOL);
      throw failure;
    } finally {
      pool.release(connection, understood);
    }
  }

  /** A handler that is interrupted at the deadline can say no more than that it failed. */
  private Exception lateIfOverdue(Exception failure) {
    if (failure instanceof RpcException typed
        && typed.kind() == Kind.INTERNAL
        && context.deadline().isExpired()) {
      RpcException late = late(Exchange.SENT);
      late.addSuppressed(failure);
      return late;
    }
    return failure;
  }

  private RpcException late(int was) {
    long elapsed = Math.max(limitMillis(), elapsedMillis());
    return was == Exchange.QUEUED
        ? RpcException.notExecuted(
            Kind.DEADLINE_EXCEEDED,
            "%s: not sent after %d ms (limit: %d ms)"
                .formatted(context.target(), elapsed, limitMillis()))
        : RpcException.of(
            Kind.DEADLINE_EXCEEDED,
            "%s: no response after %d ms (limit: %d ms)"
                .formatted(context.target(), elapsed, limitMillis()));
  }

  private RpcException lost(Exchange exchange) {
    Throwable cause = exchange.cause();
    if (cause instanceof ThriftProtocolException wrong) {
      return RpcException.of(
          Kind.PROTOCOL,
          context.target() + ": the reply is not valid: " + wrong.getMessage(),
          wrong);
    }
    if (cause instanceof RpcException refused && !refused.mayHaveExecuted()) {
      return RpcException.notExecuted(
          refused.kind(), context.target() + ": " + refused.getMessage(), refused);
    }
    String message =
        "%s: the connection was lost after %d ms, before a response%s"
            .formatted(
                context.target(), elapsedMillis(), cause == null ? "" : ": " + cause.getMessage());
    return new RpcException(Kind.UNAVAILABLE, true, message, null, cause);
  }

  /** Since the request was handed to a connection, for which the clock was read anyway. */
  private long elapsedMillis() {
    return (System.nanoTime() - context.wire().sentNanos()) / 1_000_000;
  }

  private long limitMillis() {
    return (limitNanos + 999_999) / 1_000_000;
  }
}
