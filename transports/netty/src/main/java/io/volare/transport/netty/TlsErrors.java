package io.volare.transport.netty;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/** Takes what decoding wraps around TLS's own failures off again. Keeps nothing. */
@Sharable
final class TlsErrors extends ChannelInboundHandlerAdapter {
  static final TlsErrors INSTANCE = new TlsErrors();

  private TlsErrors() {}

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
    context.fireExceptionCaught(TlsFailure.afterHandshake(failure));
  }
}
