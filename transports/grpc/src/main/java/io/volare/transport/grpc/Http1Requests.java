package io.volare.transport.grpc;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;

/**
 * Netty's decoder of HTTP/1.1, which tells the bridge behind it when bytes came, and refuses what
 * two readers might take for two different requests.
 */
final class Http1Requests extends HttpRequestDecoder {
  private static final int CHUNK_BYTES = 16 * 1024;

  private final Http1Bridge bridge;

  Http1Requests(Http1Bridge bridge, int headBytes) {
    super(
        new HttpDecoderConfig()
            .setMaxInitialLineLength(headBytes)
            .setMaxHeaderSize(headBytes)
            .setMaxChunkSize(CHUNK_BYTES)
            .setStrictLineParsing(true)
            .setUseRfc9112TransferEncoding(true)); // not both a length and chunks
    this.bridge = bridge;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    bridge.bytesRead();
    super.channelRead(context, message);
  }
}
