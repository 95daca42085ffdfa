package io.volare.transport.grpc;

import static java.util.Objects.requireNonNull;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.volare.motore.Deadline;
import io.volare.motore.Time;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import io.volare.transport.netty.Outbox;
import io.volare.transport.netty.Loops;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to run a call over one connection, and the thread that waits for it.
 *
 * <pre>{@code
 *           loop                 loop
 * QUEUED ---------> SENT ------------------> OVER       the caller reads how it ended
 *   |  |              |  caller
 *   |  |              +--------------------> ABANDONED  the stream is reset
 *   |  +-------------- caller -------------> ABANDONED  nothing was written
 *   +----- loop ---------------------------> UNSENT     another connection may take it
 * }</pre>
 *
 * <p>Each step is one compare-and-set. The request's bytes belong to the loop from the moment the
 * stream is in the outbox. A response that is collected belongs to the caller once it is {@code
 * OVER}, and to the loop in every other state.
 */
final class ClientStream extends GrpcStream implements Outbox.Letter {
  static final int QUEUED = 0;
  static final int SENT = 1;
  static final int OVER = 2;
  static final int UNSENT = 3;
  static final int ABANDONED = 4;

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(ClientStream.class, "state", int.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  private final ClientConnection connection;
  private final RpcContext context;
  private final int mostMessageBytes;
  private final boolean collects;
  private final Thread caller = Thread.currentThread();
  private @Nullable ByteBuf request;
  private final int headBytes;
  private final int dataBytes;
  private final boolean ends;
  private final int headerListBytes;
  private volatile int state;

  // written by the loop, read by the caller once it knows the state
  private @Nullable Http2Headers head;
  private @Nullable Http2Headers end;
  private @Nullable ByteBuf message;
  private boolean messageCompressed;
  private @Nullable Compression encoding;
  private @Nullable RpcException wrong;
  private boolean unprocessed;

  // the loop's
  private boolean over;
  private boolean opened;
  private boolean resetByServer;
  private int readsBefore;

  /** Whether the server has ended the call, so that it reads nothing more. */
  private volatile boolean answered;

  /**
   * Takes over {@code request}: a HEADERS frame, and where there is a message, room for the header
   * of its DATA frame and the message with its prefix.
   *
   * @param collects whether the one response is kept for the caller to be woken with
   * @param ends whether the request ends with these bytes
   */
  ClientStream(
      ClientConnection connection,
      RpcContext context,
      int mostMessageBytes,
      boolean collects,
      ByteBuf request,
      int headBytes,
      boolean ends,
      int headerListBytes) {
    super(connection);
    this.connection = connection;
    this.context = context;
    this.mostMessageBytes = mostMessageBytes;
    this.collects = collects;
    this.request = request;
    this.headBytes = headBytes;
    this.dataBytes = Math.max(0, request.readableBytes() - headBytes - Hpack.FRAME_HEADER_BYTES);
    this.ends = ends;
    this.headerListBytes = headerListBytes;
    if (!collects) {
      openInbox();
    }
  }

  // ---- the caller's

  int state() {
    return state;
  }

  /** {@return the headers that came first; null where there were only trailers} */
  @Nullable Http2Headers head() {
    return head;
  }

  /** {@return the trailers, once it is over and nothing was {@link #wrong()}} */
  Http2Headers end() {
    return requireNonNull(end);
  }

  /** {@return what kept the call from ending with trailers, or null} */
  @Nullable RpcException wrong() {
    return wrong;
  }

  /** {@return whether the server says, or its absence shows, that it ran nothing of the call} */
  boolean isUnprocessed() {
    return unprocessed;
  }

  /** {@return whether the server has ended the call} */
  boolean isAnswered() {
    return answered;
  }

  /** {@return the collected response, decompressed and the caller's own; null if none came} */
  @Nullable ByteBuf takeMessage() {
    ByteBuf taken = message;
    message = null;
    return taken == null ? null : decompressed(taken, messageCompressed);
  }

  /** {@return whether the message that was taken last came compressed} */
  boolean wasCompressed() {
    return messageCompressed;
  }

  @Override
  void taken(boolean compressed) {
    messageCompressed = compressed;
  }

  /** Lets go of a response that was not taken. */
  void releaseMessage() {
    ByteBuf unread = message;
    message = null;
    if (unread != null) {
      unread.release();
    }
  }

  /**
   * Gives up. A stream that was sent is reset.
   *
   * @return the state it was given up in, {@link #QUEUED} or {@link #SENT}, or the state in which
   *     it had ended already
   */
  int abandon() {
    if (STATE.compareAndSet(this, QUEUED, ABANDONED)) {
      return QUEUED;
    }
    if (STATE.compareAndSet(this, SENT, ABANDONED)) {
      reset(Http2Error.CANCEL);
      return SENT;
    }
    return state;
  }

  /**
   * Parks the caller until the state is beyond {@code beyond} or the deadline passes.
   *
   * @return whether it is
   * @throws InterruptedException if the caller is interrupted first
   */
  boolean await(int beyond, Deadline deadline) throws InterruptedException {
    while (state <= beyond) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (deadline.isExpired()) {
        return false;
      }
      Time.SYSTEM.park(this, deadline);
    }
    return true;
  }

  // ---- the loop's

  private boolean step(int from, int to) {
    if (!STATE.compareAndSet(this, from, to)) {
      return false;
    }
    Loops.unpark(caller);
    return true;
  }

  @Override
  public void post(Channel channel, ChannelPromise promise) {
    connection.open(this);
  }

  /** {@return what the connection had read when this was sent} */
  int readsBefore() {
    return readsBefore;
  }

  int headerListBytes() {
    return headerListBytes;
  }

  /** Nothing was written, and nothing will be. */
  void unsent(@Nullable RpcException why) {
    discardRequest();
    wrong = why;
    step(QUEUED, UNSENT);
  }

  /** {@return whether the caller still wants it to be sent} */
  boolean sending() {
    boolean wanted = collects ? STATE.compareAndSet(this, QUEUED, SENT) : step(QUEUED, SENT);
    if (!wanted) {
      discardRequest();
    }
    return wanted;
  }

  private void discardRequest() {
    ByteBuf unwanted = request;
    request = null;
    if (unwanted != null) {
      unwanted.release();
    }
  }

  /** The stream could not be opened after all. */
  void notOpened(RpcException why) {
    discardRequest();
    unprocessed = true;
    over(why);
  }

  /**
   * Writes the request. The headers go out whatever the windows are: a server may want to see them
   * before it opens the window.
   */
  void begin(Http2Stream http2, int window, int reads) {
    attach(http2);
    readsBefore = reads;
    opened = true;
    ByteBuf bytes = requireNonNull(request);
    request = null;
    bytes.setInt(bytes.readerIndex() + 5, http2.id());
    if (dataBytes > 0 && window <= 0) {
      ByteBuf first = bytes.readRetainedSlice(headBytes);
      enqueue(new StreamWrite(this, first, headBytes, 0, true, false, false));
      enqueue(new StreamWrite(this, bytes, 0, dataBytes, false, ends, false));
    } else {
      enqueue(new StreamWrite(this, bytes, headBytes, dataBytes, true, ends, false));
    }
  }

  @Override
  @Nullable Compression inboundCompression() {
    return encoding;
  }

  @Override
  int mostMessageBytes() {
    return mostMessageBytes;
  }

  @Override
  String target() {
    return context.target();
  }

  @Override
  void keep(ByteBuf body, boolean compressed) {
    if (over || message != null) {
      body.release();
      malformed(
          RpcException.of(Kind.INTERNAL, target() + ": more than one response (expected: one)"));
    } else {
      message = body;
      messageCompressed = compressed;
    }
  }

  @Override
  void headersRead(Http2Headers headers, boolean last) {
    if (over) {
      return;
    }
    if (head == null && !isFirst(headers, last)) {
      return;
    }
    if (!last) {
      return;
    }
    end = headers;
    try {
      endInput();
    } catch (RpcException truncated) {
      malformed(truncated);
    }
  }

  /** {@return whether it is the response's head, or all there is of it} */
  private boolean isFirst(Http2Headers headers, boolean last) {
    CharSequence status = headers.status();
    if (!last && status != null && status.length() == 3 && status.charAt(0) == '1') {
      return false;
    }
    boolean ok = status != null && GrpcHeaders.OK_200.contentEquals(status);
    boolean grpc = GrpcHeaders.isGrpc(headers.get(GrpcHeaders.CONTENT_TYPE));
    if (!(ok && grpc) && !(last && headers.contains(GrpcHeaders.STATUS))) {
      over(StatusTrailers.notGrpc(target(), headers));
      resetNow(Http2Error.CANCEL);
      return false;
    }
    if (!last) {
      head = headers;
      encoding = Compression.of(headers.get(GrpcHeaders.ENCODING));
    }
    return true;
  }

  @Override
  void inputEnded() {
    if (end == null) {
      over(
          RpcException.of(
              Kind.INTERNAL,
              target() + ": the response ended without trailers (expected: a status)"));
    } else {
      over(null);
    }
    if (!isOutputEnded() || isWriting()) {
      resetNow(Http2Error.NO_ERROR);
    }
  }

  @Override
  void malformed(RpcException what) {
    String said = String.valueOf(what.getMessage());
    over(
        said.startsWith(target())
            ? what
            : RpcException.of(what.kind(), target() + ": " + said, what));
    resetNow(Http2Error.CANCEL);
  }

  @Override
  void resetRead(long errorCode) {
    resetByServer = true;
    if (errorCode == Http2Error.REFUSED_STREAM.code()) {
      unprocessed = true;
    }
    over(reset(errorCode));
  }

  /** Source: PROTOCOL-HTTP2, "HTTP2 Transport Mapping / Errors". */
  private RpcException reset(long errorCode) {
    Http2Error error = Http2Error.valueOf(errorCode);
    Kind kind =
        switch (error) {
          case REFUSED_STREAM -> Kind.UNAVAILABLE;
          case CANCEL -> Kind.CANCELLED;
          case ENHANCE_YOUR_CALM -> Kind.RESOURCE_EXHAUSTED;
          case INADEQUATE_SECURITY -> Kind.PERMISSION_DENIED;
          case null, default -> Kind.INTERNAL;
        };
    String name = error == null ? "error " + errorCode : error.name();
    return new RpcException(
        kind, !unprocessed, target() + ": the stream was reset: " + name, null, null);
  }

  /** The server has said that it takes no stream as late as this one. */
  void refused(String why) {
    unprocessed = true;
    over(RpcException.notExecuted(Kind.UNAVAILABLE, target() + ": not processed: " + why));
  }

  private void over(@Nullable RpcException why) {
    if (over) {
      return;
    }
    over = true;
    wrong = why;
    answered = true;
    if (why != null && !collects) {
      fail(why);
    }
    if (!step(SENT, OVER) && collects) {
      releaseMessage();
    }
    connection.streamOver(why == null);
  }

  @Override
  void closed() {
    if (!over) {
      over(connection.lostBefore(target(), opened && hasWritten()));
    }
    connection.streamClosed(resetByServer);
  }

  @Override
  void stalled(String what) {
    over(RpcException.of(Kind.UNAVAILABLE, target() + ": " + what));
    resetNow(Http2Error.CANCEL);
  }
}
