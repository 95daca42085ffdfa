package io.volare.transport.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.volare.rpc.Address;
import io.volare.rpc.RpcException;
import io.volare.transport.netty.Loops.Kind;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of those who connect while a port stops listening, met with sockets of the JDK. */
@Timeout(60)
class ListenerTest {
  /** More than a loop accepts at a time. */
  private static final int MANY = 50;

  private static final Duration LIMIT = Duration.ofSeconds(8);

  @TempDir Path folder;
  private final AtomicInteger sockets = new AtomicInteger();
  private Loops loops;
  private ServerPort port;

  @AfterEach
  void stop() {
    port.stop();
    loops.close();
  }

  static Stream<Arguments> everywhere() {
    return Stream.of(Kind.values())
        .filter(Loops::isThere)
        .flatMap(kind -> Stream.of(Arguments.of(kind, "tcp"), Arguments.of(kind, "unix")));
  }

  /** Where the kernel can be told to refuse, whoever keeps coming. */
  static Stream<Arguments> whereTheKernelRefuses() {
    return everywhere().filter(each -> each.get()[0] != Kind.NIO || each.get()[1].equals("unix"));
  }

  private void open(Kind kind, String family) {
    loops = Loops.create(kind, 1);
    listen(family);
  }

  private void listen(String family) {
    Address address =
        family.equals("tcp")
            ? Address.tcp("127.0.0.1", 0)
            : Address.unix(folder.resolve("s" + sockets.incrementAndGet()));
    port = ServerPort.builder(address).offer(new OneAnswer()).loops(loops).build();
    port.start();
  }

  private SocketChannel connect() throws IOException {
    Address address = port.endpoint().address();
    SocketAddress remote =
        address instanceof Address.Unix(Path path)
            ? UnixDomainSocketAddress.of(path)
            : new InetSocketAddress("127.0.0.1", ((Address.Tcp) address).port());
    return address instanceof Address.Unix ? unix(remote) : SocketChannel.open(remote);
  }

  private static SocketChannel unix(SocketAddress remote) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(remote);
      return channel;
    } catch (IOException refused) {
      channel.close();
      throw refused;
    }
  }

  private static void ask(SocketChannel channel) throws IOException {
    channel.write(ByteBuffer.wrap("call".getBytes(US_ASCII)));
  }

  /** {@return what came until the end of the connection} */
  private static String answer(SocketChannel channel) throws IOException {
    ByteBuffer read = ByteBuffer.allocate(16);
    while (channel.read(read) >= 0) {
      assertThat(read.hasRemaining()).isTrue();
    }
    return new String(read.array(), 0, read.position(), US_ASCII);
  }

  private Thread drain() {
    return Thread.ofVirtual()
        .start(() -> {
          try {
            port.drain(LIMIT);
          } catch (InterruptedException cancelled) {
            Thread.currentThread().interrupt();
          }
        });
  }

  @ParameterizedTest
  @MethodSource("everywhere")
  void answersThoseWhomTheKernelHadTakenHoweverLateTheLoopComesToAcceptThem(
      Kind kind, String family) throws Exception {
    open(kind, family);
    CountDownLatch loopMayGoOn = new CountDownLatch(1);
    loops.group().next().execute(() -> waitFor(loopMayGoOn));
    List<SocketChannel> clients = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      SocketChannel client = connect();
      clients.add(client);
      ask(client);
    }

    Thread draining = drain();
    Thread.sleep(400); // longer than a draining port waits for those to come who are on their way
    loopMayGoOn.countDown();

    for (SocketChannel client : clients) {
      assertThat(answer(client)).isEqualTo("done");
      client.close();
    }
    draining.join();
    assertThat(port.connections()).isZero();
  }

  private static void waitFor(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException cancelled) {
      Thread.currentThread().interrupt();
    }
  }

  @ParameterizedTest
  @MethodSource("whereTheKernelRefuses")
  void answersOrRefusesButNeverResetsThoseWhoKeepConnectingUntilTheEnd(Kind kind, String family)
      throws Exception {
    open(kind, family);
    Map<String, AtomicInteger> outcomes = new ConcurrentHashMap<>();

    for (int round = 0; round < 5; round++) {
      List<Thread> clients = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        clients.add(Thread.ofPlatform().start(() -> callUntilRefused(outcomes)));
      }
      Thread.sleep(20);
      drain().join();
      for (Thread client : clients) {
        client.join();
      }
      port.stop();
      listen(family);
    }

    assertThat(outcomes.keySet()).containsExactlyInAnyOrder("done", "refused");
    assertThat(outcomes.get("refused")).hasValue(15);
  }

  private void callUntilRefused(Map<String, AtomicInteger> outcomes) {
    String outcome = "";
    while (!outcome.equals("refused")) {
      outcome = callOnce();
      outcomes.computeIfAbsent(outcome, unused -> new AtomicInteger()).incrementAndGet();
    }
  }

  private String callOnce() {
    SocketChannel client;
    try {
      client = connect();
    } catch (IOException refused) {
      return "refused";
    }
    try (client) {
      ask(client);
      return answer(client);
    } catch (IOException lost) {
      return "lost: " + lost;
    }
  }

  @ParameterizedTest
  @MethodSource("everywhere")
  void stopsListeningOnceNobodyComesAnyMore(Kind kind, String family) throws Exception {
    open(kind, family);
    long start = System.nanoTime();

    port.drain(LIMIT);

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    assertThat(callOnce()).isEqualTo("refused");
  }

  @ParameterizedTest
  @MethodSource("everywhere")
  void keepsItsAddressUntilItHasStoppedListening(Kind kind, String family) throws Exception {
    open(kind, family);
    CountDownLatch loopMayGoOn = new CountDownLatch(1);
    loops.group().next().execute(() -> waitFor(loopMayGoOn));
    Thread draining = drain();
    Thread.sleep(300); // until the kernel refuses
    try (Loops others = Loops.create(Kind.NIO, 1)) {
      ServerPort next =
          ServerPort.builder(port.endpoint().address())
              .offer(new OneAnswer())
              .loops(others)
              .build();

      assertThatThrownBy(next::start).isInstanceOf(RpcException.class);

      loopMayGoOn.countDown();
      draining.join();
      ServerPort successor =
          ServerPort.builder(port.endpoint().address())
              .offer(new OneAnswer())
              .loops(others)
              .build();
      successor.start();
      port.stop();
      try (SocketChannel client = connect()) {
        ask(client);
        assertThat(answer(client)).isEqualTo("done");
      }
      successor.stop();
    }
  }

  /** Answers what comes first, then closes. */
  private static final class OneAnswer implements Protocol {
    @Override
    public String name() {
      return "one answer";
    }

    @Override
    public Match match(ByteBuf first) {
      return Match.YES;
    }

    @Override
    public Connection open(Channel channel, ServerPort port) {
      channel.pipeline().addLast(new Answering());
      return () -> {};
    }
  }

  private static final class Answering extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ((ByteBuf) message).release();
      context
          .writeAndFlush(context.alloc().buffer(4).writeBytes("done".getBytes(US_ASCII)))
          .addListener(written -> context.close());
    }
  }
}
