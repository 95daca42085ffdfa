package io.volare.registry.dns;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.dns.DatagramDnsQuery;
import io.netty.handler.codec.dns.DatagramDnsQueryDecoder;
import io.netty.handler.codec.dns.DatagramDnsResponse;
import io.netty.handler.codec.dns.DatagramDnsResponseEncoder;
import io.netty.handler.codec.dns.DefaultDnsQuestion;
import io.netty.handler.codec.dns.DefaultDnsRawRecord;
import io.netty.handler.codec.dns.DefaultDnsResponse;
import io.netty.handler.codec.dns.DnsQuery;
import io.netty.handler.codec.dns.DnsQuestion;
import io.netty.handler.codec.dns.DnsRecordType;
import io.netty.handler.codec.dns.DnsResponse;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.handler.codec.dns.DnsSection;
import io.netty.handler.codec.dns.TcpDnsQueryDecoder;
import io.netty.handler.codec.dns.TcpDnsResponseEncoder;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A DNS server on loopback, on one port for UDP and TCP, that answers what a test tells it: by
 * default that there is no such name.
 */
final class ScriptedDns implements AutoCloseable {
  private static final Reply NO_SUCH_NAME = Reply.code(DnsResponseCode.NXDOMAIN);

  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Map<String, Reply> script = new ConcurrentHashMap<>();
  private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
  private final Set<Integer> ports = ConcurrentHashMap.newKeySet();
  private final InetSocketAddress address;
  private final Channel tcp;

  ScriptedDns() {
    Channel overTcp = null;
    for (int tries = 0; overTcp == null; tries++) {
      overTcp = bound(tries);
    }
    tcp = overTcp;
    address = (InetSocketAddress) tcp.localAddress();
  }

  /** {@return a server on a port that is free for both, or null if it was not free for UDP} */
  private @Nullable Channel bound(int tries) {
    Channel server =
        new ServerBootstrap()
            .group(group)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            new TcpDnsQueryDecoder(), new TcpDnsResponseEncoder(), new OverTcp());
                  }
                })
            .bind("127.0.0.1", 0)
            .syncUninterruptibly()
            .channel();
    ChannelFuture udp =
        new Bootstrap()
            .group(group)
            .channel(NioDatagramChannel.class)
            .handler(
                new ChannelInitializer<NioDatagramChannel>() {
                  @Override
                  protected void initChannel(NioDatagramChannel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            new DatagramDnsQueryDecoder(),
                            new DatagramDnsResponseEncoder(),
                            new OverUdp());
                  }
                })
            .bind(server.localAddress())
            .awaitUninterruptibly();
    if (udp.isSuccess()) {
      return server;
    }
    server.close().syncUninterruptibly();
    if (tries == 20) {
      throw new IllegalStateException("no port is free for UDP and TCP", udp.cause());
    }
    return null;
  }

  InetSocketAddress address() {
    return address;
  }

  /** Refuses connections from now on. */
  void closeTcp() {
    tcp.close().syncUninterruptibly();
  }

  /** Says {@code reply} to {@code question}, such as {@code orders.example A}, from now on. */
  ScriptedDns says(String question, Reply reply) {
    script.put(question, reply);
    return this;
  }

  /** Says these records. */
  ScriptedDns says(String question, Entry... entries) {
    return says(question, Reply.of(entries));
  }

  /** Has addresses for a name, and no IPv6 ones. */
  ScriptedDns hosts(String name, int ttl, String... addresses) {
    says(name + " A", Stream.of(addresses).map(one -> Entry.a(ttl, one)).toArray(Entry[]::new));
    return says(name + " AAAA");
  }

  /** {@return the next question, as {@code name TYPE protocol}} */
  String nextQuestion() throws InterruptedException {
    String question = asked.poll(10, TimeUnit.SECONDS);
    if (question == null) {
      throw new AssertionError("no question within 10 s");
    }
    return question;
  }

  /** {@return the questions so far, which are forgotten} */
  List<String> questions() {
    List<String> questions = new ArrayList<>();
    asked.drainTo(questions);
    return questions;
  }

  /** {@return the ports that questions came from} */
  Set<Integer> ports() {
    return ports;
  }

  private Reply reply(DnsQuestion question, String protocol) {
    String name = question.name().substring(0, question.name().length() - 1);
    String key = name + " " + question.type().name();
    asked.add(key + " " + protocol);
    return script.getOrDefault(key, NO_SUCH_NAME);
  }

  private static void fill(DnsResponse response, DnsQuestion question, Reply reply, boolean udp) {
    response.setCode(reply.code());
    response.addRecord(
        DnsSection.QUESTION, new DefaultDnsQuestion(question.name(), question.type()));
    if (udp && reply.onlyOverTcp()) {
      response.setTruncated(true);
      return;
    }
    for (Entry entry : reply.entries()) {
      response.addRecord(
          entry.type().equals(DnsRecordType.SOA) ? DnsSection.AUTHORITY : DnsSection.ANSWER,
          new DefaultDnsRawRecord(
              entry.name().isEmpty() ? question.name() : entry.name(),
              entry.type(),
              entry.ttl(),
              Unpooled.wrappedBuffer(entry.data())));
    }
  }

  @Override
  public void close() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private final class OverUdp extends SimpleChannelInboundHandler<DatagramDnsQuery> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramDnsQuery query) {
      DnsQuestion question = query.recordAt(DnsSection.QUESTION);
      Reply reply = reply(question, "UDP");
      ports.add(query.sender().getPort());
      if (!reply.silent()) {
        DatagramDnsResponse response =
            new DatagramDnsResponse(query.recipient(), query.sender(), query.id());
        fill(response, question, reply, true);
        context.writeAndFlush(response);
      }
    }
  }

  private final class OverTcp extends SimpleChannelInboundHandler<DnsQuery> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, DnsQuery query) {
      DnsQuestion question = query.recordAt(DnsSection.QUESTION);
      Reply reply = reply(question, "TCP");
      if (!reply.silent()) {
        DnsResponse response = new DefaultDnsResponse(query.id());
        fill(response, question, reply, false);
        context.writeAndFlush(response);
      }
    }
  }

  /** What to say. */
  record Reply(DnsResponseCode code, List<Entry> entries, boolean onlyOverTcp, boolean silent) {
    static final Reply SILENCE = new Reply(DnsResponseCode.NOERROR, List.of(), false, true);
    static final Reply SERVFAIL = code(DnsResponseCode.SERVFAIL);

    static Reply of(Entry... entries) {
      return new Reply(DnsResponseCode.NOERROR, List.of(entries), false, false);
    }

    static Reply code(DnsResponseCode code) {
      return new Reply(code, List.of(), false, false);
    }

    Reply overTcp() {
      return new Reply(code, entries, true, silent);
    }
  }

  /** A record; without a name of its own it belongs to the name that was asked for. */
  record Entry(String name, DnsRecordType type, int ttl, byte[] data) {
    static Entry a(int ttl, String address) {
      return new Entry(
          "", DnsRecordType.A, ttl, NetUtil.createByteArrayFromIpAddressString(address));
    }

    static Entry aaaa(int ttl, String address) {
      return new Entry(
          "", DnsRecordType.AAAA, ttl, NetUtil.createByteArrayFromIpAddressString(address));
    }

    static Entry alias(int ttl, String target) {
      return new Entry("", DnsRecordType.CNAME, ttl, encoded(target));
    }

    static Entry srv(int ttl, int priority, int weight, int port, String target) {
      ByteBuf data = Unpooled.buffer();
      data.writeShort(priority).writeShort(weight).writeShort(port).writeBytes(encoded(target));
      return new Entry("", DnsRecordType.SRV, ttl, bytes(data));
    }

    static Entry soa() {
      ByteBuf data = Unpooled.buffer().writeBytes(encoded("ns")).writeBytes(encoded("root"));
      data.writeInt(1).writeInt(1).writeInt(1).writeInt(1).writeInt(1);
      return new Entry("", DnsRecordType.SOA, 1, bytes(data));
    }

    Entry of(String name) {
      return new Entry(name + ".", type, ttl, data);
    }

    private static byte[] encoded(String name) {
      ByteBuf data = Unpooled.buffer();
      for (String label : name.split("\\.")) {
        data.writeByte(label.length()).writeCharSequence(label, StandardCharsets.US_ASCII);
      }
      return bytes(data.writeByte(0));
    }

    private static byte[] bytes(ByteBuf data) {
      byte[] bytes = new byte[data.readableBytes()];
      data.readBytes(bytes);
      return bytes;
    }
  }
}
