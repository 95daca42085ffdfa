package io.volare.transport.netty;

import io.netty.channel.Channel;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringDomainSocketChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerDomainSocketChannel;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;

/** Linux's io_uring. The only class that knows the optional library, so that it may be missing. */
final class IoUringSockets implements Sockets {
  /** {@return whether the native part loads; asking fails where the Java part is missing} */
  static boolean isAvailable() {
    return IoUring.isAvailable();
  }

  @Override
  public IoHandlerFactory handler() {
    return IoUringIoHandler.newFactory();
  }

  @Override
  public Class<? extends Channel> channel(boolean unix) {
    return unix ? IoUringDomainSocketChannel.class : IoUringSocketChannel.class;
  }

  @Override
  public Class<? extends ServerChannel> serverChannel(boolean unix) {
    return unix ? IoUringServerDomainSocketChannel.class : IoUringServerSocketChannel.class;
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
