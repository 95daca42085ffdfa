package io.volare.transport.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.UnixChannel;

/** What epoll and io_uring can do to a socket and NIO cannot. */
final class LinuxSockets {
  private static final int SOL_SOCKET = 1;
  private static final int SO_BINDTOIFINDEX = 62;

  /** The network device of nobody. */
  private static final int NO_DEVICE = Integer.MAX_VALUE;

  private static final ChannelOption<Integer> DEVICE =
      new IntegerUnixChannelOption("SO_BINDTOIFINDEX", SOL_SOCKET, SO_BINDTOIFINDEX);

  private LinuxSockets() {}

  /**
   * Lets a listening socket take nobody new: bound to a device that there is not, it is not found
   * for the first packet of a connection, which the kernel answers as where nobody listens. The
   * handshakes it has begun do not look for it any more.
   *
   * @return whether this kernel knows how: 5.0, without privileges 5.7
   */
  static boolean refuse(Channel listener) {
    try {
      return listener.config().setOption(DEVICE, NO_DEVICE);
    } catch (ChannelException unknown) {
      return false;
    }
  }

  static int descriptor(Channel channel) {
    return ((UnixChannel) channel).fd().intValue();
  }
}
