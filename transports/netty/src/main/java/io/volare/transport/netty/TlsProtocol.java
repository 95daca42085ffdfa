package io.volare.transport.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * TLS as a protocol of a port, with the others inside. Thread-safe.
 *
 * <p>After the handshake the protocol that ALPN named takes over. Where the client named none,
 * those that do without are left, and told by their first bytes if there are several.
 */
final class TlsProtocol implements Protocol {
  /** A handshake record of any version of TLS. */
  private static final byte[] HANDSHAKE = {0x16, 0x03};

  private final TlsContext context;
  private final Handshakes handshakes;
  private final List<Protocol> inner;
  private final List<Protocol> nameless;

  TlsProtocol(TlsServerConfig config, List<Protocol> inner) {
    this.inner = inner;
    nameless = inner.stream().filter(Protocol::withoutAlpn).toList();
    context = TlsContext.server(config, names(inner));
    handshakes = new Handshakes(config.handshakes(), config.handshakesPerAddress());
  }

  private static Set<String> names(List<Protocol> protocols) {
    return protocols.stream()
        .flatMap(protocol -> protocol.alpn().stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** {@return this and {@code plain}, for a port that speaks both} */
  List<Protocol> besides(List<Protocol> plain) {
    List<Protocol> both = new ArrayList<>();
    both.add(this);
    both.addAll(plain);
    return List.copyOf(both);
  }

  /** {@return the thread that reads changed files, to be interrupted in the end} */
  @Nullable Thread watch() {
    return context.watch();
  }

  /**
   * Reads the files now.
   *
   * @throws io.volare.rpc.RpcException of kind {@code FAILED_PRECONDITION} if they cannot be used;
   *     what was read before stays
   */
  void reload() {
    context.reload();
  }

  @Override
  public String name() {
    return "TLS";
  }

  @Override
  public Match match(ByteBuf first) {
    return Match.startsWith(first, HANDSHAKE);
  }

  @Override
  public Connection open(Channel channel, ServerPort port) {
    SslHandler tls = context.handler(channel.alloc());
    LoopReads.byTls(channel);
    Shaking shaking = new Shaking(port, channel, tls);
    channel.pipeline().addLast(tls, TlsErrors.INSTANCE, shaking);
    handshakes.begin(shaking);
    return shaking;
  }

  @Override
  public String toString() {
    return "TLS " + inner;
  }

  /** A connection that shakes hands. Whoever takes over hears that it is active afterwards. */
  private final class Shaking extends Newcomer {
    private final SslHandler tls;

    Shaking(ServerPort port, Channel channel, SslHandler tls) {
      super(port, channel);
      this.tls = tls;
    }

    @Override
    void end() {
      super.end();
      handshakes.end(this);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      // not before hands are shaken
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof SslHandshakeCompletionEvent done && !isOver()) {
        if (done.isSuccess()) {
          shaken(context);
        } else {
          refuse("TLS: " + TlsFailure.reason(done.cause()));
        }
      }
      context.fireUserEventTriggered(event);
    }

    private void shaken(ChannelHandlerContext context) {
      String name = tls.applicationProtocol();
      List<Protocol> possible = name == null ? nameless : named(name);
      if (possible.isEmpty()) {
        refuse("TLS: no protocol was chosen by ALPN (expected: " + names(inner) + ")");
        return;
      }
      end();
      channel.attr(TlsPeer.TAGS).set(TlsPeer.tags(tls.engine().getSession()));
      port.give(channel, possible);
      context.fireChannelActive();
      context.pipeline().remove(this);
    }

    private List<Protocol> named(String name) {
      return inner.stream().filter(protocol -> protocol.alpn().contains(name)).limit(1).toList();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable failure) {
      channel.close(); // the handshake's own event says why
    }
  }
}
