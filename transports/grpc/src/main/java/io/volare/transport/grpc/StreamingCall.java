package io.volare.transport.grpc;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import io.volare.codec.protobuf.ProtobufMethod;
import io.volare.motore.Deadline;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Time;
import io.volare.rpc.Duplex;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import io.volare.rpc.Source;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One call that streams. It is opened by the thread that makes it; then one thread may send while
 * another receives.
 *
 * <p>The call ends, and its context with it, when the response has been read to its end, when
 * anything fails or is interrupted, or when its reading end is closed.
 */
final class StreamingCall {
  private static final int MOST_MOVES = 16;

  private final RpcContext context;
  private final ProtobufMethod<MessageLite, MessageLite> method;
  private final GrpcCallOptions options;
  private final Connections connections;
  private final Supplier<Deadline> limit = this::limit;
  private final AtomicBoolean ended = new AtomicBoolean();
  private volatile @Nullable ClientStream stream;
  private @Nullable Object request;
  private Runnable onEnd = () -> {};
  private boolean moved;

  StreamingCall(
      RpcContext context,
      ProtobufMethod<MessageLite, MessageLite> method,
      GrpcCallOptions options,
      Connections connections) {
    this.context = context;
    this.method = method;
    this.options = options;
    this.connections = connections;
  }

  /**
   * {@return both ends of the stream, once its headers were handed to a connection}
   *
   * @param onEnd run once when the call has ended
   */
  Duplex<Object, Object> open(Object request, Runnable onEnd) throws InterruptedException {
    boolean streams = context.method().kind() != MethodDescriptor.Kind.SERVER_STREAM;
    this.request = streams ? null : request;
    this.onEnd = onEnd;
    // made now, so that whoever holds the call's context sees them when they come
    GrpcMetadata.headers(context);
    GrpcMetadata.trailers(context);
    stream = openStream();
    Out out = new Out(!streams);
    return new Duplex<>(new In(), out);
  }

  private ClientStream openStream() throws InterruptedException {
    for (int moves = 0; ; moves++) {
      ClientConnection connection = connections.acquire(context, options.waitForReady());
      ClientStream opening = Requests.open(context, options, connections, connection, request);
      connection.add(opening);
      awaitSent(opening);
      if (opening.state() != ClientStream.UNSENT) {
        return opening;
      }
      RpcException why = opening.wrong();
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
  }

  private void awaitSent(ClientStream opening) throws InterruptedException {
    try {
      if (!opening.await(ClientStream.QUEUED, limit()) && opening.abandon() <= ClientStream.SENT) {
        throw RpcException.notExecuted(
            Kind.DEADLINE_EXCEEDED, context.target() + ": the deadline passed before sending");
      }
    } catch (InterruptedException cancelled) {
      opening.abandon();
      throw cancelled;
    }
  }

  /** {@return until when to wait: the deadline, or for so long as nothing may happen} */
  private Deadline limit() {
    return context.deadline().isFinite()
        ? context.deadline()
        : Deadline.after(connections.config().progress(), Time.SYSTEM);
  }

  private ClientStream stream() {
    return requireNonNull(stream);
  }

  private RpcException orNoProgress(RpcException failure) {
    if (failure.kind() != Kind.DEADLINE_EXCEEDED || context.deadline().isFinite()) {
      return failure;
    }
    return RpcException.of(
        Kind.DEADLINE_EXCEEDED,
        "%s: nothing happened for %d ms (limit where there is no deadline: %d ms)"
            .formatted(
                context.target(),
                connections.config().progress().toMillis(),
                connections.config().progress().toMillis()),
        failure);
  }

  /** Ends the call, once; what is still on its way is reset. */
  private void end(@Nullable Throwable failure, boolean reset) {
    if (!ended.compareAndSet(false, true)) {
      return;
    }
    ClientStream ending = stream();
    if (reset) {
      ending.abandon();
      ending.fail(closed());
    }
    ending.stopReceiving();
    onEnd.run();
    context.end(failure);
  }

  private RpcException closed() {
    return RpcException.of(Kind.CANCELLED, context.target() + ": the stream was closed");
  }

  /** The receiving end. */
  private final class In implements Source<Object> {
    private boolean finished;
    private @Nullable RuntimeException failed;
    private boolean headRead;

    @Override
    public @Nullable Object receive() throws InterruptedException {
      if (finished) {
        return null;
      }
      if (failed != null) {
        throw failed;
      }
      try {
        return context.method().kind() == MethodDescriptor.Kind.CLIENT_STREAM ? only() : next();
      } catch (InterruptedException cancelled) {
        failed = RpcException.of(Kind.CANCELLED, context.target() + ": interrupted", cancelled);
        end(cancelled, true);
        throw cancelled;
      } catch (RuntimeException failure) {
        RuntimeException said =
            failure instanceof RpcException typed ? orNoProgress(typed) : failure;
        failed = said;
        end(said, true);
        throw said;
      }
    }

    private @Nullable Object next() throws InterruptedException {
      ByteBuf body = body();
      if (body != null) {
        return message(body);
      }
      atEnd();
      return null;
    }

    /** One response and its status: only both together are an answer. */
    private Object only() throws InterruptedException {
      ByteBuf body = body();
      Object message = body == null ? null : message(body);
      ByteBuf second = message == null ? null : body();
      if (second != null) {
        second.release();
        throw RpcException.of(
            Kind.INTERNAL, context.target() + ": more than one response (expected: one)");
      }
      atEnd();
      if (message == null) {
        throw RpcException.of(
            Kind.INTERNAL, context.target() + ": no response but an end (expected: a message)");
      }
      return message;
    }

    private @Nullable ByteBuf body() throws InterruptedException {
      while (true) {
        try {
          return stream().receive(limit);
        } catch (RpcException failure) {
          if (!moves()) {
            throw failure;
          }
          stream = openStream();
        }
      }
    }

    /** A single request that was not looked at goes elsewhere, once. */
    private boolean moves() {
      if (moved || request == null || !stream().isUnprocessed() || ended.get()) {
        return false;
      }
      moved = true;
      return true;
    }

    private Object message(ByteBuf body) {
      if (!headRead) {
        headRead = true;
        ResponseEnd.readHead(stream().head(), context);
      }
      context.wire().received(body.readableBytes());
      GrpcResponse.receivedMessage(context, stream().wasCompressed());
      return Requests.read(context, method.response(), body);
    }

    private void atEnd() {
      if (headRead) {
        RpcException status = ResponseEnd.readTrailers(stream(), context);
        if (status != null) {
          throw status;
        }
      } else {
        headRead = true;
        RpcException status = ResponseEnd.read(stream(), context);
        if (status != null) {
          throw status;
        }
      }
      finished = true;
      end(null, false);
    }

    @Override
    public void close() {
      end(null, true);
      if (failed == null) {
        finished = true;
      }
    }
  }

  /** The sending end. */
  private final class Out implements GrpcSink<Object> {
    private final MessageSizes sizes = connections.heads().of(context).sizes();
    private Compression compression = options.compression();
    private boolean completed;

    Out(boolean completed) {
      this.completed = completed;
    }

    @Override
    public void compress(boolean compress) {
      compression = compress ? options.compression() : Compression.IDENTITY;
    }

    @Override
    public void send(Object message) throws InterruptedException {
      requireNonNull(message, "message");
      if (completed) {
        throw new IllegalStateException(context.target() + ": the stream was completed before");
      }
      checkOpen();
      ClientStream sending = stream();
      ByteBuf bytes =
          Requests.message(
              context,
              compression,
              message,
              sizes,
              connections.config().messageBytes(),
              sending.connection().alloc());
      int dataBytes = bytes.readableBytes() - Hpack.FRAME_HEADER_BYTES;
      try {
        sending.send(new StreamWrite(sending, bytes, 0, dataBytes, false, false, true), limit);
      } catch (InterruptedException cancelled) {
        end(cancelled, true);
        throw cancelled;
      } catch (RpcException failure) {
        RpcException said = orNoProgress(failure);
        end(said, true);
        throw said;
      }
    }

    /** What the server has ended takes no more messages; its reading end tells how it ended. */
    private void checkOpen() {
      if (ended.get()) {
        throw closed();
      }
      if (stream().isAnswered()) {
        RpcException wrong = stream().wrong();
        throw wrong != null
            ? wrong
            : RpcException.of(
                Kind.CANCELLED,
                context.target() + ": the server has ended the call (receive tells how)");
      }
    }

    @Override
    public void complete() {
      if (completed) {
        return;
      }
      completed = true;
      ClientStream sending = stream();
      if (ended.get() || sending.isAnswered()) {
        return;
      }
      sending.sendNow(StreamWrite.end(sending, sending.connection().alloc()));
    }
  }
}
