package io.volare.benchmarks;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.volare.rpc.Address;
import io.volare.transport.netty.Loops;
import java.net.InetSocketAddress;
import java.util.function.Consumer;

/**
 * What the frames alone cost: of Thrift they are cut, two values patched in place and written with
 * one flush for all that was read at once, and nothing is decoded; for HTTP/2 see {@link
 * BareHttp2}.
 */
final class BareEcho implements RunningServer {
  private final Channel listener;
  private final Loops loops;

  private BareEcho(Channel listener, Loops loops) {
    this.listener = listener;
    this.loops = loops;
  }

  /** {@return a server of Thrift on loops that it closes with itself} */
  static BareEcho thrift(int port, Loops loops) throws InterruptedException {
    return start(port, loops, pipeline -> pipeline.addLast(new FrameCutter(), new Echo()));
  }

  /** {@return a server of gRPC on loops that it closes with itself} */
  static BareEcho http2(int port, Loops loops) throws InterruptedException {
    return start(port, loops, pipeline -> pipeline.addLast(BareHttp2.create()));
  }

  private static BareEcho start(int port, Loops loops, Consumer<ChannelPipeline> handlers)
      throws InterruptedException {
    Address address = Address.tcp("127.0.0.1", port);
    Channel listener =
        new ServerBootstrap()
            .group(loops.group())
            .channel(loops.serverChannel(address))
            .option(ChannelOption.SO_BACKLOG, 4096)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    handlers.accept(channel.pipeline());
                  }
                })
            .bind(loops.socketAddress(address))
            .sync()
            .channel();
    return new BareEcho(listener, loops);
  }

  @Override
  public int port() {
    return ((InetSocketAddress) listener.localAddress()).getPort();
  }

  @Override
  public void close() {
    listener.close().awaitUninterruptibly();
    loops.close();
  }

  private static final class Echo extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf frame = (ByteBuf) message;
      EchoFrames.turnIntoReply(frame);
      context.write(frame, context.voidPromise());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      context.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close();
    }
  }
}
