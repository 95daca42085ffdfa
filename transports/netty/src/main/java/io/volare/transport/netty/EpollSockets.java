package io.volare.transport.netty;

import io.netty.channel.Channel;
import io.netty.channel.DefaultSelectStrategyFactory;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;

/** Linux's epoll. The only class that knows the optional library, so that it may be missing. */
final class EpollSockets implements Sockets {
  /**
   * As many as are handed over together: the loop goes on with what comes back from them before it
   * reads the next connections, and all that belongs to them is still in the processor's cache.
   */
  private static final int MOST_EVENTS = Handover.MOST;

  /** {@return whether the native part loads; asking fails where the Java part is missing} */
  static boolean isAvailable() {
    return Epoll.isAvailable();
  }

  @Override
  public IoHandlerFactory handler() {
    return EpollIoHandler.newFactory(MOST_EVENTS, DefaultSelectStrategyFactory.INSTANCE);
  }

  @Override
  public Class<? extends Channel> channel(boolean unix) {
    return unix ? EpollDomainSocketChannel.class : EpollSocketChannel.class;
  }

  @Override
  public Class<? extends ServerChannel> serverChannel(boolean unix) {
    return unix ? EpollServerDomainSocketChannel.class : EpollServerSocketChannel.class;
  }

  @Override
  public SocketAddress unixAddress(Path path) {
    return new DomainSocketAddress(path.toString());
  }

  @Override
  public boolean refuse(Channel listener) {
    return LinuxSockets.refuse(listener);
  }

  @Override
  public int descriptor(Channel channel) {
    return LinuxSockets.descriptor(channel);
  }
}
