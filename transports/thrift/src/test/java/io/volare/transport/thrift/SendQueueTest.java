package io.volare.transport.thrift;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SendQueueTest {
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private final SendQueue queue =
      new SendQueue(
          channel, exchange -> channel.write(exchange.request().buffer()), channel::flush);

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  @Test
  void goesOnInOrderWhereAFlushWithinItMakesTheChannelWritable() {
    channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, 64));
    channel
        .pipeline()
        .addLast(
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelWritabilityChanged(ChannelHandlerContext context) {
                if (context.channel().isWritable()) {
                  queue.drain();
                }
              }
            });
    for (int i = 0; i < 10; i++) {
      ByteBuf request = Unpooled.buffer().writeInt(i).writeZero(100);
      queue.add(new Exchange(RequestBytes.in(request), false));
    }

    channel.runPendingTasks();

    channel.checkException();
    for (int i = 0; i < 10; i++) {
      ByteBuf sent = channel.readOutbound();
      assertThat(sent.getInt(0)).isEqualTo(i);
      sent.release();
    }
  }
}
