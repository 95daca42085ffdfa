package io.volare.transport.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Flags;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameReader;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import org.jspecify.annotations.Nullable;

/**
 * Stands before Netty's decoder and counts what costs its receiver something and its sender
 * nothing: frames that carry no call forward, resets, and DATA frames without data. Belongs to one
 * event loop.
 *
 * <p>Each frame of SETTINGS, PING, PRIORITY, WINDOW_UPDATE or an unknown type costs one of a budget
 * that time refills, ten a second, and each frame of HEADERS or DATA, either way, by twenty. A
 * connection that overdraws it is ended with ENHANCE_YOUR_CALM.
 */
final class FrameGuard implements Http2FrameReader, Http2FrameListener {
  private static final int MOST_IDLE_FRAMES = 900;
  private static final int FOR_READ = 20;
  private static final int FOR_WRITTEN = 3;

  /** As many as there may be for frames that were written and are not yet given back. */
  private static final int MOST_WINDOW_UPDATES = 1 << 20;

  private static final long NANOS_FOR_ONE = 100_000_000;
  private static final int MOST_EMPTY_DATA = 10;

  private final Http2Connection connection;
  private final Http2FrameReader reader;
  private final ResetBudget resets;
  private @Nullable Http2FrameListener listener;
  private @Nullable ResetListener resetListener;
  private int idleFrames = MOST_IDLE_FRAMES;
  private long refilledNanos;
  private int emptyData;
  private boolean stopped;
  private int highestOpened;
  private int skippedFrom;
  private int skippedTo;

  FrameGuard(Http2Connection connection, Http2FrameReader reader, ResetBudget resets, long now) {
    this.connection = connection;
    this.reader = reader;
    this.resets = resets;
    refilledNanos = now;
  }

  /** Asked of each reset that was read, whether it counts. */
  void onReset(ResetListener listener) {
    resetListener = listener;
  }

  /** Reads nothing any more; what comes is dropped. */
  void stop() {
    stopped = true;
  }

  /** A frame that carries a call forward was written; the peer may give its window back. */
  void progressed() {
    idleFrames = Math.min(MOST_WINDOW_UPDATES, idleFrames + FOR_WRITTEN);
  }

  private void progressRead() {
    if (idleFrames < MOST_IDLE_FRAMES) {
      idleFrames = Math.min(MOST_IDLE_FRAMES, idleFrames + FOR_READ);
    }
  }

  private void idle(String what) throws Http2Exception {
    if (--idleFrames >= 0) {
      return;
    }
    long now = System.nanoTime();
    long earned = (now - refilledNanos) / NANOS_FOR_ONE;
    refilledNanos += earned * NANOS_FOR_ONE;
    idleFrames = (int) Math.min(MOST_IDLE_FRAMES, idleFrames + earned);
    if (idleFrames < 0) {
      throw Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, what);
    }
  }

  /** Headers open a stream or belong to an open one: none comes to life twice or out of turn. */
  private void checkOpens(int streamId) throws Http2Exception {
    if (!connection.isServer() || (streamId & 1) == 0) {
      return;
    }
    if (streamId > highestOpened) {
      if (streamId > highestOpened + 2) {
        skippedFrom = highestOpened + 2;
        skippedTo = streamId;
      }
      highestOpened = streamId;
    } else if (streamId >= skippedFrom && streamId < skippedTo) {
      throw Http2Exception.connectionError(
          Http2Error.PROTOCOL_ERROR, "HEADERS of stream %d after those of a later one", streamId);
    } else {
      checkOpen(streamId);
    }
  }

  private void checkOpen(int streamId) throws Http2Exception {
    Http2Stream stream = connection.stream(streamId);
    if (stream == null) {
      throw Http2Exception.connectionError(
          Http2Error.STREAM_CLOSED, "HEADERS of stream %d, which is closed", streamId);
    }
    if (!stream.state().remoteSideOpen()) {
      throw Http2Exception.streamError(
          streamId, Http2Error.STREAM_CLOSED, "HEADERS of stream %d, which has ended", streamId);
    }
  }

  private Http2FrameListener next() {
    return java.util.Objects.requireNonNull(listener);
  }

  @Override
  public void readFrame(ChannelHandlerContext context, ByteBuf input, Http2FrameListener listener)
      throws Http2Exception {
    if (stopped) {
      input.skipBytes(input.readableBytes());
      return;
    }
    this.listener = listener;
    reader.readFrame(context, input, this);
  }

  @Override
  public int onDataRead(
      ChannelHandlerContext context, int streamId, ByteBuf data, int padding, boolean end)
      throws Http2Exception {
    if (data.isReadable() || end) {
      emptyData = 0;
      progressRead();
    } else if (++emptyData > MOST_EMPTY_DATA) {
      throw Http2Exception.connectionError(
          Http2Error.ENHANCE_YOUR_CALM, "too many empty DATA frames");
    } else {
      idle("too many empty DATA frames");
    }
    return next().onDataRead(context, streamId, data, padding, end);
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext context, int streamId, Http2Headers headers, int padding, boolean end)
      throws Http2Exception {
    progressRead();
    checkOpens(streamId);
    next().onHeadersRead(context, streamId, headers, padding, end);
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
    progressRead();
    checkOpens(streamId);
    next()
        .onHeadersRead(
            context, streamId, headers, streamDependency, weight, exclusive, padding, end);
  }

  @Override
  public void onPriorityRead(
      ChannelHandlerContext context,
      int streamId,
      int streamDependency,
      short weight,
      boolean exclusive)
      throws Http2Exception {
    idle("too many PRIORITY frames");
    next().onPriorityRead(context, streamId, streamDependency, weight, exclusive);
  }

  @Override
  public void onRstStreamRead(ChannelHandlerContext context, int streamId, long errorCode)
      throws Http2Exception {
    boolean counts = resetListener == null || resetListener.counts(streamId);
    if (counts && !resets.spend(System.nanoTime())) {
      throw Http2Exception.connectionError(Http2Error.ENHANCE_YOUR_CALM, "too many resets");
    }
    next().onRstStreamRead(context, streamId, errorCode);
  }

  @Override
  public void onSettingsAckRead(ChannelHandlerContext context) throws Http2Exception {
    idle("too many SETTINGS frames");
    next().onSettingsAckRead(context);
  }

  @Override
  public void onSettingsRead(ChannelHandlerContext context, Http2Settings settings)
      throws Http2Exception {
    idle("too many SETTINGS frames");
    next().onSettingsRead(context, settings);
  }

  @Override
  public void onPingRead(ChannelHandlerContext context, long data) throws Http2Exception {
    idle("too_many_pings");
    next().onPingRead(context, data);
  }

  @Override
  public void onPingAckRead(ChannelHandlerContext context, long data) throws Http2Exception {
    idle("too_many_pings");
    next().onPingAckRead(context, data);
  }

  @Override
  public void onPushPromiseRead(
      ChannelHandlerContext context,
      int streamId,
      int promisedStreamId,
      Http2Headers headers,
      int padding)
      throws Http2Exception {
    idle("too many PUSH_PROMISE frames");
    next().onPushPromiseRead(context, streamId, promisedStreamId, headers, padding);
  }

  @Override
  public void onGoAwayRead(
      ChannelHandlerContext context, int lastStreamId, long errorCode, ByteBuf debugData)
      throws Http2Exception {
    idle("too many GOAWAY frames");
    next().onGoAwayRead(context, lastStreamId, errorCode, debugData);
  }

  @Override
  public void onWindowUpdateRead(ChannelHandlerContext context, int streamId, int increment)
      throws Http2Exception {
    idle("too many WINDOW_UPDATE frames");
    next().onWindowUpdateRead(context, streamId, increment);
  }

  @Override
  public void onUnknownFrame(
      ChannelHandlerContext context, byte type, int streamId, Http2Flags flags, ByteBuf payload)
      throws Http2Exception {
    idle("too many frames of unknown types");
    next().onUnknownFrame(context, type, streamId, flags, payload);
  }

  @Override
  public Configuration configuration() {
    return reader.configuration();
  }

  @Override
  public void close() {
    reader.close();
  }

  /** Says which resets count. */
  @FunctionalInterface
  interface ResetListener {
    /** {@return whether a reset of this stream is to be charged} */
    boolean counts(int streamId);
  }
}
