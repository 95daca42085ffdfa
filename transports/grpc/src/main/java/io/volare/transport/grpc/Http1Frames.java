package io.volare.transport.grpc;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2FrameReader;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * The side of an {@link Http1Bridge} that speaks HTTP/2: what it says to the connection behind, as
 * a client with one stream at a time, and what it hears from it. Belongs to the event loop.
 *
 * <p>What it says waits until it is {@link #deliver delivered}: neither the connection behind nor
 * Netty's decoder may be entered while it writes.
 */
final class Http1Frames {
  private static final int FIRST_WINDOW_BYTES = 65_535;
  private static final int LARGEST_FRAME_BYTES = 16 * 1024;
  private static final int MOST_RESPONSE_HEAD_BYTES = 1024 * 1024;
  private static final byte SETTINGS = 0x4;
  private static final byte PING = 0x6;
  private static final byte WINDOW_UPDATE = 0x8;
  private static final int ACK = 0x1;
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private final Hearer hearer;
  private final Http2FrameReader reader =
      new DefaultHttp2FrameReader(new DefaultHttp2HeadersDecoder(false, MOST_RESPONSE_HEAD_BYTES));
  private final Frames frames = new Frames();
  private final ArrayDeque<ByteBuf> unsaid = new ArrayDeque<>();
  private @Nullable ChannelHandlerContext context;
  private @Nullable ByteBuf cutOff;
  private int connectionCredit;
  private int streamCredit;
  private int streamId = -1;
  private boolean open;
  private boolean ended;
  private long streamWindow;
  private long connectionWindow = FIRST_WINDOW_BYTES;
  private int firstWindow = FIRST_WINDOW_BYTES;

  Http1Frames(Hearer hearer) {
    this.hearer = hearer;
  }

  /** What the connection behind says, of the open stream or of itself. */
  interface Hearer {
    /** Headers of the open stream, the first or the last. */
    void headRead(Http2Headers headers, boolean end);

    /** Data of the open stream; {@link #taken} tells when they have gone out. */
    void dataRead(ByteBuf data, boolean end);

    /** The open stream was reset. */
    void resetRead(long errorCode);

    /** The connection behind takes no more streams. */
    void goAwayRead(long errorCode);

    /** There is something to deliver, or more room. */
    void deliverSoon();
  }

  // ---- what is said

  /** Says hello, before anything that answers what the connection behind says. */
  void begin(ChannelHandlerContext context) {
    this.context = context;
    ByteBuf hello = context.alloc().buffer(PREFACE.length + Hpack.FRAME_HEADER_BYTES);
    hello.writeBytes(PREFACE);
    Hpack.endFrame(hello, Hpack.beginFrame(hello), SETTINGS, 0, 0);
    unsaid.add(hello);
  }

  private ChannelHandlerContext context() {
    return java.util.Objects.requireNonNull(context);
  }

  /** Opens a stream for {@code request}; it ends with its head if that is {@code whole}. */
  void open(HttpRequest request, boolean secure, boolean whole) {
    streamId += 2;
    streamWindow = firstWindow;
    open = true;
    ended = whole;
    unsaid.add(Http1Head.frames(request, streamId, secure, whole, context().alloc()));
  }

  /** {@return the open stream's number} */
  int streamId() {
    return streamId;
  }

  /** Nothing more is heard of the stream. */
  void closeStream() {
    open = false;
  }

  /** {@return how many bytes may be said at once} */
  int room() {
    long window = Math.max(0, Math.min(streamWindow, connectionWindow));
    return (int) Math.min(window, LARGEST_FRAME_BYTES);
  }

  /** Says the next {@code bytes} of the body, unless the stream was ended before. */
  void data(ByteBuf content, int bytes, boolean ends) {
    if (ended || bytes == 0 && !ends) {
      return;
    }
    streamWindow -= bytes;
    connectionWindow -= bytes;
    ended = ends;
    ByteBuf header = context().alloc().buffer(Hpack.FRAME_HEADER_BYTES);
    Hpack.beginFrame(header);
    Hpack.frameHeader(header, 0, bytes, Hpack.DATA, ends ? Hpack.END_STREAM : 0, streamId);
    unsaid.add(header);
    unsaid.add(content.readRetainedSlice(bytes));
  }

  /** Data of stream {@code id} have gone out: they get their window back. */
  void taken(int id, int bytes) {
    connectionCredit += bytes;
    if (isOpen(id)) {
      streamCredit += bytes;
    }
    hearer.deliverSoon();
  }

  private boolean isOpen(int id) {
    return open && id == streamId;
  }

  /** Passes on what was said to the connection behind. */
  void deliver() {
    giveBack();
    for (ByteBuf bytes = unsaid.poll(); bytes != null; bytes = unsaid.poll()) {
      context().fireChannelRead(bytes);
    }
  }

  private void giveBack() {
    if (connectionCredit > 0) {
      windowUpdate(0, connectionCredit);
      connectionCredit = 0;
    }
    if (streamCredit > 0 && open) {
      windowUpdate(streamId, streamCredit);
    }
    streamCredit = 0;
  }

  private void windowUpdate(int id, int bytes) {
    ByteBuf frame = context().alloc().buffer(Hpack.FRAME_HEADER_BYTES + 4);
    int start = Hpack.beginFrame(frame);
    frame.writeInt(bytes);
    Hpack.endFrame(frame, start, WINDOW_UPDATE, 0, id);
    unsaid.add(frame);
  }

  // ---- what is heard

  /**
   * Hears {@code bytes}, which are released; a frame that is cut off waits for its rest.
   *
   * @throws Http2Exception if they are not HTTP/2
   */
  void hear(ByteBuf bytes) throws Http2Exception {
    ByteBuf all = afterCutOff(bytes);
    try {
      for (int at = -1; all.isReadable() && all.readerIndex() != at; ) {
        at = all.readerIndex();
        reader.readFrame(context(), all, frames);
      }
      if (all.isReadable()) {
        cutOff = context().alloc().buffer(all.readableBytes() + 256).writeBytes(all);
      }
    } finally {
      all.release();
    }
  }

  private ByteBuf afterCutOff(ByteBuf bytes) {
    ByteBuf before = cutOff;
    if (before == null) {
      return bytes;
    }
    cutOff = null;
    before.writeBytes(bytes);
    bytes.release();
    return before;
  }

  /** Lets go of what was not said and not heard to its end. */
  void drop() {
    unsaid.forEach(ByteBuf::release);
    unsaid.clear();
    if (cutOff != null) {
      cutOff.release();
      cutOff = null;
    }
  }

  /** Nothing is heard any more. */
  void close() {
    drop();
    reader.close();
  }

  private final class Frames extends Http2FrameAdapter {
    @Override
    public int onDataRead(
        ChannelHandlerContext context, int id, ByteBuf data, int padding, boolean end) {
      if (isOpen(id)) {
        hearer.dataRead(data, end);
      }
      return data.readableBytes() + padding;
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext context, int id, Http2Headers headers, int padding, boolean end) {
      if (isOpen(id)) {
        hearer.headRead(headers, end);
      }
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext context, int id, long errorCode) {
      if (isOpen(id)) {
        hearer.resetRead(errorCode);
      }
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext context, Http2Settings settings) {
      Integer window = settings.initialWindowSize();
      if (window != null) {
        firstWindow = window;
      }
      ByteBuf ack = context.alloc().buffer(Hpack.FRAME_HEADER_BYTES);
      Hpack.endFrame(ack, Hpack.beginFrame(ack), SETTINGS, ACK, 0);
      unsaid.add(ack);
      hearer.deliverSoon();
    }

    @Override
    public void onPingRead(ChannelHandlerContext context, long data) {
      ByteBuf ack = context.alloc().buffer(Hpack.FRAME_HEADER_BYTES + 8);
      int start = Hpack.beginFrame(ack);
      ack.writeLong(data);
      Hpack.endFrame(ack, start, PING, ACK, 0);
      unsaid.add(ack);
      hearer.deliverSoon();
    }

    @Override
    public void onGoAwayRead(
        ChannelHandlerContext context, int lastStreamId, long errorCode, ByteBuf debug) {
      hearer.goAwayRead(errorCode);
    }

    @Override
    public void onWindowUpdateRead(ChannelHandlerContext context, int id, int increment) {
      if (id == 0) {
        connectionWindow += increment;
      } else if (id == streamId) {
        streamWindow += increment;
      }
      hearer.deliverSoon();
    }
  }
}
