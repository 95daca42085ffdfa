package io.volare.transport.thrift;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.volare.rpc.Address;
import io.volare.rpc.RpcClient;
import io.volare.transport.netty.Protocol;
import io.volare.transport.netty.Protocol.Match;
import io.volare.transport.netty.ServerPort;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ThriftOnSharedPortTest {
  private ServerPort port;

  @BeforeEach
  void open() {
    port =
        ServerPort.builder(Address.tcp("127.0.0.1", 0))
            .offer(new Shout())
            .offer(
                ThriftProtocol.builder()
                    .service(EchoService.binding((context, request) -> request))
                    .build())
            .build();
    port.start();
  }

  @AfterEach
  void stop() {
    port.stop();
  }

  @ParameterizedTest
  @EnumSource(WireForm.class)
  void answersThriftInEachFormBesideAnotherProtocol(WireForm form) throws Exception {
    ThriftClient transport =
        ThriftClient.to(port.endpoint(), ThriftClientConfig.DEFAULT.withForm(form));
    RpcClient client = RpcClient.builder("echo").caller("test").transport(transport);
    try (RawPeer other = new RawPeer(port.endpoint())) {
      other.send("PRI * x".getBytes(US_ASCII));

      assertThat(new String(other.read(7), US_ASCII)).isEqualTo("PRI * X");
      assertThat(client.call(EchoService.ECHO, "pling")).isEqualTo("pling");
    } finally {
      transport.stop();
    }
  }

  @ParameterizedTest
  @EnumSource(WireForm.class)
  void knowsThriftByItsFirstBytesAtTheSixthAtLatest(WireForm form) {
    byte[] bare = RawPeer.echo(1, "x");
    byte[] payload = form.isFramed() ? RawPeer.framed(bare) : bare;
    byte[] message = form.hasHeader() ? RawPeer.headed(0, payload) : payload;

    int known = form == WireForm.BARE ? 2 : 6;
    for (int length = 0; length <= message.length; length++) {
      ByteBuf first = Unpooled.wrappedBuffer(message, 0, length);
      assertThat(Frame.match(first)).isEqualTo(length < known ? Match.MORE : Match.YES);
      assertThat(first.readerIndex()).isZero();
    }
  }

  @Test
  void doesNotTakeHttpOrTlsOrNoiseForThrift() {
    for (String other :
        new String[] {
          "PRI * HTTP/2.0", "GET / HTTP/1.1", "POST /a", "\u0016\u0003\u0001\u0002\u0000\u0001"
        }) {
      assertThat(Frame.match(Unpooled.copiedBuffer(other, US_ASCII))).isEqualTo(Match.NO);
    }
    assertThat(Frame.match(Unpooled.wrappedBuffer(new byte[] {(byte) 0x80, 2})))
        .isEqualTo(Match.NO);
    assertThat(Frame.match(Unpooled.wrappedBuffer(new byte[] {(byte) 0x82}))).isEqualTo(Match.NO);
    assertThat(Frame.match(Unpooled.wrappedBuffer(new byte[] {0, 0, 0, 9, 0x11})))
        .isEqualTo(Match.NO);
  }

  /** Answers in capital letters. */
  private static final class Shout implements Protocol {
    @Override
    public String name() {
      return "Shout";
    }

    @Override
    public Match match(ByteBuf first) {
      return Match.startsWith(first, "PRI ".getBytes(US_ASCII));
    }

    @Override
    public Connection open(Channel channel, ServerPort port) {
      channel
          .pipeline()
          .addLast(
              new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext context, Object message) {
                  ByteBuf bytes = (ByteBuf) message;
                  String text = bytes.toString(US_ASCII).toUpperCase(java.util.Locale.ROOT);
                  bytes.release();
                  context.writeAndFlush(Unpooled.copiedBuffer(text, US_ASCII));
                }
              });
      return channel::close;
    }
  }
}
