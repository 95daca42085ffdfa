package io.volare.transport.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.volare.rpc.Address;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class LoopReadsTest {
  /** The buffers that were read into, kept so that no other object takes the place of one. */
  private final List<ByteBuf> read = new CopyOnWriteArrayList<>();

  /** With io_uring the kernel holds the buffer of each read that waits. */
  @ParameterizedTest
  @EnumSource(
      value = Loops.Kind.class,
      names = {"EPOLL", "NIO"})
  void connectionsThatTakeTurnsAreReadIntoTheOneBufferOfTheirLoop(Loops.Kind kind)
      throws Exception {
    exchange(kind, true);

    assertThat(read)
        .hasSizeGreaterThanOrEqualTo(20)
        .allSatisfy(each -> {
          assertThat(each).isSameAs(read.getFirst());
          assertThat(each.refCnt()).isEqualTo(1);
        });
  }

  @ParameterizedTest
  @EnumSource(Loops.Kind.class)
  void othersHaveTheirOwn(Loops.Kind kind) throws Exception {
    exchange(kind, false);

    assertThat(read)
        .hasSizeGreaterThanOrEqualTo(20)
        .allSatisfy(each -> assertThat(each.refCnt()).isZero());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @SuppressWarnings("deprecation") // Netty has no other type
  void whatTlsReadsIsNotReadIntoTheBufferOfTheLoop(boolean tls) throws Exception {
    try (Loops loops = Loops.create(Loops.Kind.NIO, 1)) {
      EmbeddedChannel channel = new EmbeddedChannel();
      LoopReads.prepare(channel);
      if (tls) {
        LoopReads.byTls(channel);
      }
      LoopReads.takeTurns(channel);
      RecvByteBufAllocator.Handle handle =
          channel.config().<RecvByteBufAllocator>getRecvByteBufAllocator().newHandle();

      for (int i = 0; i < 2; i++) {
        ByteBuf buffer = loops.group().next().submit(() -> handle.allocate(channel.alloc())).get();
        assertThat(buffer.release()).as("nobody else holds it").isEqualTo(tls);
      }
      channel.finishAndReleaseAll();
    }
  }

  private void exchange(Loops.Kind kind, boolean turns) throws Exception {
    assumeTrue(Loops.isThere(kind));
    try (Loops loops = Loops.create(kind, 1)) {
      ServerPort port =
          ServerPort.builder(Address.tcp("127.0.0.1", 0))
              .loops(loops)
              .offer(new Copying(turns))
              .build();
      port.start();
      int number = ((Address.Tcp) port.endpoint().address()).port();
      try (Socket first = new Socket(InetAddress.getLoopbackAddress(), number);
          Socket second = new Socket(InetAddress.getLoopbackAddress(), number)) {
        for (int i = 0; i < 10; i++) {
          assertThat(answer(first, "first " + i)).isEqualTo("first " + i);
          assertThat(answer(second, "second " + i)).isEqualTo("second " + i);
        }
      } finally {
        port.stop();
      }
    }
  }

  private static String answer(Socket socket, String text) throws IOException {
    socket.setSoTimeout(10_000);
    socket.getOutputStream().write(text.getBytes(US_ASCII));
    return new String(socket.getInputStream().readNBytes(text.length()), US_ASCII);
  }

  /** Sends back a copy of what comes. */
  private final class Copying implements Protocol {
    private final boolean turns;

    Copying(boolean turns) {
      this.turns = turns;
    }

    @Override
    public String name() {
      return "copying";
    }

    @Override
    public Match match(ByteBuf first) {
      return Match.YES;
    }

    @Override
    public Connection open(Channel channel, ServerPort port) {
      if (turns) {
        LoopReads.takeTurns(channel);
      }
      Back back = new Back(channel);
      channel.pipeline().addLast(back);
      return back;
    }
  }

  private final class Back extends ChannelInboundHandlerAdapter implements Protocol.Connection {
    private final Channel channel;

    Back(Channel channel) {
      this.channel = channel;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      read.add(unwrapped(bytes));
      context.writeAndFlush(bytes.copy());
      bytes.release();
    }

    /** The leak detector's wrapper is another one each time. */
    private ByteBuf unwrapped(ByteBuf bytes) {
      return bytes.unwrap() == null ? bytes : bytes.unwrap();
    }

    @Override
    public void announceDrain() {
      channel.eventLoop().execute(channel::close);
    }
  }
}
