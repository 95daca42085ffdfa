package io.volare.transport.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Promise;
import java.nio.channels.ClosedChannelException;
import java.util.Set;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a client's connection from being active until hands are shaken, and is gone then. Belongs
 * to its event loop.
 */
final class TlsClientGate extends ChannelInboundHandlerAdapter {
  private final SslHandler tls;
  private final Set<String> alpn;
  private final Promise<@Nullable Void> shaken;

  /** Tells {@code shaken} how the handshake has ended. */
  TlsClientGate(SslHandler tls, Set<String> alpn, Promise<@Nullable Void> shaken) {
    this.tls = tls;
    this.alpn = alpn;
    this.shaken = shaken;
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    // not before hands are shaken
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof SslHandshakeCompletionEvent done && !shaken.isDone()) {
      if (!done.isSuccess()) {
        fail(context, done.cause());
      } else if (!alpn.isEmpty() && !alpn.contains(String.valueOf(tls.applicationProtocol()))) {
        fail(
            context,
            new SSLHandshakeException(
                "the server chose %s by ALPN (expected: %s)"
                    .formatted(tls.applicationProtocol(), alpn)));
      } else {
        context.fireChannelActive();
        context.pipeline().remove(this);
        shaken.trySuccess(null);
      }
    }
    context.fireUserEventTriggered(event);
  }

  private void fail(ChannelHandlerContext context, Throwable why) {
    shaken.tryFailure(why);
    context.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    shaken.tryFailure(new ClosedChannelException());
    context.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
    fail(context, failure);
  }
}
