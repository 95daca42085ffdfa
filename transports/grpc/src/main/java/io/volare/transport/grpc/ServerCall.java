package io.volare.transport.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http2.EmptyHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.volare.motore.Deadline;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Time;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcException;
import io.volare.transport.netty.Execution;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * One call at the server, from its headers to its trailers.
 *
 * <p>The loop makes it, checks its headers and, where the client sends one message, waits for it;
 * then one thread runs it, as {@link ServerAnswer}. A call that is refused never leaves the loop.
 * The request's bytes are released by the thread that runs it, or by the loop if it never runs.
 * Being interrupted and having ended exclude each other through its monitor.
 */
final class ServerCall extends GrpcStream implements Runnable {
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
  private ResponseFrames frames = new ResponseFrames(this);

  // the loop's, until the dispatch hands them to the thread
  private Http2Headers head;
  private GrpcRoutes.@Nullable Route route;
  private Deadline deadline = Deadline.NONE;
  private @Nullable Compression inbound = Compression.IDENTITY;
  private @Nullable Base64Text text;
  private @Nullable ByteBuf request;
  private boolean requestCompressed;
  private int requestBytes;
  private boolean dispatched;
  private boolean listed;
  private boolean expired;
  private boolean lingers;
  private boolean broken;
  private boolean endedByLoop;

  // the thread's
  private @Nullable ServerAnswer answer;

  // the thread's, until the loop has its last write
  private boolean answeredWell;

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
      openInbox();
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

  RpcException late() {
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
    endedByLoop = true;
    stopInput();
    enqueue(new StreamWrite(this, out, headBytes, dataBytes, true, true, false));
  }

  private void refuse(RpcException refusal, boolean saysEncodings) {
    ByteBuf out = frames.buffer(0);
    endNow(out, frames.failure(out, null, refusal, false, true, saysEncodings));
  }

  /** On the loop: the last frames, with nothing before them that the loop does not know of. */
  private void endNow(ByteBuf out, int dataBytes) {
    endedByLoop = true;
    stopInput();
    enqueue(last(out, dataBytes, true));
  }

  /** {@return the last write of the call: frames, and data behind them if there is any} */
  StreamWrite last(ByteBuf out, int dataBytes, boolean opens) {
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
  void keep(ByteBuf message, boolean compressed) {
    if (request != null || dispatched) {
      message.release();
      throw RpcException.notExecuted(
          Kind.PROTOCOL, target() + ": a second message came (expected: one)");
    }
    request = message;
    requestCompressed = compressed;
    requestBytes = message.readableBytes() + MessageDeframer.PREFIX_BYTES;
  }

  @Override
  void messageRead() {
    SocketCounts counts = server.counts();
    if (counts != null) {
      counts.messageReceived();
    }
  }

  @Override
  void messageWritten() {
    SocketCounts counts = server.counts();
    if (counts != null) {
      counts.messageSent();
    }
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
    endedByLoop = true;
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
      resetNow(isEndWritten() ? Http2Error.NO_ERROR : Http2Error.CANCEL);
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
    server.ended(this);
  }

  @Override
  void closed() {
    SocketCounts counts = server.counts();
    if (counts != null) {
      counts.streamEnded(isEndWritten(), !endedByLoop && answeredWell);
    }
    if (listed) {
      server.remove(this);
    }
    if (!dispatched) {
      releaseRequest();
    }
    if (!isEndWritten()) {
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
    try {
      ServerAnswer answering =
          new ServerAnswer(this, server, takeHead(), known(), frames, deadline);
      answer = answering;
      answering.run();
    } finally {
      endRun();
      server.handlerEnded();
      clearInterrupt();
      releaseRequest();
      stopReceiving();
    }
  }

  /** A stream may last long, so it keeps no headers that were read. */
  private Http2Headers takeHead() {
    Http2Headers taken = head;
    head = EmptyHttp2Headers.INSTANCE;
    return taken;
  }

  private static void clearInterrupt() {
    if (!Thread.currentThread().isVirtual()) {
      Thread.interrupted();
    }
  }

  @Override
  void taken(boolean compressed) {
    Objects.requireNonNull(answer).received(compressed);
  }

  /** Whether what it sends last says that it went well. */
  void answeredWell(boolean well) {
    answeredWell = well;
  }

  boolean isRequestCompressed() {
    return requestCompressed;
  }

  /** {@return how large the one request was on the wire} */
  int requestBytes() {
    return requestBytes;
  }

  /** {@return the one request, decompressed and the caller's own} */
  ByteBuf takeRequest() {
    ByteBuf bytes = Objects.requireNonNull(request);
    request = null;
    return decompressed(bytes, requestCompressed);
  }
}
