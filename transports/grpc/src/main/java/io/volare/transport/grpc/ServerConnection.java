package io.volare.transport.grpc;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.concurrent.Future;
import io.volare.rpc.Endpoint;
import io.volare.transport.netty.Protocol;
import io.volare.transport.netty.ServerPort;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a server. All fields belong to its event loop, but for what says otherwise;
 * calls that run elsewhere reach it through the outbox only.
 *
 * <p>It is closed when it has no call for too long or has lived long enough, in the two steps that
 * lose nothing: a GOAWAY that only warns, and once the peer must have seen it, one that says which
 * was the last call. It is closed at once when its peer does not move.
 */
final class ServerConnection extends GrpcConnection implements Protocol.Connection {
  private static final System.Logger LOG = System.getLogger(ServerConnection.class.getName());

  /** How often at least idleness and stalling are looked at; deadlines have their own time. */
  private static final long MOST_CHECK_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** What a stream may receive before it is taken, and the most of it at once. */
  private static final int STREAM_WINDOW_BYTES = 64 * 1024;

  private static final long ADVANCE_BYTES = 16L * 1024 * 1024;

  /**
   * Handlers that may run, those included whose calls are over, for each stream that may be open.
   */
  private static final int MOST_HANDLERS_A_STREAM = 2;

  private static final long KEEP_ALIVE_PING = 0x6b656570;
  private static final long DRAIN_PING = 0x64726169;

  /** A peer that does not answer the ping of a drain is told the second step anyway. */
  private static final long DRAIN_STEP_MILLIS = 1_000;

  /** How soon a draining server looks again whether a new connection has said anything. */
  private static final long PREFACE_MILLIS = 5;

  /** A peer that was told everything closes by itself; after this long it is done for it. */
  private static final long LINGER_MILLIS = 250;

  /** Put off calls that begin again at a time; each may find the connection full once more. */
  private static final int BEGIN_AT_ONCE = 8;

  private final GrpcProtocol server;
  private final Endpoint peer;
  private final @Nullable SocketCounts counts;
  private final CallList calls = new CallList();
  private final ArrayDeque<ServerCall> putOff = new ArrayDeque<>();
  private final Runnable check = this::check;
  private final AtomicLong handlersEnded = new AtomicLong();
  private volatile long handlersBegun;
  private final long checkNanos;
  private final long openedNanos = System.nanoTime();
  private final long mostAgeNanos;
  private @Nullable Future<?> nextCheck;
  private long nextCheckNanos;
  private long lastActive = openedNanos;
  private long lastRead = openedNanos;
  private long pingedNanos;
  private long takenNanos;
  private long waitedBytes;
  private boolean readSinceCheck;
  private boolean beganSinceCheck;
  private Drain drain = Drain.NONE;
  private boolean awaitsPreface;
  private volatile boolean closing;

  ServerConnection(GrpcProtocol server, Channel channel) {
    super(Codec.server(limits(server.config())), server.unsent());
    this.server = server;
    this.peer = ServerPort.peer(channel);
    ShownServer shown = server.shown();
    counts = shown == null ? null : new SocketCounts(shown);
    checkNanos = Math.min(MOST_CHECK_NANOS, server.config().stalled().toNanos() / 2);
    long age = server.config().maxAge().toNanos();
    mostAgeNanos = age - age / 10 + ThreadLocalRandom.current().nextLong(age / 5 + 1);
  }

  private static Limits limits(GrpcServerConfig config) {
    return new Limits(
        config.headerListBytes(),
        config.streams(),
        STREAM_WINDOW_BYTES,
        config.windowBytes(),
        Math.max(ADVANCE_BYTES, config.messageBytes()),
        config.unsentBytes(),
        config.resets());
  }

  /** From any thread. */
  Endpoint peer() {
    return peer;
  }

  /** {@return what is counted of it; null where nobody shows it} */
  @Nullable SocketCounts counts() {
    return counts;
  }

  /** From any thread. */
  GrpcServerConfig config() {
    return server.config();
  }

  /** From any thread: whether it is on its way to being closed for what it holds. */
  boolean isClosing() {
    return closing;
  }

  GrpcRoutes routes() {
    return server.routes();
  }

  /** {@return which pages may call; null where gRPC-Web is not offered} */
  @Nullable GrpcWebConfig web() {
    return server.web();
  }

  Duration stalledAfter() {
    return config().stalled();
  }

  @Override
  void opened() {
    checkIn(checkNanos, System.nanoTime());
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    readSinceCheck = true;
    super.channelRead(context, message);
  }

  @Override
  void headersRead(Http2Stream http2, Http2Headers headers, boolean end) {
    GrpcStream known = stream(http2);
    if (known != null) {
      known.headersRead(headers, end);
      return;
    }
    beganSinceCheck = true;
    if (counts != null) {
      counts.streamStarted();
    }
    ServerCall call = new ServerCall(this, headers);
    call.attach(http2);
    call.begin(end);
  }

  void add(ServerCall call) {
    calls.add(call);
    if (call.hasDeadline()) {
      checkBefore(call);
    }
  }

  void remove(ServerCall call) {
    calls.remove(call);
  }

  /**
   * {@return whether one more handler may run} A stream that is over frees its place for another,
   * but not the handler that takes no notice.
   */
  boolean admits() {
    if (handlers() >= mostHandlers()) {
      return false;
    }
    handlersBegun++; // nobody else writes it
    return true;
  }

  long mostHandlers() {
    return (long) MOST_HANDLERS_A_STREAM * config().streams();
  }

  /** From any thread: a handler that was admitted has ended, or will not run. */
  void handlerEnded() {
    handlersEnded.incrementAndGet();
  }

  /** From any thread: handlers that run or are about to. */
  long handlers() {
    long ended = handlersEnded.get();
    return handlersBegun - ended;
  }

  void dispatch(ServerCall call) {
    try {
      call.execution().run(call);
    } catch (RejectedExecutionException full) {
      call.rejected(full);
    }
  }

  /** From the thread that is to run {@code call}: whether its peer has to read first. */
  boolean mustWait(ServerCall call) {
    if (call.execution().isInline() || !room().isFull()) {
      return false;
    }
    outbox()
        .add((channel, promise) -> {
          putOff.add(call);
          roomGiven();
        });
    return true;
  }

  @Override
  void roomGiven() {
    if (putOff.isEmpty()) {
      return;
    }
    if (!channel().isActive()) {
      putOff.forEach(ServerCall::forget);
      putOff.clear();
    }
    for (int i = 0; i < BEGIN_AT_ONCE && !putOff.isEmpty() && !room().isFull(); i++) {
      dispatch(putOff.poll());
    }
  }

  /** The call has written its last frame; what its peer still sends is of no use. */
  void ended(ServerCall call) {
    if (!call.isBroken()) {
      endedWell();
    }
    Http2Stream http2 = call.http2();
    if (http2 != null && http2.state().remoteSideOpen() && !call.lingers()) {
      writeReset(http2, Http2Error.NO_ERROR);
    }
  }

  @Override
  boolean chargesReset(int streamId) {
    return !(stream(connection().stream(streamId)) instanceof ServerCall call && call.isOverdue());
  }

  // ---- the end

  @Override
  public void announceDrain() {
    server.draining();
    channel().eventLoop().execute(this::drain);
  }

  private void drain() {
    if (drain != Drain.NONE || !channel().isActive()) {
      return;
    }
    if (!decoder().prefaceReceived()) {
      drainAfterPreface();
      return;
    }
    drain = Drain.ANNOUNCED;
    goAway(
        context(),
        Integer.MAX_VALUE,
        Http2Error.NO_ERROR.code(),
        Unpooled.EMPTY_BUFFER,
        context().newPromise());
    encoder().writePing(context(), false, DRAIN_PING, context().newPromise());
    flush(context());
    channel().eventLoop().schedule(this::finishDrain, DRAIN_STEP_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * A client that has seen this side's settings may have sent its first calls already: closed now,
   * the connection would lose them.
   */
  private void drainAfterPreface() {
    if (System.nanoTime() - openedNanos > TimeUnit.MILLISECONDS.toNanos(DRAIN_STEP_MILLIS)) {
      closeAfterWrites();
    } else if (!awaitsPreface) {
      awaitsPreface = true;
      channel().eventLoop().schedule(this::drainAgain, PREFACE_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void drainAgain() {
    awaitsPreface = false;
    drain();
  }

  private void finishDrain() {
    if (drain != Drain.ANNOUNCED || !channel().isActive()) {
      return;
    }
    drain = Drain.FINAL;
    int last = connection().remote().lastStreamCreated();
    goAway(
        context(), last, Http2Error.NO_ERROR.code(), Unpooled.EMPTY_BUFFER, context().newPromise());
    flush(context());
    closeWhenDrained();
  }

  @Override
  void pingAckRead(long data) {
    if (data == DRAIN_PING) {
      finishDrain();
    } else if (data == KEEP_ALIVE_PING) {
      pingedNanos = 0;
    }
  }

  /** Once no call is left, the peer closes; where it does not, this side does. */
  private void closeWhenDrained() {
    if (drain == Drain.FINAL && connection().numActiveStreams() == 0) {
      drain = Drain.LINGERING;
      channel().eventLoop().schedule(this::closeAfterWrites, LINGER_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /** Closing drops what is not flushed yet, so the last write closes. */
  private void closeAfterWrites() {
    channel().writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> channel().close());
  }

  /** From any thread: closes it and says why. */
  void closeSoon(String why) {
    closing = true;
    channel().eventLoop().execute(() -> closeBecause(why));
  }

  private void closeBecause(String why) {
    closing = true;
    server.log().warn(() -> peer + ": closed: " + why);
    channel().close();
  }

  // ---- time

  private void checkBefore(ServerCall call) {
    long now = System.nanoTime();
    long left = call.untilDeadline(now);
    if (now + left - nextCheckNanos < 0) {
      checkIn(left, now);
    }
  }

  private void checkIn(long nanos, long now) {
    if (nextCheck != null) {
      nextCheck.cancel(false);
    }
    long delay = leastCheckNanos(nanos);
    nextCheckNanos = now + delay;
    nextCheck = channel().eventLoop().schedule(check, delay, TimeUnit.NANOSECONDS);
  }

  private void check() {
    if (!channel().isActive()) {
      return;
    }
    long now = System.nanoTime();
    calls.check(now, config().stalled().toNanos());
    notice(now);
    flush(context());
    String why = reasonToClose(now);
    if (why != null) {
      closeBecause(why);
      return;
    }
    keepAlive(now);
    if (isIdle(now) || now - openedNanos > mostAgeNanos) {
      drain();
    }
    closeWhenDrained();
    checkIn(calls.untilDeadline(now, checkNanos), now);
  }

  private void notice(long now) {
    if (readSinceCheck) {
      readSinceCheck = false;
      lastRead = now;
      pingedNanos = 0;
    }
    if (beganSinceCheck || connection().numActiveStreams() > 0) {
      beganSinceCheck = false;
      lastActive = now;
    }
    ChannelOutboundBuffer out = channel().unsafe().outboundBuffer();
    long waits = out == null ? 0 : out.totalPendingWriteBytes();
    if (waits == 0) {
      takenNanos = 0;
    } else if (takenNanos == 0 || waits < waitedBytes) {
      takenNanos = now;
    }
    waitedBytes = waits;
  }

  private @Nullable String reasonToClose(long now) {
    long stalledNanos = config().stalled().toNanos();
    if (takenNanos != 0 && now - takenNanos > stalledNanos) {
      return "nothing that was sent was taken for " + config().stalled();
    }
    if (isFrameStalled(now, stalledNanos)) {
      return "a frame did not arrive within " + config().stalled();
    }
    if (!decoder().prefaceReceived() && now - openedNanos > stalledNanos) {
      return "no HTTP/2 preface came within " + config().stalled();
    }
    if (pingedNanos != 0 && now - pingedNanos > stalledNanos) {
      return "no answer to a ping within " + config().stalled();
    }
    return null;
  }

  private void keepAlive(long now) {
    if (pingedNanos == 0
        && connection().numActiveStreams() > 0
        && now - lastRead > config().keepAlive().toNanos()) {
      pingedNanos = now;
      encoder().writePing(context(), false, KEEP_ALIVE_PING, context().newPromise());
      if (counts != null) {
        counts.keepAliveSent();
      }
      flush(context());
    }
  }

  private boolean isIdle(long now) {
    return connection().numActiveStreams() == 0 && now - lastActive > config().idle().toNanos();
  }

  @Override
  void lost() {
    server.closed(this);
    if (counts != null) {
      counts.server().remove(counts.id());
    }
    if (nextCheck != null) {
      nextCheck.cancel(false);
    }
    roomGiven();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable failure) throws Exception {
    if (failure instanceof IOException) {
      channel().close();
      return;
    }
    if (io.netty.handler.codec.http2.Http2CodecUtil.getEmbeddedHttp2Exception(failure) != null) {
      super.exceptionCaught(context, failure);
      return;
    }
    LOG.log(System.Logger.Level.WARNING, peer + ": the connection is closed", failure);
    channel().close();
  }

  /** How far the end has come. */
  private enum Drain {
    NONE,
    ANNOUNCED,
    FINAL,
    LINGERING
  }
}
