package io.volare.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionDecoder;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.ReadOnlyHttp2Headers;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import io.netty.util.AsciiString;

/**
 * What Netty's HTTP/2 alone costs: each DATA frame goes back as it came, between the headers and
 * the trailers of a gRPC answer, with one flush for all that was read at once. No message is
 * decoded and no header is looked at.
 */
final class BareHttp2 extends Http2ConnectionHandler {
  private static final int STREAM_WINDOW_BYTES = 1024 * 1024;
  private static final int CONNECTION_WINDOW_BYTES = 4 * 1024 * 1024;
  private static final Http2Headers HEADERS =
      ReadOnlyHttp2Headers.serverHeaders(
          true,
          AsciiString.cached("200"),
          AsciiString.cached("content-type"),
          AsciiString.cached("application/grpc"));
  private static final Http2Headers TRAILERS =
      ReadOnlyHttp2Headers.trailers(
          true, AsciiString.cached("grpc-status"), AsciiString.cached("0"));

  private final Http2Connection.PropertyKey answering = connection().newKey();

  private BareHttp2(Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder) {
    super(decoder, encoder, new Http2Settings().initialWindowSize(STREAM_WINDOW_BYTES), true);
    decoder.frameListener(new Echo());
  }

  static BareHttp2 create() {
    Http2Connection connection = new DefaultHttp2Connection(true);
    connection
        .remote()
        .flowController(
            new DefaultHttp2RemoteFlowController(
                connection, new UniformStreamByteDistributor(connection)));
    Http2ConnectionEncoder encoder =
        new DefaultHttp2ConnectionEncoder(connection, new DefaultHttp2FrameWriter());
    return new BareHttp2(
        new DefaultHttp2ConnectionDecoder(connection, encoder, new DefaultHttp2FrameReader()),
        encoder);
  }

  @Override
  public void channelActive(ChannelHandlerContext context) throws Exception {
    super.channelActive(context);
    int wider = CONNECTION_WINDOW_BYTES - decoder().flowController().initialWindowSize();
    decoder().flowController().incrementWindowSize(connection().connectionStream(), wider);
  }

  private final class Echo extends Http2FrameAdapter {
    @Override
    public int onDataRead(
        ChannelHandlerContext context, int id, ByteBuf data, int padding, boolean end)
        throws Http2Exception {
      int taken = data.readableBytes() + padding;
      var stream = connection().stream(id);
      if (stream.setProperty(answering, Boolean.TRUE) == null) {
        encoder().writeHeaders(context, id, HEADERS, 0, false, context.newPromise());
      }
      encoder().writeData(context, id, data.retain(), 0, false, context.newPromise());
      if (end) {
        encoder().writeHeaders(context, id, TRAILERS, 0, true, context.newPromise());
      }
      return taken;
    }
  }
}
