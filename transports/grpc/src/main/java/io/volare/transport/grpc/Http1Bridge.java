package io.volare.transport.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import io.volare.rpc.Endpoint;
import io.volare.transport.netty.RareLog;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Turns a connection of HTTP/1.1 into one of HTTP/2 for the {@link ServerConnection} behind it, so
 * that a call is the same whichever way it came: its context, its limits, its deadline, its end.
 * Belongs to the event loop.
 *
 * <p>A request is a stream; the next one waits until its response is out, in the order in which
 * they came. What the socket does not take keeps the stream's window shut, and what the stream does
 * not take keeps the socket unread. HTTP/1.1 has no word for cancelling a call but closing the
 * connection.
 *
 * <p>Nothing is passed on to the connection behind while it writes: that waits for a task of the
 * loop ({@link #pump}), since neither it nor Netty's decoder may be entered twice.
 */
final class Http1Bridge extends ChannelDuplexHandler implements Http1Frames.Hearer {
  /** What may have been read ahead of the request that is being answered; then the socket waits. */
  private static final int MOST_AHEAD_BYTES = 64 * 1024;

  private static final int MOST_AHEAD = 16;

  /** What a client may send of a request that was answered before it was read. */
  private static final int MOST_DROPPED_BYTES = 64 * 1024;

  private final GrpcServerConfig config;
  private final Endpoint peer;
  private final RareLog log;
  private final Http1Frames frames = new Http1Frames(this);
  private final Runnable pump = this::pump;
  private final Runnable check = this::check;

  /** What was read and not passed on: of the request that is being read, and of those after it. */
  private final ArrayDeque<HttpObject> ahead = new ArrayDeque<>();

  private @Nullable ChannelHandlerContext context;
  private @Nullable Future<?> nextCheck;
  private boolean begun;
  private boolean pumping;
  private boolean pumpDue;
  private int aheadBytes;

  // the exchange
  private State state = State.IDLE;
  private boolean requestRead = true;
  private boolean headWritten;
  private boolean lastExchange;
  private int droppedBytes;

  // the socket
  private boolean readingBody;
  private long headSince;
  private long lastRead;

  Http1Bridge(GrpcServerConfig config, Endpoint peer, RareLog log) {
    this.config = config;
    this.peer = peer;
    this.log = log;
  }

  /** How far the exchange of a request and its response is. */
  private enum State {
    /** No request. */
    IDLE,
    /** Its stream is open. */
    OPEN,
    /** The response is out; what is left of the request is dropped. */
    ANSWERED,
    /** Nothing is answered any more. */
    CLOSING
  }

  private ChannelHandlerContext context() {
    return java.util.Objects.requireNonNull(context);
  }

  // ---- the socket's side

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    this.context = context;
    frames.begin(context);
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    context.fireChannelActive();
    if (!begun) {
      begun = true;
      headSince = System.nanoTime();
      checkLater();
      deliverSoon();
    }
  }

  /** Bytes came, before anybody has looked at them. */
  void bytesRead() {
    lastRead = System.nanoTime();
    if (!readingBody && headSince == 0) {
      headSince = lastRead;
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    HttpObject read = (HttpObject) message;
    if (state == State.CLOSING) {
      ReferenceCountUtil.release(read);
      return;
    }
    if (read instanceof HttpRequest) {
      headSince = 0;
      readingBody = true;
    }
    if (read instanceof LastHttpContent) {
      readingBody = false;
    }
    ahead.add(read);
    aheadBytes += size(read);
  }

  private static int size(HttpObject read) {
    return read instanceof HttpContent content ? content.content().readableBytes() : 0;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    pump();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    if (nextCheck != null) {
      nextCheck.cancel(false);
    }
    close();
    drop();
    super.channelInactive(context);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext context) {
    drop();
    frames.close();
  }

  private void drop() {
    ahead.forEach(ReferenceCountUtil::release);
    ahead.clear();
    aheadBytes = 0;
    frames.drop();
  }

  // ---- on to the connection behind

  @Override
  public void deliverSoon() {
    if (!pumpDue) {
      pumpDue = true;
      context().channel().eventLoop().execute(pump);
    }
  }

  /** Passes on what can be passed on now. */
  private void pump() {
    pumpDue = false;
    if (pumping || !context().channel().isActive()) {
      return;
    }
    pumping = true;
    try {
      frames.deliver();
      while (!ahead.isEmpty() && passOn(ahead.peek())) {
        frames.deliver();
      }
    } finally {
      pumping = false;
    }
    context()
        .channel()
        .config()
        .setAutoRead(aheadBytes < MOST_AHEAD_BYTES && ahead.size() < MOST_AHEAD);
    context().fireChannelReadComplete();
    context().flush();
  }

  /** {@return whether {@code next} was taken from the queue, or a part of it was} */
  private boolean passOn(HttpObject next) {
    return switch (state) {
      case IDLE -> begin((HttpRequest) take());
      case OPEN -> !requestRead && body((HttpContent) next);
      case ANSWERED -> dropRest((HttpContent) take());
      case CLOSING -> {
        drop();
        yield false;
      }
    };
  }

  private HttpObject take() {
    HttpObject taken = ahead.remove();
    aheadBytes -= size(taken);
    return taken;
  }

  private boolean begin(HttpRequest request) {
    FullHttpResponse refusal = Http1Head.refusal(request, context().alloc());
    if (refusal != null) {
      refuse(refusal);
      return false;
    }
    boolean empty =
        !HttpUtil.isTransferEncodingChunked(request) && HttpUtil.getContentLength(request, 0L) == 0;
    if (!empty && HttpUtil.is100ContinueExpected(request)) {
      context()
          .write(new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE));
    }
    state = State.OPEN;
    headWritten = false;
    requestRead = false;
    droppedBytes = 0;
    lastExchange |= !HttpUtil.isKeepAlive(request);
    boolean secure = context().pipeline().get(SslHandler.class) != null;
    frames.open(request, secure, empty);
    return true;
  }

  /** Answers for itself and closes: what follows such a request is nothing to guess at. */
  private void refuse(FullHttpResponse response) {
    log.warn(() -> peer + ": a request over HTTP/1.1 was refused: " + response.status());
    close();
    drop();
    context().writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }

  /** {@return whether some of it was passed on} */
  private boolean body(HttpContent content) {
    if (content.decoderResult().isFailure()) {
      closeBecause("the body of a request cannot be read");
      return false;
    }
    int bytes = content.content().readableBytes();
    int part = Math.min(bytes, frames.room());
    if (part == 0 && bytes > 0) {
      return false;
    }
    boolean last = content instanceof LastHttpContent && part == bytes;
    frames.data(content.content(), part, last);
    aheadBytes -= part;
    if (part == bytes) {
      ahead.remove();
      content.release();
    }
    requestRead = last;
    return true;
  }

  /** What is left of a request that was answered before it was read. */
  private boolean dropRest(HttpContent rest) {
    droppedBytes += size(rest);
    boolean invalid = rest.decoderResult().isFailure();
    boolean last = rest instanceof LastHttpContent;
    rest.release();
    if (invalid || droppedBytes > MOST_DROPPED_BYTES) {
      closeBecause("a request went on after its response");
      return false;
    }
    if (last) {
      requestRead = true;
      goOn();
    }
    return true;
  }

  /** A response is out and its request was read. */
  private void goOn() {
    state = lastExchange ? State.CLOSING : State.IDLE;
    if (lastExchange) {
      context().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  // ---- from the connection behind

  @Override
  public void write(ChannelHandlerContext context, Object message, ChannelPromise promise)
      throws Exception {
    ByteBuf bytes = (ByteBuf) message;
    if (!bytes.isReadable()) {
      context.write(bytes, promise);
      return;
    }
    try {
      frames.hear(bytes);
    } catch (Http2Exception wrong) {
      closeBecause("a response cannot be told: " + wrong.getMessage());
    }
    if (!promise.isVoid()) {
      promise.trySuccess();
    }
  }

  @Override
  public void headRead(Http2Headers headers, boolean end) {
    if (headWritten) {
      if (end) {
        endResponse();
      }
      return;
    }
    headWritten = true;
    context().write(Http1Head.response(headers, end, lastExchange), context().voidPromise());
    if (end) {
      endResponse();
    }
  }

  /** The stream gets its window back once the socket has taken what came through it. */
  @Override
  public void dataRead(ByteBuf data, boolean end) {
    int bytes = data.readableBytes();
    if (bytes > 0) {
      int id = frames.streamId();
      context()
          .write(new DefaultHttpContent(data.retainedSlice()))
          .addListener(taken -> {
            if (taken.isSuccess()) {
              frames.taken(id, bytes);
            }
          });
    }
    if (end) {
      endResponse();
    }
  }

  private void endResponse() {
    context().writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT, context().voidPromise());
    state = State.ANSWERED;
    frames.closeStream();
    if (requestRead) {
      goOn();
    }
    deliverSoon();
  }

  @Override
  public void resetRead(long errorCode) {
    if (headWritten) {
      closeBecause("a response was cut off (HTTP/2 error " + errorCode + ")");
    } else {
      refuse(
          errorCode == Http2Error.PROTOCOL_ERROR.code()
              ? refusal(HttpResponseStatus.BAD_REQUEST, "the request is not valid")
              : refusal(HttpResponseStatus.SERVICE_UNAVAILABLE, "the request was not answered"));
    }
  }

  private FullHttpResponse refusal(HttpResponseStatus status, String why) {
    return Http1Head.refusal(status, why, context().alloc());
  }

  @Override
  public void goAwayRead(long errorCode) {
    lastExchange = true;
    if (errorCode != 0 && state == State.OPEN && !headWritten) {
      refuse(refusal(HttpResponseStatus.BAD_REQUEST, "the request is not valid"));
    } else if (errorCode != 0) {
      closeBecause("HTTP/2 error " + errorCode);
    } else if (state == State.IDLE && ahead.isEmpty()) {
      goOn();
    }
  }

  private void closeBecause(String why) {
    if (state != State.CLOSING) {
      log.warn(() -> peer + ": closed: " + why);
      close();
    }
    context().channel().close();
  }

  /** Nothing is answered any more. */
  private void close() {
    state = State.CLOSING;
    frames.closeStream();
  }

  // ---- time

  private void checkLater() {
    long delay = Math.min(TimeUnit.SECONDS.toNanos(1), config.stalled().toNanos() / 2);
    nextCheck = context().channel().eventLoop().schedule(check, delay, TimeUnit.NANOSECONDS);
  }

  /** A client that is in the middle of saying something goes on saying it. */
  private void check() {
    if (!context().channel().isActive()) {
      return;
    }
    long now = System.nanoTime();
    long most = config.stalled().toNanos();
    if (state != State.CLOSING) {
      if (headSince != 0 && now - headSince > most) {
        refuse(refusal(HttpResponseStatus.REQUEST_TIMEOUT, "the request did not arrive"));
      } else if (readingBody && ahead.isEmpty() && now - lastRead > most) {
        closeBecause("a request did not arrive within " + config.stalled());
      }
    }
    checkLater();
  }
}
