package io.volare.transport.grpc;

import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.EmptyHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.volare.codec.protobuf.ProtobufMessages;
import io.volare.metainfo.MetaInfo;
import io.volare.motore.Deadline;
import io.volare.motore.Failure;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.Duplex;
import io.volare.rpc.InboundRequest;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import io.volare.rpc.Sink;
import io.volare.rpc.Source;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What one thread does for a call that has been dispatched: layers, decoding, handler, and what the
 * client is told in the end. All of it belongs to that thread.
 */
final class ServerAnswer implements InboundRequest {
  private static final System.Logger LOG = System.getLogger(ServerCall.class.getName());

  private final ServerCall call;
  private final ServerConnection server;
  private final GrpcRoutes.Route route;
  private final Deadline deadline;
  private final Supplier<Deadline> limit;
  private final RpcContext context;
  private final ResponseFrames frames;
  private Http2Headers head;
  private @Nullable Object arguments;
  private boolean headSent;
  private Compression chosen = Compression.IDENTITY;

  ServerAnswer(
      ServerCall call,
      ServerConnection server,
      Http2Headers head,
      GrpcRoutes.Route route,
      ResponseFrames frames,
      Deadline deadline) {
    this.call = call;
    this.server = server;
    this.head = head;
    this.route = route;
    this.deadline = deadline;
    limit = () -> deadline;
    context = newContext();
    this.frames = frames;
  }

  private RpcContext newContext() {
    CharSequence caller = head.get(GrpcHeaders.SOURCE_SERVICE);
    CharSequence callee = head.get(GrpcHeaders.DESTINATION_SERVICE);
    RpcContext made =
        RpcContext.server(
            route.method(),
            caller == null ? "" : caller.toString(),
            callee == null ? route.method().service() : callee.toString(),
            MetaInfo.create(server.config().metaInfo()),
            server.peer());
    made.deadline(deadline);
    return made;
  }

  /** Runs the call to its end. */
  void run() {
    Throwable failure = null;
    try {
      GrpcMetadata.receivedRequest(context, GrpcHeaders.takeForward(head, context.metaInfo()));
      if (deadline.isExpired()) {
        throw call.late();
      }
      Object value = context.serve(() -> route.service().call(context, this));
      respond((MessageLite) value);
    } catch (Throwable thrown) {
      failure = thrown;
      respondFailure(thrown);
    } finally {
      context.end(failure);
    }
  }

  // ---- the request

  @Override
  public Object decode() {
    Object decoded = arguments;
    if (decoded == null) {
      decoded =
          switch (route.method().kind()) {
            case UNARY, ONEWAY -> decodedRequest();
            case SERVER_STREAM -> new Duplex<>(new OneMessage(decodedRequest()), new Responses());
            case CLIENT_STREAM, BIDI_STREAM -> new Duplex<>(new Requests(), new Responses());
          };
      arguments = decoded;
    }
    return decoded;
  }

  private MessageLite decodedRequest() {
    received(call.isRequestCompressed());
    return parsed(call.takeRequest());
  }

  private MessageLite parsed(ByteBuf bytes) {
    try {
      return ProtobufMessages.read(route.method().request(), bytes);
    } finally {
      bytes.release();
    }
  }

  /** A message was taken. */
  void received(boolean compressed) {
    GrpcCompression.received(context, compressed);
  }

  @Override
  public int size() {
    return call.requestBytes();
  }

  // ---- the response

  private void respond(@Nullable MessageLite value) throws InterruptedException {
    MethodDescriptor.Kind kind = route.method().kind();
    boolean one =
        kind != MethodDescriptor.Kind.SERVER_STREAM && kind != MethodDescriptor.Kind.BIDI_STREAM;
    if (!one && value == null) {
      endWell();
      return;
    }
    send(value, one);
    if (!one) {
      endWell();
    }
  }

  /** Sends a message, behind the head if it is the first, and before the trailers if the last. */
  private void send(@Nullable MessageLite message, boolean last) throws InterruptedException {
    int most = server.config().messageBytes();
    int room = route.sizes().room(message, most);
    if (route.execution().isInline()) {
      call.sendNow(written(message, last, room, most));
      return;
    }
    if (room <= MessageSizes.SMALL_BYTES) {
      call.send(written(message, last, room, most), limit);
      return;
    }
    int taken = room + MessageDeframer.PREFIX_BYTES;
    call.takeRoom(taken, limit);
    StreamWrite write = null;
    try {
      write = written(message, last, room, most);
    } finally {
      if (write == null) {
        call.leaveRoom(taken);
      }
    }
    call.sendInRoom(write, taken);
  }

  private StreamWrite written(@Nullable MessageLite message, boolean last, int room, int most) {
    ByteBuf out = frames.buffer(room);
    StreamWrite write = null;
    boolean opens = !headSent;
    try {
      int headBytes = opens ? writeHead(out) : 0;
      int dataBytes = frames.message(out, message, route.sizes(), most, compression());
      if (last) {
        dataBytes = frames.trailers(out, context, !opens, dataBytes);
        call.answeredWell(true);
        context.metaInfo().closeBackward();
      }
      out = MessageSizes.fitted(out);
      write = new StreamWrite(call, out, headBytes, dataBytes, opens, last, true);
    } finally {
      if (write == null) {
        out.release();
      }
    }
    headSent = true;
    head = EmptyHttp2Headers.INSTANCE; // a stream may last long
    return write;
  }

  private Compression compression() {
    return GrpcCompression.compressesResponses(context) ? chosen : Compression.IDENTITY;
  }

  private int writeHead(ByteBuf out) {
    if (GrpcCompression.isChosen(context)) {
      chosen = Compression.best(head.get(GrpcHeaders.ACCEPT_ENCODING));
    }
    frames.head(out, context, chosen);
    return out.readableBytes();
  }

  private void endWell() {
    ByteBuf out = frames.buffer(0);
    boolean opens = !headSent;
    int dataBytes;
    try {
      if (opens) {
        writeHead(out);
      }
      dataBytes = frames.trailers(out, context, !opens, 0);
      call.answeredWell(true);
      context.metaInfo().closeBackward();
    } catch (RuntimeException unwritable) {
      out.release();
      throw unwritable;
    }
    sendLast(out, dataBytes, opens);
  }

  private void sendLast(ByteBuf out, int dataBytes, boolean opens) {
    headSent = true;
    call.sendNow(call.last(out, dataBytes, opens));
  }

  private void respondFailure(Throwable thrown) {
    call.answeredWell(false);
    RpcException told = told(thrown);
    boolean mayHaveExecuted = arguments != null;
    ByteBuf out = frames.buffer(256);
    boolean opens = !headSent;
    boolean only = opens && GrpcMetadata.headersOrNull(context) == null;
    int dataBytes;
    try {
      if (opens && !only) {
        writeHead(out);
      }
      dataBytes = frames.failure(out, context, told, mayHaveExecuted, only, false);
      context.metaInfo().closeBackward();
    } catch (RuntimeException unwritable) {
      LOG.log(System.Logger.Level.WARNING, target() + ": the answer cannot be sent", unwritable);
      out.clear();
      RpcException defect =
          RpcException.of(Kind.INTERNAL, target() + ": the answer cannot be sent");
      dataBytes = frames.failure(out, null, defect, mayHaveExecuted, opens, false);
    }
    sendLast(out, dataBytes, opens);
  }

  private RpcException told(Throwable thrown) {
    if (thrown instanceof InterruptedException) {
      boolean late = deadline.isExpired();
      return RpcException.of(
          late ? Kind.DEADLINE_EXCEEDED : Kind.CANCELLED,
          target() + (late ? ": the deadline passed" : ": the call was cancelled"));
    }
    RpcException said = StatusTrailers.told(context, thrown);
    if (said == null || said.kind() == Kind.INTERNAL && !(thrown instanceof Failure)) {
      LOG.log(System.Logger.Level.WARNING, target() + ": the handler failed", thrown);
      return RpcException.of(Kind.INTERNAL, target() + ": the handler failed");
    }
    return said;
  }

  private String target() {
    return call.target();
  }

  /** What the client sends, one message after the other. */
  private final class Requests implements Source<Object> {
    private boolean closed;

    @Override
    public @Nullable Object receive() throws InterruptedException {
      ByteBuf bytes = closed ? null : call.receive(limit);
      return bytes == null ? null : parsed(bytes);
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        server.outbox().add((channel, promise) -> call.stopInput());
      }
    }
  }

  /** The one message that the client has sent. */
  private static final class OneMessage implements Source<Object> {
    private @Nullable Object message;

    OneMessage(Object message) {
      this.message = message;
    }

    @Override
    public @Nullable Object receive() {
      Object only = message;
      message = null;
      return only;
    }

    @Override
    public void close() {
      message = null;
    }
  }

  /** What the handler sends. */
  private final class Responses implements Sink<Object> {
    private boolean completed;

    @Override
    public void send(Object message) throws InterruptedException {
      if (completed) {
        throw new IllegalStateException(target() + ": the stream was completed before");
      }
      if (Thread.interrupted()) {
        throw new InterruptedException(target() + ": interrupted before sending");
      }
      ServerAnswer.this.send((MessageLite) message, false);
    }

    @Override
    public void complete() {
      completed = true;
    }
  }
}
