package io.volare.transport.netty;

import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/** One way to wait for sockets: the handler of its loops and the channel types that go with it. */
interface Sockets {
  IoHandlerFactory handler();

  Class<? extends Channel> channel(boolean unix);

  Class<? extends ServerChannel> serverChannel(boolean unix);

  SocketAddress unixAddress(Path path);

  /**
   * {@return whether the kernel refuses from now on who connects to this TCP port} Those it has
   * taken, and those in the middle of a handshake, are accepted all the same.
   */
  default boolean refuse(Channel listener) {
    return false;
  }

  /** {@return the number of its file descriptor, -1 where that is not told} */
  default int descriptor(Channel channel) {
    return -1;
  }

  /** The JDK's selectors. */
  final class Nio implements Sockets {
    @Override
    public IoHandlerFactory handler() {
      return NioIoHandler.newFactory();
    }

    @Override
    public Class<? extends Channel> channel(boolean unix) {
      return unix ? NioDomainSocketChannel.class : NioSocketChannel.class;
    }

    @Override
    public Class<? extends ServerChannel> serverChannel(boolean unix) {
      return unix ? NioServerDomainSocketChannel.class : NioServerSocketChannel.class;
    }

    @Override
    public SocketAddress unixAddress(Path path) {
      return UnixDomainSocketAddress.of(path);
    }
  }
}
