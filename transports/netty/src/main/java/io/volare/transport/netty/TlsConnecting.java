package io.volare.transport.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPromise;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.Address;
import io.volare.rpc.RpcException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What connecting by TLS adds to connecting. Thread-safe. */
final class TlsConnecting {
  private final TlsClientConfig config;
  private final Set<String> alpn;
  private final TlsContext context;

  TlsConnecting(TlsClientConfig config, Set<String> alpn) {
    this.config = config;
    this.alpn = Set.copyOf(alpn);
    context = TlsContext.client(config, alpn);
  }

  /** {@return the handshake of one connection; changed files are read first, on this thread} */
  Attempt attempt(Address address, String target) {
    context.reloadIfDue();
    return new Attempt(host(address, target), address instanceof Address.Tcp tcp ? tcp.port() : 0);
  }

  private String host(Address address, String target) {
    String host = config.serverName();
    if (host == null && address instanceof Address.Tcp tcp) {
      host = tcp.host();
    }
    if (host != null) {
      return host;
    }
    if (config.insecureAnyHost()) {
      return "localhost";
    }
    throw RpcException.notExecuted(
        Kind.FAILED_PRECONDITION,
        target
            + ": "
            + address
            + " does not say which host its certificate shall name: use"
            + " TlsClientConfig.withServerName");
  }

  /** One connection. */
  final class Attempt {
    private final String host;
    private final int port;
    private final Promise<@Nullable Void> shaken =
        new DefaultPromise<>(ImmediateEventExecutor.INSTANCE);

    private Attempt(String host, int port) {
      this.host = host;
      this.port = port;
    }

    /** {@return what shakes hands first and then leaves the channel to {@code handler}} */
    ChannelHandler before(ChannelHandler handler) {
      return new ChannelInitializer<Channel>() {
        @Override
        protected void initChannel(Channel channel) {
          SslHandler tls = context.handler(channel.alloc(), host, port);
          LoopReads.byTls(channel);
          channel
              .pipeline()
              .addLast(tls, TlsErrors.INSTANCE, new TlsClientGate(tls, alpn, shaken), handler);
        }
      };
    }

    /** {@return how connecting and shaking hands end together; cancelling it closes the channel} */
    ChannelFuture outcome(ChannelFuture connecting) {
      Channel channel = connecting.channel();
      ChannelPromise both = channel.newPromise();
      connecting.addListener(connected -> {
        if (!connected.isSuccess()) {
          both.tryFailure(connected.cause());
        }
      });
      shaken.addListener(done -> {
        if (done.isSuccess()) {
          both.trySuccess();
        } else {
          both.tryFailure(done.cause());
        }
      });
      both.addListener(ended -> {
        if (ended.isCancelled()) {
          channel.close();
        }
      });
      return both;
    }
  }
}
