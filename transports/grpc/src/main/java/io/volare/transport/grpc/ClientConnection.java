package io.volare.transport.grpc;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.concurrent.Future;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.RpcException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One connection of a client. Callers reserve a stream and put it into the outbox from any thread;
 * all else belongs to its event loop.
 *
 * <p>It takes calls from the server's first settings until it closes, the server says GOAWAY, or it
 * was used long enough. Then it drains: what the server may have processed is waited for, the rest
 * goes back to its callers, and the connection closes itself when nothing is left.
 */
final class ClientConnection extends GrpcConnection {
  private static final System.Logger LOG = System.getLogger(ClientConnection.class.getName());
  private static final long TICK_MILLIS = 250;
  private static final int STREAM_WINDOW_BYTES = 64 * 1024;
  private static final long MOST_ADVANCE_BYTES = 16 * 1024 * 1024;
  private static final long MOST_UNSENT_BYTES = 4 * 1024 * 1024;
  private static final int RESETS = 200;

  /** Twice this many streams are left when a connection stops to take calls. */
  private static final int LAST_STREAM_ID = Integer.MAX_VALUE - 10_000;

  private final Connections pool;
  private final GrpcClientConfig config;
  private final AtomicInteger used = new AtomicInteger();
  private volatile boolean taking;
  private volatile int limit;
  private volatile @Nullable Throwable closeCause;

  // the loop's
  private final long openedNanos = System.nanoTime();
  private final long ageNanos;
  private @Nullable Future<?> ticking;
  private boolean begun;
  private boolean settled;
  private boolean served;
  private boolean left;
  private boolean useless;
  private boolean asked;
  private long askedNanos;

  /** Grow with what is read and with each call; a tick sees when they last did. */
  private int reads;

  private int calls;
  private int resetsToCome;
  private int readsSeen;
  private int callsSeen;
  private long readNanos = openedNanos;
  private long calledNanos = openedNanos;

  ClientConnection(Connections pool) {
    super(Codec.client(limits(pool.config())));
    this.pool = pool;
    this.config = pool.config();
    long age = config.maxAge().toNanos();
    ageNanos = age - ThreadLocalRandom.current().nextLong(age / 10 + 1);
    if (!pool.mayMeasure()) {
      stopMeasuring();
    }
  }

  private static Limits limits(GrpcClientConfig config) {
    return new Limits(
        config.headerBytes(),
        0,
        STREAM_WINDOW_BYTES,
        config.windowBytes(),
        MOST_ADVANCE_BYTES,
        MOST_UNSENT_BYTES,
        RESETS);
  }

  // ---- any thread

  /** {@return whether it takes calls at all, at this moment or once a stream has ended} */
  boolean isTaking() {
    return taking;
  }

  /** {@return whether a stream was free; it is the caller's then, until the stream has closed} */
  boolean tryReserve() {
    while (taking) {
      int now = used.get();
      if (now >= limit) {
        return false;
      }
      if (used.compareAndSet(now, now + 1)) {
        return true;
      }
    }
    return false;
  }

  /** Gives back what {@link #tryReserve} gave and no stream was made of. */
  void unreserve() {
    used.decrementAndGet();
    pool.freed();
    if (!taking) {
      onLoop(this::closeIfDrained);
    }
  }

  /** {@return how many streams the server lets be open, as far as it is known} */
  int limit() {
    return limit;
  }

  int used() {
    return used.get();
  }

  /** Puts {@code stream} into the outbox. */
  void add(ClientStream stream) {
    try {
      outbox().add(stream);
    } catch (RejectedExecutionException loopsAreClosed) {
      stream.unsent(
          RpcException.notExecuted(
              Kind.UNAVAILABLE, stream.target() + ": the event loops are closed", loopsAreClosed));
      used.decrementAndGet();
    }
  }

  /** Closes at once; what is waited for is lost. */
  void closeNow(String why) {
    taking = false;
    onLoop(() -> {
      left = true;
      closeBecause(RpcException.of(Kind.UNAVAILABLE, why));
    });
  }

  private void onLoop(Runnable task) {
    try {
      channel().eventLoop().execute(task);
    } catch (RejectedExecutionException loopsAreClosed) {
      channel().close();
    }
  }

  // ---- the loop

  /** Opens {@code stream}, or hands it back. */
  void open(ClientStream stream) {
    if (!taking || !channel().isActive()) {
      handBack(stream, null);
      return;
    }
    int id = connection().local().lastStreamCreated();
    if (id > LAST_STREAM_ID) {
      leave();
      handBack(stream, null);
      return;
    }
    if (!connection().local().canOpenStream()) {
      handBack(stream, null);
      return;
    }
    long most = encoder().configuration().headersConfiguration().maxHeaderListSize();
    if (stream.headerListBytes() > most) {
      handBack(
          stream,
          RpcException.notExecuted(
              Kind.RESOURCE_EXHAUSTED,
              "%s: a list of headers of %d B (limit of the server: %d B): send less metadata"
                  .formatted(stream.target(), stream.headerListBytes(), most)));
      return;
    }
    if (!stream.sending()) {
      release();
      return;
    }
    try {
      Http2Stream http2 =
          connection()
              .local()
              .createStream(connection().local().incrementAndGetNextStreamId(), false);
      calls++;
      stream.begin(http2, windowBytes(http2), reads);
    } catch (Http2Exception wrong) {
      stream.notOpened(
          RpcException.notExecuted(
              Kind.UNAVAILABLE, stream.target() + ": " + wrong.getMessage(), wrong));
      release();
    }
  }

  private void handBack(ClientStream stream, @Nullable RpcException why) {
    stream.unsent(why);
    release();
  }

  private int windowBytes(Http2Stream http2) {
    return Math.min(flow().windowSize(http2), flow().windowSize(connection().connectionStream()));
  }

  private void release() {
    used.decrementAndGet();
    pool.freed();
    closeIfDrained();
  }

  /** A stream has closed, whatever the reason; the server may still reset it if it has not. */
  void streamClosed(boolean resetByServer) {
    if (!resetByServer) {
      resetsToCome++;
    }
    release();
  }

  /** A server may reset each stream of this side once, open or closed; what goes beyond counts. */
  @Override
  boolean chargesReset(int streamId) {
    if (connection().stream(streamId) != null) {
      return false;
    }
    if (resetsToCome > 0) {
      resetsToCome--;
      return false;
    }
    return true;
  }

  /** A call has ended, well or not; the first that does shows that the connection is of use. */
  void streamOver(boolean well) {
    if (well) {
      endedWell();
      if (!served) {
        served = true;
        pool.served();
      }
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    reads++;
    super.channelRead(context, message);
  }

  /** {@return why a stream was closed that had not ended} */
  RpcException lostBefore(String target, boolean written) {
    Throwable cause = closeCause;
    String why = cause == null ? "" : ": " + cause.getMessage();
    String message = target + ": the connection was lost before a response" + why;
    if (cause instanceof Http2Exception) {
      return RpcException.of(Kind.PROTOCOL, message, cause);
    }
    if (cause instanceof RpcException refused && !refused.mayHaveExecuted()) {
      return RpcException.notExecuted(refused.kind(), message, refused);
    }
    return new RpcException(Kind.UNAVAILABLE, written, message, null, cause);
  }

  @Override
  void headersRead(Http2Stream http2, Http2Headers headers, boolean end) {
    GrpcStream stream = stream(http2);
    if (stream != null) {
      stream.headersRead(headers, end);
    }
  }

  @Override
  void settingsRead(Http2Settings settings) {
    Long most = settings.maxConcurrentStreams();
    if (most != null || !settled) {
      limit = most == null ? config.streams() : (int) Math.min(config.streams(), most);
    }
    if (!settled) {
      settled = true;
      taking = true;
      pool.ready(this);
    } else {
      pool.freed();
    }
  }

  @Override
  void opened() {
    begun = true;
    long limitMillis = config.connectTimeout().toMillis();
    channel()
        .eventLoop()
        .schedule(() -> checkSettled(limitMillis), limitMillis, TimeUnit.MILLISECONDS);
    ticking =
        channel()
            .eventLoop()
            .scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void checkSettled(long limitMillis) {
    if (!settled) {
      closeBecause(
          RpcException.notExecuted(
              Kind.UNAVAILABLE, "no HTTP/2 settings within " + limitMillis + " ms"));
    }
  }

  /** Age, idleness, and whether the peer still lives. */
  private void tick() {
    long now = System.nanoTime();
    boolean busy = used.get() > 0;
    if (reads != readsSeen) {
      readsSeen = reads;
      readNanos = now;
      asked = false;
    }
    if (busy || calls != callsSeen) {
      callsSeen = calls;
      calledNanos = now;
    }
    if (asked && now - askedNanos > config.keepaliveAnswer().toNanos()) {
      closeBecause(
          RpcException.of(
              Kind.UNAVAILABLE,
              "no answer to a keepalive within " + config.keepaliveAnswer().toMillis() + " ms"));
      return;
    }
    if (busy && !asked && now - Math.max(readNanos, askedNanos) > pool.keepaliveNanos()) {
      ask();
    }
    boolean idle = now - calledNanos > config.idle().toNanos();
    if (taking && (idle || now - openedNanos > ageNanos)) {
      leave();
    }
  }

  /** Takes no more calls, of its own will. */
  private void leave() {
    left = true;
    taking = false;
    pool.gone(this);
    closeIfDrained();
  }

  /**
   * A call was given up for its time had passed. If nothing at all was read since it was sent, the
   * connection may be dead without anyone having said so: it is asked.
   */
  void suspect(ClientStream stream) {
    onLoop(() -> {
      if (!asked && reads == stream.readsBefore()) {
        ask();
      }
    });
  }

  private void ask() {
    asked = true;
    askedNanos = System.nanoTime();
    readsSeen = reads;
    encoder().writePing(context(), false, askedNanos, context().newPromise());
    channel().flush();
  }

  @Override
  void pingAckRead(long data) {
    asked = false;
  }

  @Override
  void goAwayRead(int lastStreamId, long errorCode, String debug) {
    String why = "GOAWAY " + errorName(errorCode) + (debug.isEmpty() ? "" : " (" + debug + ")");
    if (taking) {
      pool.draining(); // before a caller can find that this one takes no more
      taking = false;
      if (lastStreamId == 0 && !served) {
        useless = true;
        pool.wasOfNoUse(this, RpcException.notExecuted(Kind.UNAVAILABLE, why));
      } else {
        pool.gone(this);
      }
    }
    if (errorCode != Http2Error.NO_ERROR.code()) {
      LOG.log(System.Logger.Level.WARNING, pool.endpoint() + ": " + why);
      closeCause = RpcException.of(Kind.UNAVAILABLE, why);
    }
    if (errorCode == Http2Error.ENHANCE_YOUR_CALM.code()) {
      pool.askLess();
      stopMeasuring();
    }
    try {
      connection()
          .forEachActiveStream(http2 -> {
            if (http2.id() > lastStreamId && stream(http2) instanceof ClientStream stream) {
              stream.refused(why);
            }
            return true;
          });
    } catch (Http2Exception impossible) {
      throw new IllegalStateException(impossible);
    }
    onLoop(this::closeIfDrained);
  }

  private static String errorName(long errorCode) {
    Http2Error error = Http2Error.valueOf(errorCode);
    return error == null ? Long.toString(errorCode) : error.name();
  }

  private void closeIfDrained() {
    if (!taking && settled && used.get() == 0) {
      channel().close();
    }
  }

  private void closeBecause(Throwable cause) {
    taking = false;
    if (closeCause == null) {
      closeCause = cause;
    }
    context().close(); // past this handler, which would wait for its streams
  }

  /** What was on its way when this side had reset the stream is no error, and gets no answer. */
  @Override
  protected void onStreamError(
      ChannelHandlerContext context,
      boolean outbound,
      Throwable cause,
      Http2Exception.StreamException wrong) {
    boolean late =
        !outbound
            && wrong.error() == Http2Error.STREAM_CLOSED
            && connection().stream(wrong.streamId()) == null
            && connection().local().mayHaveCreatedStream(wrong.streamId());
    if (!late) {
      super.onStreamError(context, outbound, cause, wrong);
    }
  }

  @Override
  protected void onConnectionError(
      ChannelHandlerContext context,
      boolean outbound,
      Throwable cause,
      @Nullable Http2Exception wrong) {
    taking = false;
    if (closeCause == null) {
      closeCause = wrong == null ? cause : wrong;
    }
    super.onConnectionError(context, outbound, cause, wrong);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable failure) throws Exception {
    if (failure instanceof java.io.IOException || failure instanceof RpcException) {
      closeBecause(failure);
    } else {
      super.exceptionCaught(context, failure);
    }
  }

  @Override
  void lost() {
    if (!begun) {
      return; // who connects is told by the connector
    }
    boolean broken = taking || asked || closeCause != null && !left;
    taking = false;
    if (ticking != null) {
      ticking.cancel(false);
    }
    pool.core().closed(this);
    if (!settled) {
      pool.failed(closeCause);
      return;
    }
    pool.lost(this, broken, served || left || useless, closeCause);
  }

  @Override
  public String toString() {
    return "connection to " + pool.endpoint();
  }
}
