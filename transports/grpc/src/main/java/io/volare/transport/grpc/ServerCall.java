package io.volare.transport.grpc;

import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.volare.codec.protobuf.ProtobufMessages;
import io.volare.metainfo.MetaInfo;
import io.volare.motore.Deadline;
import io.volare.motore.Failure;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Time;
import io.volare.rpc.Duplex;
import io.volare.rpc.InboundRequest;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import io.volare.rpc.Sink;
import io.volare.rpc.Source;
import io.volare.transport.netty.Execution;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One call at the server, from its headers to its trailers.
 *
 * <p>The loop makes it, checks its headers and, where the client sends one message, waits for it;
 * then one thread runs it. A call that is refused never leaves the loop. The request's bytes are
 * released by the thread that runs it, or by the loop if it never runs. Being interrupted and
 * having ended exclude each other through its monitor.
 */
final class ServerCall extends GrpcStream implements Runnable, InboundRequest {
  private static final System.Logger LOG = System.getLogger(ServerCall.class.getName());
  private static final AsciiString UNSUPPORTED_MEDIA_TYPE = AsciiString.cached("415");
  private static final AsciiString METHOD_NOT_ALLOWED = AsciiString.cached("405");

  /** {@link Deadline} takes no more, and nobody waits that long. */
  private static final long MOST_TIMEOUT_NANOS = Duration.ofDays(365).toNanos();

  /**
   * How long after the deadline a handler is stopped: by then the caller has given up by its own
   * clock and does not take the answer for the handler's failure.
   */
  private static final long GRACE_NANOS = 5_000_000;

  /** How long a peer may go on sending what is dropped. */
  private static final Duration LINGER = Duration.ofSeconds(1);

  /** In the connection's {@link CallList}. */
  @Nullable ServerCall next;

  /** In the connection's {@link CallList}. */
  @Nullable ServerCall previous;

  private final ServerConnection server;
  private final Http2Headers head;
  private ResponseFrames frames = new ResponseFrames(this);

  // the loop's, until the dispatch hands them to the thread
  private GrpcRoutes.@Nullable Route route;
  private Deadline deadline = Deadline.NONE;
  private @Nullable Compression inbound = Compression.IDENTITY;
  private @Nullable Base64Text text;
  private @Nullable ByteBuf request;
  private boolean requestCompressed;
  private int requestBytes;
  private boolean dispatched;
  private boolean listed;
  private boolean finished;
  private boolean expired;
  private boolean lingers;
  private boolean broken;

  // the thread's
  private @Nullable RpcContext context;
  private @Nullable Object arguments;
  private boolean headSent;
  private boolean encodes;

  // guarded by the monitor
  private @Nullable Thread runner;
  private boolean ended;
  private boolean stopped;

  ServerCall(ServerConnection server, Http2Headers head) {
    super(server);
    this.server = server;
    this.head = head;
  }

  // ---- the loop

  /** Looks at what the headers say. */
  void begin(boolean end) {
    if (!AsciiString.contentEquals(head.method(), GrpcHeaders.POST)) {
      refuseMethod(end);
      return;
    }
    if (!GrpcHeaders.isGrpc(head.get(GrpcHeaders.CONTENT_TYPE)) && !isWeb()) {
      refuseAsHttp(UNSUPPORTED_MEDIA_TYPE, "gRPC calls are application/grpc", end);
      return;
    }
    GrpcRoutes routes = server.routes();
    CharSequence path = Objects.requireNonNull(head.path());
    route = routes.find(path);
    if (route == null) {
      refuse(RpcException.notExecuted(Kind.UNIMPLEMENTED, routes.missing(path)), false);
      return;
    }
    CharSequence encoding = head.get(GrpcHeaders.ENCODING);
    inbound = Compression.of(encoding);
    if (inbound == null) {
      refuse(
          RpcException.notExecuted(
              Kind.UNIMPLEMENTED,
              "grpc-encoding: %s (expected: one of %s)".formatted(encoding, Compression.ACCEPTED)),
          true);
      return;
    }
    CharSequence timeout = head.get(GrpcHeaders.TIMEOUT);
    if (timeout != null && !takeTimeout(timeout)) {
      return;
    }
    server.add(this);
    listed = true;
    if (route.method().kind() == MethodDescriptor.Kind.CLIENT_STREAM
        || route.method().kind() == MethodDescriptor.Kind.BIDI_STREAM) {
      dispatch();
    }
    if (end) {
      endInput();
    }
  }

  private void refuseMethod(boolean end) {
    GrpcWebConfig web = server.web();
    if (web == null || !WebFrames.isPreflight(head)) {
      refuseAsHttp(METHOD_NOT_ALLOWED, "gRPC calls are POST", end);
      return;
    }
    ByteBuf out = frames.buffer(0);
    WebFrames.preflight(frames, out, head, web);
    endNow(out, 0);
  }

  /** {@return whether it is a call of gRPC-Web, and may be; from here on it is answered so} */
  private boolean isWeb() {
    GrpcWebConfig web = server.web();
    WebForm form = web == null ? null : WebForm.of(head, web);
    if (form == null) {
      return false;
    }
    frames = new WebFrames(this, form);
    text = form.textRequest() ? new Base64Text() : null;
    head.remove(WebForm.X_GRPC_WEB); // no metadata of the user's
    head.remove(WebForm.ACCEPT);
    return true;
  }

  @Override
  ByteBuf plain(ByteBuf data, boolean end) {
    return text == null ? data : text.read(data, end, connection().alloc());
  }

  private boolean takeTimeout(CharSequence timeout) {
    long nanos = GrpcHeaders.timeoutNanos(timeout);
    if (nanos < 0) {
      refuse(
          RpcException.notExecuted(
              Kind.INTERNAL,
              "grpc-timeout: %s (expected: up to 8 digits and one of H M S m u n)"
                  .formatted(timeout)),
          false);
      return false;
    }
    deadline = Deadline.after(Duration.ofNanos(Math.min(nanos, MOST_TIMEOUT_NANOS)), Time.SYSTEM);
    if (nanos == 0) {
      refuse(late(), false);
      return false;
    }
    return true;
  }

  private RpcException late() {
    return RpcException.notExecuted(
        Kind.DEADLINE_EXCEEDED, target() + ": the deadline had passed when it arrived");
  }

  /** What is no gRPC is answered as HTTP has it; a peer that has more to send may do so a while. */
  private void refuseAsHttp(AsciiString status, String why, boolean end) {
    ByteBuf out = frames.buffer(why.length());
    int headBytes = frames.http(out, status);
    int dataBytes = frames.text(out, why);
    if (!end) {
      lingers = true;
      deadline = Deadline.after(LINGER, Time.SYSTEM);
      server.add(this);
      listed = true;
    }
    stopInput();
    enqueue(new StreamWrite(this, out, headBytes, dataBytes, true, true, false));
  }

  private void refuse(RpcException refusal, boolean saysEncodings) {
    ByteBuf out = frames.buffer(0);
    endNow(out, frames.failure(out, null, refusal, false, true, saysEncodings));
  }

  /** On the loop: the last frames, with nothing before them that the loop does not know of. */
  private void endNow(ByteBuf out, int dataBytes) {
    stopInput();
    enqueue(last(out, dataBytes, true));
  }

  /** {@return the last write of the call: frames, and data behind them if there is any} */
  private StreamWrite last(ByteBuf out, int dataBytes, boolean opens) {
    int gap = dataBytes == 0 ? 0 : Hpack.FRAME_HEADER_BYTES;
    int headBytes = out.readableBytes() - gap - dataBytes;
    return new StreamWrite(this, out, headBytes, dataBytes, opens, true, false);
  }

  @Override
  void headersRead(Http2Headers headers, boolean end) {
    if (end) {
      try {
        endInput();
      } catch (RpcException wrong) {
        stopInput();
        malformed(wrong);
      }
    }
  }

  @Override
  boolean keeps(ByteBuf message, boolean compressed) {
    if (isClientStream()) {
      return false;
    }
    if (request != null || dispatched) {
      message.release();
      throw RpcException.notExecuted(
          Kind.PROTOCOL, target() + ": a second message came (expected: one)");
    }
    request = message;
    requestCompressed = compressed;
    requestBytes = message.readableBytes() + MessageDeframer.PREFIX_BYTES;
    return true;
  }

  private boolean isClientStream() {
    MethodDescriptor.Kind kind = known().method().kind();
    return kind == MethodDescriptor.Kind.CLIENT_STREAM || kind == MethodDescriptor.Kind.BIDI_STREAM;
  }

  private GrpcRoutes.Route known() {
    return Objects.requireNonNull(route);
  }

  /** {@return where it runs; from any thread, once it has a route} */
  Execution execution() {
    return known().execution();
  }

  @Override
  void inputEnded() {
    if (dispatched || isOutputEnded()) {
      return;
    }
    if (request == null) {
      refuse(
          RpcException.notExecuted(
              Kind.PROTOCOL, target() + ": the request ended without a message (expected: one)"),
          false);
      return;
    }
    dispatch();
  }

  private void dispatch() {
    if (!server.admits()) {
      refuse(
          RpcException.notExecuted(
              Kind.RESOURCE_EXHAUSTED,
              "%s: handlers of this connection go on though their calls are over (limit: %d)"
                  .formatted(target(), server.mostHandlers())),
          false);
      return;
    }
    dispatched = true;
    server.dispatch(this);
  }

  /** On the loop: the executor had no room. */
  void rejected(RejectedExecutionException full) {
    server.handlerEnded();
    releaseRequest();
    fail(RpcException.of(Kind.RESOURCE_EXHAUSTED, target() + ": not run"));
    refuse(
        RpcException.notExecuted(
            Kind.RESOURCE_EXHAUSTED, target() + ": the server has no room for more calls"),
        false);
  }

  @Override
  void malformed(RpcException wrong) {
    fail(wrong);
    broken = true;
    if (dispatched) {
      stop();
      if (!server.chargeReset()) {
        return;
      }
    }
    if (isWriting()) {
      resetNow(Http2Error.INTERNAL_ERROR);
    } else if (!isOutputEnded()) {
      endWith(wrong);
    }
  }

  /** On the loop: ends a call that may have begun to answer. */
  private void endWith(RpcException failure) {
    ByteBuf out = frames.buffer(0);
    boolean only = !hasSentHeaders();
    int dataBytes = frames.failure(out, null, failure, dispatched, only, false);
    stopInput();
    enqueue(last(out, dataBytes, only));
  }

  private boolean hasSentHeaders() {
    return http2() != null && http2().isHeadersSent();
  }

  @Override
  void resetRead(long errorCode) {
    fail(RpcException.of(Kind.CANCELLED, target() + ": the caller has reset the call"));
    stop();
  }

  @Override
  void stalled(String what) {
    fail(
        RpcException.of(
            Kind.UNAVAILABLE, "%s: %s for %s".formatted(target(), what, server.stalledAfter())));
    stop();
    if (server.chargeReset()) {
      resetNow(Http2Error.CANCEL);
    }
  }

  boolean hasDeadline() {
    return deadline.isFinite();
  }

  /** {@return nanoseconds until the loop has to look at it, at least 0} */
  long untilDeadline(long now) {
    return deadline.isFinite() && !expired
        ? Math.max(0, deadline.nanos() + GRACE_NANOS - now)
        : Long.MAX_VALUE;
  }

  /** On the loop: its time is over. Whatever its handler does, the caller gets its answer now. */
  void expire() {
    expired = true;
    if (lingers) {
      resetNow(finished ? Http2Error.NO_ERROR : Http2Error.CANCEL);
      return;
    }
    RpcException over = RpcException.of(Kind.DEADLINE_EXCEEDED, target() + ": the deadline passed");
    fail(over);
    stop();
    if (isWriting()) {
      resetNow(Http2Error.CANCEL);
    } else if (!isOutputEnded()) {
      endWith(over);
    }
  }

  /** {@return whether its answer is HTTP's, and what its peer still sends is dropped} */
  boolean lingers() {
    return lingers;
  }

  /** {@return whether its peer has sent what it may not} */
  boolean isBroken() {
    return broken;
  }

  /** {@return whether its caller may reset it without being charged: its time was nearly over} */
  boolean isOverdue() {
    return dispatched && deadline.isFinite() && deadline.remainingNanos() < GRACE_NANOS;
  }

  @Override
  void outputEnded() {
    finished = true;
    server.ended(this);
  }

  @Override
  void closed() {
    if (listed) {
      server.remove(this);
    }
    if (!dispatched) {
      releaseRequest();
    }
    if (!finished) {
      fail(RpcException.of(Kind.CANCELLED, target() + ": the call's stream was lost"));
      stop();
    }
  }

  /** On the loop: it was put off, and is over before it began. */
  void forget() {
    server.handlerEnded();
    releaseRequest();
  }

  private void releaseRequest() {
    ByteBuf unwanted = request;
    request = null;
    if (unwanted != null) {
      unwanted.release();
    }
  }

  // ---- any thread

  /** Asks the handler to stop, now or when it begins; does nothing once it has ended. */
  private synchronized void stop() {
    stopped = true;
    if (!ended && runner != null) {
      runner.interrupt();
    }
  }

  private synchronized boolean beginRun() {
    runner = Thread.currentThread();
    return !stopped;
  }

  private synchronized void endRun() {
    ended = true;
  }

  @Override
  @Nullable Compression inboundCompression() {
    return inbound;
  }

  @Override
  int mostMessageBytes() {
    return server.config().messageBytes();
  }

  @Override
  String target() {
    return route == null ? "call" : route.method().fullName();
  }

  // ---- the thread that answers

  @Override
  public void run() {
    if (server.mustWait(this)) {
      return;
    }
    if (!beginRun()) {
      endRun();
      server.handlerEnded();
      releaseRequest();
      return;
    }
    Throwable failure = null;
    RpcContext serving = context();
    context = serving;
    try {
      GrpcMetadata.receivedRequest(serving, GrpcHeaders.takeForward(head, serving.metaInfo()));
      if (deadline.isExpired()) {
        throw late();
      }
      Object value = serving.serve(() -> known().service().call(serving, this));
      respond(serving, (MessageLite) value);
    } catch (Throwable thrown) {
      failure = thrown;
      respondFailure(serving, thrown);
    } finally {
      serving.end(failure);
      endRun();
      server.handlerEnded();
      clearInterrupt();
      releaseRequest();
      stopReceiving();
    }
  }

  private static void clearInterrupt() {
    if (!Thread.currentThread().isVirtual()) {
      Thread.interrupted();
    }
  }

  private RpcContext context() {
    CharSequence caller = head.get(GrpcHeaders.SOURCE_SERVICE);
    CharSequence callee = head.get(GrpcHeaders.DESTINATION_SERVICE);
    MethodDescriptor method = known().method();
    RpcContext made =
        RpcContext.server(
            method,
            caller == null ? "" : caller.toString(),
            callee == null ? method.service() : callee.toString(),
            MetaInfo.create(server.config().metaInfo()),
            server.peer());
    made.deadline(deadline);
    return made;
  }

  private RpcContext serving() {
    return Objects.requireNonNull(context);
  }

  @Override
  public Object decode() {
    Object decoded = arguments;
    if (decoded == null) {
      decoded =
          switch (known().method().kind()) {
            case UNARY, ONEWAY -> decodedRequest();
            case SERVER_STREAM -> new Duplex<>(new OneMessage(decodedRequest()), new Responses());
            case CLIENT_STREAM, BIDI_STREAM -> new Duplex<>(new Requests(), new Responses());
          };
      arguments = decoded;
    }
    return decoded;
  }

  private MessageLite decodedRequest() {
    ByteBuf bytes = Objects.requireNonNull(request);
    request = null;
    GrpcCompression.received(serving(), requestCompressed);
    return parsed(decompressed(bytes, requestCompressed));
  }

  private MessageLite parsed(ByteBuf bytes) {
    try {
      return ProtobufMessages.read(known().method().request(), bytes);
    } finally {
      bytes.release();
    }
  }

  @Override
  void taken(boolean compressed) {
    GrpcCompression.received(serving(), compressed);
  }

  @Override
  public int size() {
    return requestBytes;
  }

  private void respond(RpcContext serving, @Nullable MessageLite value)
      throws InterruptedException {
    MethodDescriptor.Kind kind = known().method().kind();
    boolean one =
        kind != MethodDescriptor.Kind.SERVER_STREAM && kind != MethodDescriptor.Kind.BIDI_STREAM;
    if (!one && value == null) {
      endWell(serving);
      return;
    }
    send(serving, value, one);
    if (!one) {
      endWell(serving);
    }
  }

  /** Sends a message, behind the head if it is the first, and before the trailers if the last. */
  private void send(RpcContext serving, @Nullable MessageLite message, boolean last)
      throws InterruptedException {
    int bytes = message == null ? 0 : message.getSerializedSize();
    MessageDeframer.checkSize(bytes, server.config().messageBytes());
    ByteBuf out = frames.buffer(bytes);
    StreamWrite write = null;
    boolean opens = !headSent;
    try {
      int headBytes = opens ? writeHead(out, serving) : 0;
      Compression compression = compression(serving);
      int dataBytes = frames.message(out, message, bytes, compression);
      if (last) {
        dataBytes = frames.trailers(out, serving, !opens, dataBytes);
        serving.metaInfo().closeBackward();
      }
      write = new StreamWrite(this, out, headBytes, dataBytes, opens, last, true);
    } finally {
      if (write == null) {
        out.release();
      }
    }
    headSent = true;
    if (execution().isInline()) {
      sendNow(write);
    } else {
      send(write, deadline);
    }
  }

  private Compression compression(RpcContext serving) {
    return encodes && GrpcCompression.compressesResponses(serving)
        ? Compression.GZIP
        : Compression.IDENTITY;
  }

  private int writeHead(ByteBuf out, RpcContext serving) {
    encodes =
        GrpcCompression.isChosen(serving)
            && Compression.GZIP.isAccepted(head.get(GrpcHeaders.ACCEPT_ENCODING));
    frames.head(out, serving, encodes);
    return out.readableBytes();
  }

  private void endWell(RpcContext serving) {
    ByteBuf out = frames.buffer(0);
    boolean opens = !headSent;
    int dataBytes;
    try {
      if (opens) {
        writeHead(out, serving);
      }
      dataBytes = frames.trailers(out, serving, !opens, 0);
      serving.metaInfo().closeBackward();
    } catch (RuntimeException unwritable) {
      out.release();
      throw unwritable;
    }
    headSent = true;
    sendNow(last(out, dataBytes, opens));
  }

  private void respondFailure(RpcContext serving, Throwable thrown) {
    RpcException told = told(serving, thrown);
    boolean mayHaveExecuted = arguments != null;
    ByteBuf out = frames.buffer(256);
    boolean opens = !headSent;
    boolean only = opens && GrpcMetadata.headersOrNull(serving) == null;
    int dataBytes;
    try {
      if (opens && !only) {
        writeHead(out, serving);
      }
      dataBytes = frames.failure(out, serving, told, mayHaveExecuted, only, false);
      serving.metaInfo().closeBackward();
    } catch (RuntimeException unwritable) {
      LOG.log(System.Logger.Level.WARNING, target() + ": the answer cannot be sent", unwritable);
      out.clear();
      RpcException defect =
          RpcException.of(Kind.INTERNAL, target() + ": the answer cannot be sent");
      dataBytes = frames.failure(out, null, defect, mayHaveExecuted, opens, false);
    }
    headSent = true;
    sendNow(last(out, dataBytes, opens));
  }

  private RpcException told(RpcContext serving, Throwable thrown) {
    if (thrown instanceof InterruptedException) {
      boolean late = deadline.isExpired();
      return RpcException.of(
          late ? Kind.DEADLINE_EXCEEDED : Kind.CANCELLED,
          target() + (late ? ": the deadline passed" : ": the call was cancelled"));
    }
    RpcException said = StatusTrailers.told(serving, thrown);
    if (said == null || said.kind() == Kind.INTERNAL && !(thrown instanceof Failure)) {
      LOG.log(System.Logger.Level.WARNING, target() + ": the handler failed", thrown);
      return RpcException.of(Kind.INTERNAL, target() + ": the handler failed");
    }
    return said;
  }

  /** What the client sends, one message after the other. */
  private final class Requests implements Source<Object> {
    private boolean closed;

    @Override
    public @Nullable Object receive() throws InterruptedException {
      ByteBuf bytes = closed ? null : ServerCall.this.receive(deadline);
      return bytes == null ? null : parsed(bytes);
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        server.outbox().add((channel, promise) -> stopInput());
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
      ServerCall.this.send(serving(), (MessageLite) message, false);
    }

    @Override
    public void complete() {
      completed = true;
    }
  }
}
