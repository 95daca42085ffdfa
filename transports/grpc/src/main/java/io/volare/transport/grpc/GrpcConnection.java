package io.volare.transport.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionDecoder;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import io.netty.handler.codec.http2.Http2PromisedRequestVerifier;
import io.netty.handler.codec.http2.Http2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import io.volare.transport.netty.Outbox;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection of HTTP/2, of either side: Netty's codec, the limits that both sides keep, and the
 * way between frames and {@link GrpcStream}s. All of it belongs to the event loop, but for what
 * says otherwise.
 *
 * <p>The window of the connection is given back as its bytes come, so that no stream can shut out
 * the others; what is held is bounded by the windows of the streams and by {@link Advances}.
 */
abstract class GrpcConnection extends Http2ConnectionHandler {
  private static final int LEAST_CONNECTION_WINDOW_BYTES = 4 * 1024 * 1024;
  private static final int MOST_CONNECTION_WINDOW_BYTES = 1 << 30;

  /** A window is given back when it has shrunk to this part of it. */
  private static final float WINDOW_KEPT = 0.75f;

  /** So much behind the end of a frame is copied with it rather than read apart. */
  private static final int MOST_COPIED_BYTES = 4096;

  private static final long WINDOW_PING = 0x77696e64;
  private static final int MOST_SMALL_CONTINUATIONS = 16;
  private static final long LEAST_CHECK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final Http2Connection.PropertyKey key;
  private final FrameGuard guard;
  private final FrameScanner scanner;
  private final ResetBudget resets;
  private final SendRoom room;
  private final Advances advances;
  private final WindowEstimator windows;
  private final int streamWindowBytes;
  private final int connectionWindowBytes;
  private @Nullable ChannelHandlerContext context;
  private @Nullable Outbox outbox;
  private boolean begun;
  private boolean settingsAcked;
  private boolean overdrawn;
  private volatile boolean tableMustShrink;

  GrpcConnection(Codec codec) {
    this(codec, null);
  }

  /** Starts one whose unsent bytes count in {@code total}. */
  GrpcConnection(Codec codec, @Nullable UnsentTotal total) {
    super(codec.decoder, codec.encoder, codec.settings, true);
    setCumulator(Gathering.INSTANCE);
    guard = codec.guard;
    scanner = new FrameScanner(connection().isServer());
    resets = codec.resets;
    room = new SendRoom(codec.limits.unsentBytes(), total);
    advances = new Advances(codec.limits.advanceBytes());
    streamWindowBytes = codec.limits.streamWindowBytes();
    windows = new WindowEstimator(streamWindowBytes, codec.limits.mostWindowBytes());
    connectionWindowBytes =
        Math.clamp(
            2L * codec.limits.mostWindowBytes(),
            LEAST_CONNECTION_WINDOW_BYTES,
            MOST_CONNECTION_WINDOW_BYTES);
    key = connection().newKey();
    decoder().frameListener(new Frames());
    connection().addListener(new Streams());
  }

  /**
   * What both sides limit.
   *
   * @param headerListBytes the largest list of headers, as HTTP/2 counts it
   * @param streams streams that the peer may have open
   * @param streamWindowBytes what a stream may receive before it is taken, at first
   * @param mostWindowBytes how far that grows where the way to the peer is long
   * @param advanceBytes what incomplete messages may hold beyond their windows, all together
   * @param unsentBytes what may wait to be sent, all streams together
   * @param resets per 30 seconds
   */
  record Limits(
      int headerListBytes,
      int streams,
      int streamWindowBytes,
      int mostWindowBytes,
      long advanceBytes,
      long unsentBytes,
      int resets) {}

  /** Netty's parts of a connection, put together. */
  static final class Codec {
    private final Limits limits;
    private final ResetBudget resets;
    private final FrameGuard guard;
    private final Http2ConnectionDecoder decoder;
    private final Http2ConnectionEncoder encoder;
    private final Http2Settings settings;

    private Codec(boolean server, Limits limits) {
      this.limits = limits;
      long now = System.nanoTime();
      Http2Connection connection = new DefaultHttp2Connection(server, 0);
      connection.remote().maxActiveStreams(limits.streams());
      connection
          .remote()
          .flowController(
              new DefaultHttp2RemoteFlowController(
                  connection, new UniformStreamByteDistributor(connection)));
      connection
          .local()
          .flowController(new DefaultHttp2LocalFlowController(connection, WINDOW_KEPT, true));
      resets = new ResetBudget(limits.resets(), now);
      guard =
          new FrameGuard(
              connection,
              new DefaultHttp2FrameReader(
                  new DefaultHttp2HeadersDecoder(true, true, limits.headerListBytes()),
                  MOST_SMALL_CONTINUATIONS),
              resets,
              now);
      encoder =
          new DefaultHttp2ConnectionEncoder(
              connection, new DefaultHttp2FrameWriter(Http2HeadersEncoder.NEVER_SENSITIVE));
      decoder =
          new DefaultHttp2ConnectionDecoder(
              connection,
              encoder,
              guard,
              Http2PromisedRequestVerifier.ALWAYS_VERIFY,
              true,
              true,
              true,
              true);
      settings =
          new Http2Settings()
              .initialWindowSize(limits.streamWindowBytes())
              .maxHeaderListSize(limits.headerListBytes());
      if (server) {
        settings.maxConcurrentStreams(limits.streams());
      } else {
        settings.pushEnabled(false);
      }
    }

    static Codec server(Limits limits) {
      return new Codec(true, limits);
    }

    static Codec client(Limits limits) {
      return new Codec(false, limits);
    }
  }

  // ---- for subclasses

  /** Headers came: of a new stream where this is a server, of a known one at either side. */
  abstract void headersRead(Http2Stream http2, Http2Headers headers, boolean end)
      throws Http2Exception;

  /** The peer's settings, the first or others. */
  void settingsRead(Http2Settings settings) {}

  /** The peer answers a ping of this side. */
  void pingAckRead(long data) {}

  /** The peer takes no streams beyond {@code lastStreamId}. */
  void goAwayRead(int lastStreamId, long errorCode, String debug) {}

  /** The channel is open and the preface is on its way. */
  void opened() {}

  /** The channel is closed; every stream has been told before. */
  void lost() {}

  /** Something that waited was written. */
  void roomGiven() {}

  /** Whether a reset that was read is charged to the peer. */
  boolean chargesReset(int streamId) {
    return true;
  }

  // ---- what streams use

  /** From any thread: the way to the loop. */
  final Outbox outbox() {
    return Objects.requireNonNull(outbox, "not added to a channel");
  }

  /** From any thread: what may wait to be sent. */
  final SendRoom room() {
    return room;
  }

  /** From any thread. */
  final ByteBufAllocator alloc() {
    return channel().alloc();
  }

  /** From any thread. */
  final Channel channel() {
    return context().channel();
  }

  final ChannelHandlerContext context() {
    return Objects.requireNonNull(context, "not added to a channel");
  }

  final Advances advances() {
    return advances;
  }

  /** {@return what every stream may receive before it is taken, at first} */
  final int streamWindowBytes() {
    return streamWindowBytes;
  }

  /** {@return what a stream should be able to receive before it is taken} */
  final int targetWindowBytes() {
    return windows.targetBytes();
  }

  /** {@return how much of that a stream may take beside the others that are open} */
  final int windowShare() {
    return advances.share(connection().numActiveStreams());
  }

  /** A stream receives so much that its window may be what its peer waits for. */
  final void measureWindow() {
    if (windows.begins(System.nanoTime())) {
      encoder().writePing(context(), false, WINDOW_PING, context().newPromise());
    }
  }

  /** The peer does not want pings: windows stay as they are. */
  final void stopMeasuring() {
    windows.stop();
  }

  final void widen(Http2Stream http2, int more) {
    try {
      decoder().flowController().incrementWindowSize(http2, more);
    } catch (Http2Exception wrong) {
      onError(context(), true, wrong);
    }
  }

  /**
   * From any thread: whether each block of headers that is written without an encoder must say that
   * it uses no table, because the peer has made its table smaller.
   */
  final boolean tableMustShrink() {
    return tableMustShrink;
  }

  final Http2RemoteFlowController flow() {
    return encoder().flowController();
  }

  final int largestFrame() {
    return encoder().configuration().frameSizePolicy().maxFrameSize();
  }

  final void put(Http2Stream http2, GrpcStream stream) {
    http2.setProperty(key, stream);
  }

  final @Nullable GrpcStream stream(@Nullable Http2Stream http2) {
    return http2 == null ? null : http2.getProperty(key);
  }

  final void progressed() {
    guard.progressed();
  }

  /** A stream came to its end as it should. */
  final void endedWell() {
    resets.endedWell();
  }

  /**
   * This side ends a stream that its peer has broken: it counts as if the peer had reset it.
   *
   * @return whether the connection goes on
   */
  final boolean chargeReset() {
    if (overdrawn) {
      return false;
    }
    if (resets.spend(System.nanoTime())) {
      return true;
    }
    overdrawn = true;
    closeAs(Http2Error.ENHANCE_YOUR_CALM, "too many resets");
    return false;
  }

  final void giveBack(@Nullable Http2Stream http2, int bytes) {
    if (http2 == null || bytes == 0) {
      return;
    }
    try {
      decoder().flowController().consumeBytes(http2, bytes);
    } catch (Http2Exception wrong) {
      onError(context(), true, wrong);
    }
  }

  /** The last frame of this side was written. */
  final void endOutput(Http2Stream http2) {
    closeStreamLocal(http2, context().newSucceededFuture());
  }

  final void writeReset(Http2Stream http2, Http2Error error) {
    encoder().writeRstStream(context(), http2.id(), error.code(), context().newPromise());
  }

  /** Ends the connection, saying why. */
  final void closeAs(Http2Error error, String why) {
    onError(context(), true, Http2Exception.connectionError(error, "%s", why));
  }

  // ---- Netty's callbacks

  @Override
  public void handlerAdded(ChannelHandlerContext context) throws Exception {
    this.context = context;
    outbox = new Outbox(context.channel());
    guard.onReset(this::chargesReset);
    super.handlerAdded(context);
    if (context.channel().isActive()) {
      begin();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext context) throws Exception {
    super.channelActive(context);
    begin();
  }

  /** Where another handler has looked at the first bytes, it comes here twice. */
  private void begin() throws Http2Exception {
    if (begun) {
      return;
    }
    begun = true;
    int wider = connectionWindowBytes - decoder().flowController().initialWindowSize();
    if (wider > 0) {
      decoder().flowController().incrementWindowSize(connection().connectionStream(), wider);
    }
    opened();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) throws Exception {
    super.channelInactive(context);
    lost();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    if (message instanceof ByteBuf bytes) {
      int missing = scanner.missing();
      scanner.scan(bytes);
      if (missing > 0 && bytes.readableBytes() - missing > MOST_COPIED_BYTES) {
        readFirst(context, bytes, missing);
      }
    }
    super.channelRead(context, message);
  }

  /** Completes the frame that has begun, so that the frames after it are read where they lie. */
  private void readFirst(ChannelHandlerContext context, ByteBuf bytes, int missing)
      throws Exception {
    boolean read = false;
    try {
      super.channelRead(context, bytes.readRetainedSlice(missing));
      read = true;
    } finally {
      if (!read) {
        bytes.release();
      }
    }
  }

  /** {@return whether a frame or a block of headers began more than {@code nanos} ago} */
  final boolean isFrameStalled(long now, long nanos) {
    return scanner.isStalled(now, nanos);
  }

  @Override
  protected void onStreamError(
      ChannelHandlerContext context,
      boolean outbound,
      Throwable cause,
      Http2Exception.StreamException wrong) {
    if (!outbound && isCharged(wrong) && !chargeReset()) {
      return;
    }
    GrpcStream stream = stream(connection().stream(wrong.streamId()));
    if (stream != null) {
      stream.resetRead(wrong.error().code());
    }
    super.onStreamError(context, outbound, cause, wrong);
  }

  /** Who does not know yet how many streams there may be is not to blame for opening more. */
  private boolean isCharged(Http2Exception.StreamException wrong) {
    return settingsAcked || wrong.error() != Http2Error.REFUSED_STREAM;
  }

  @Override
  protected void onConnectionError(
      ChannelHandlerContext context,
      boolean outbound,
      Throwable cause,
      @Nullable Http2Exception wrong) {
    guard.stop();
    super.onConnectionError(context, outbound, cause, wrong);
    context.flush();
  }

  static long leastCheckNanos(long nanos) {
    return Math.max(LEAST_CHECK_NANOS, nanos);
  }

  /** Frames, as Netty's decoder passes them on once it has found them valid. */
  private final class Frames extends Http2FrameAdapter {
    @Override
    public int onDataRead(
        ChannelHandlerContext context, int streamId, ByteBuf data, int padding, boolean end) {
      windows.read(data.readableBytes());
      GrpcStream stream = stream(connection().stream(streamId));
      return stream == null ? data.readableBytes() + padding : stream.dataRead(data, padding, end);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext context, int streamId, Http2Headers headers, int padding, boolean end)
        throws Http2Exception {
      headersRead(Objects.requireNonNull(connection().stream(streamId)), headers, end);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext context,
        int streamId,
        Http2Headers headers,
        int streamDependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean end)
        throws Http2Exception {
      headersRead(Objects.requireNonNull(connection().stream(streamId)), headers, end);
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext context, int streamId, long errorCode) {
      GrpcStream stream = stream(connection().stream(streamId));
      if (stream != null) {
        stream.resetRead(errorCode);
      }
    }

    @Override
    public void onSettingsAckRead(ChannelHandlerContext context) {
      settingsAcked = true;
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext context, Http2Settings settings) {
      Long table = settings.headerTableSize();
      if (table != null && table < 4096) {
        tableMustShrink = true;
      }
      settingsRead(settings);
    }

    @Override
    public void onPingAckRead(ChannelHandlerContext context, long data) {
      if (data == WINDOW_PING) {
        windows.ended(System.nanoTime());
      } else {
        pingAckRead(data);
      }
    }

    @Override
    public void onGoAwayRead(
        ChannelHandlerContext context, int lastStreamId, long errorCode, ByteBuf debug) {
      int most = Math.min(debug.readableBytes(), 256);
      String text =
          new String(
              ByteBufUtil.getBytes(debug, debug.readerIndex(), most), StandardCharsets.UTF_8);
      goAwayRead(lastStreamId, errorCode, text);
    }
  }

  private final class Streams extends Http2ConnectionAdapter {
    @Override
    public void onStreamClosed(Http2Stream http2) {
      GrpcStream stream = stream(http2);
      if (stream != null) {
        stream.streamClosed();
      }
    }
  }
}
