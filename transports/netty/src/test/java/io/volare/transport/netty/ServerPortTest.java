package io.volare.transport.netty;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.Address;
import io.volare.rpc.RpcException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ServerPortTest {
  private static final Address ANY = Address.tcp("127.0.0.1", 0);
  private static final ServerPortConfig HASTY =
      ServerPortConfig.DEFAULT.withFirstBytes(Duration.ofMillis(200));

  private final Echo low = new Echo("low", "abc:");
  private final Echo high = new Echo("high", "abC:");
  private ServerPort port;

  @AfterEach
  void stop() {
    if (port != null) {
      port.stop();
    }
  }

  private void open(ServerPortConfig config, Protocol... protocols) {
    ServerPort.Builder builder = ServerPort.builder(ANY).config(config);
    Arrays.stream(protocols).forEach(builder::offer);
    port = builder.build();
    port.start();
  }

  private Socket connect() throws IOException {
    return connect(port);
  }

  private static Socket connect(ServerPort port) throws IOException {
    int number = ((Address.Tcp) port.endpoint().address()).port();
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), number);
    socket.setSoTimeout(5_000);
    socket.setTcpNoDelay(true);
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(US_ASCII));
  }

  private static String receive(Socket socket, int bytes) throws IOException {
    return new String(socket.getInputStream().readNBytes(bytes), US_ASCII);
  }

  private static boolean isClosed(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read() < 0;
    } catch (SocketException reset) {
      return true;
    }
  }

  @Test
  void givesEveryConnectionToTheOnlyProtocolWithNothingInBetween() throws Exception {
    open(ServerPortConfig.DEFAULT, low);

    try (Socket socket = connect()) {
      send(socket, "anything");

      assertThat(receive(socket, 12)).isEqualTo("low anything");
      assertThat(low.pipelines).containsExactly(List.of("ServerPortTest$Echo$Echoing#0"));
    }
  }

  static Stream<List<Integer>> cuts() {
    return Stream.concat(
        Stream.of(List.of(), List.of(1, 2, 3, 4, 5)),
        IntStream.rangeClosed(1, 6).mapToObj(List::of));
  }

  @ParameterizedTest
  @MethodSource("cuts")
  void givesAConnectionToTheProtocolOfItsFirstBytesHoweverTheyWereSplit(List<Integer> cuts)
      throws Exception {
    open(ServerPortConfig.DEFAULT, low, high);

    for (Echo protocol : List.of(low, high)) {
      try (Socket socket = connect()) {
        String sent = protocol.preface + "xyz";
        int from = 0;
        for (int to : cuts) {
          send(socket, sent.substring(from, to));
          Thread.sleep(5); // so that the parts arrive apart
          from = to;
        }
        send(socket, sent.substring(from));

        String expected = protocol.name + " " + sent;
        assertThat(receive(socket, expected.length())).isEqualTo(expected);
        send(socket, "more");
        assertThat(receive(socket, 4)).isEqualTo("more");
      }
    }
    assertThat(low.pipelines).hasSize(1);
    assertThat(high.pipelines).hasSize(1);
  }

  @Test
  void tellsAProtocolThatIsChosenByItsBytesThatTheChannelIsActiveFirstAndOnce() throws Exception {
    open(ServerPortConfig.DEFAULT, low, high);

    try (Socket socket = connect()) {
      send(socket, "abc:");
      receive(socket, 8);
    }

    assertThat(low.events).startsWith("active", "read");
    assertThat(low.events).containsOnlyOnce("active");
  }

  @Test
  void leavesNothingOfItsOwnInThePipelineOfAConnectionItHasGivenAway() throws Exception {
    open(ServerPortConfig.DEFAULT, low, high);

    try (Socket socket = connect()) {
      send(socket, "abc:");
      receive(socket, 8);
      send(socket, "x");
      receive(socket, 1);
    }

    assertThat(low.pipelineAtLastRead).containsExactly("ServerPortTest$Echo$Echoing#0");
  }

  @Test
  void closesWhatNobodyKnowsAsSoonAsThatIsCertain() throws Exception {
    open(ServerPortConfig.DEFAULT, low, high);

    try (Socket socket = connect()) {
      send(socket, "abx");

      assertThat(isClosed(socket)).isTrue();
    }
    assertThat(low.pipelines).isEmpty();
  }

  @Test
  void closesAConnectionThatSaysNothingOrTooLittleWithinTheLimit() throws Exception {
    open(HASTY, low, high);

    try (Socket silent = connect();
        Socket half = connect()) {
      send(half, "ab");

      assertThat(isClosed(silent)).isTrue();
      assertThat(isClosed(half)).isTrue();
    }
    await(() -> port.connections() == 0);
  }

  @Test
  void leavesAConnectionAloneThatWasGivenAwayWithinTheLimit() throws Exception {
    open(HASTY, low, high);

    try (Socket socket = connect()) {
      send(socket, "abc:");
      receive(socket, 8);
      Thread.sleep(400); // longer than first bytes may take
      send(socket, "x");

      assertThat(receive(socket, 1)).isEqualTo("x");
    }
  }

  @Test
  void closesAConnectionWhoseBytesTellNothingForTooLong() throws Exception {
    Echo curious = new Echo("curious", "a".repeat(10_000));
    open(ServerPortConfig.DEFAULT, low, curious);

    try (Socket socket = connect()) {
      send(socket, "a".repeat(300));

      assertThat(isClosed(socket)).isTrue();
    }
  }

  @Test
  void closesConnectionsBeyondTheLimitAndTakesOthersAgainLater() throws Exception {
    open(ServerPortConfig.DEFAULT.withConnections(1), low);

    try (Socket first = connect()) {
      send(first, "x");
      receive(first, 5);
      try (Socket second = connect()) {
        assertThat(isClosed(second)).isTrue();
      }
      send(first, "y");
      assertThat(receive(first, 1)).isEqualTo("y");
    }
    await(() -> port.connections() == 0);
    try (Socket third = connect()) {
      send(third, "z");
      assertThat(receive(third, 5)).isEqualTo("low z");
    }
  }

  @Test
  void countsConnectionsWhoseProtocolIsNotKnownYet() throws Exception {
    open(ServerPortConfig.DEFAULT.withConnections(1), low, high);

    try (Socket silent = connect()) {
      await(() -> port.connections() == 1);
      try (Socket second = connect()) {
        assertThat(isClosed(second)).isTrue();
      }
      assertThat(silent.isClosed()).isFalse();
    }
  }

  @Test
  void drainsByTellingEachConnectionAndWaitsUntilTheyHaveClosed() throws Exception {
    open(ServerPortConfig.DEFAULT, low, high);

    try (Socket socket = connect()) {
      send(socket, "abc:");
      receive(socket, 8);
      Thread draining = Thread.ofVirtual().start(this::drain);

      assertThat(receive(socket, 3)).isEqualTo("bye");
      assertThat(isClosed(socket)).isTrue();
      draining.join();
    }
    assertThat(port.isReady()).isFalse();
    assertThat(port.connections()).isZero();
    assertThatThrownBy(this::connect).isInstanceOf(IOException.class);
  }

  @Test
  void stillServesAConnectionThatWasOnItsWayWhenItBeganToDrainAndTellsIt() throws Exception {
    open(ServerPortConfig.DEFAULT, low, high);

    try (Socket socket = connect()) {
      await(() -> port.connections() == 1);
      Thread draining = Thread.ofVirtual().start(this::drain);
      await(() -> port.isDraining());
      send(socket, "abc:");

      assertThat(receive(socket, 11)).isEqualTo("low abc:bye");
      draining.join();
    }
  }

  @Test
  void closesSilentConnectionsWhenItDrains() throws Exception {
    open(ServerPortConfig.DEFAULT, low, high);

    try (Socket silent = connect()) {
      await(() -> port.connections() == 1);
      long start = System.nanoTime();
      drain();

      assertThat(isClosed(silent)).isTrue();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
    }
  }

  private void drain() {
    try {
      port.drain(Duration.ofSeconds(5));
    } catch (InterruptedException cancelled) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void closesEverythingWhenItIsStopped() throws Exception {
    open(ServerPortConfig.DEFAULT, low, high);

    try (Socket undecided = connect();
        Socket decided = connect()) {
      send(undecided, "ab");
      send(decided, "abc:");
      receive(decided, 8);
      port.stop();

      assertThat(isClosed(undecided)).isTrue();
      assertThat(isClosed(decided)).isTrue();
    }
    assertThatThrownBy(port::start)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("build another");
  }

  @Test
  void knowsItsAddressOnceItIsBound() {
    port = ServerPort.builder(ANY).offer(low).build();

    assertThatThrownBy(port::endpoint).hasMessageContaining("call start() first");
    port.start();
    port.start();

    assertThat(((Address.Tcp) port.endpoint().address()).port()).isPositive();
    assertThat(port.address()).isEqualTo(ANY);
    assertThat(port.isReady()).isTrue();
  }

  @Test
  void saysWhatIsWrongWhereItCannotListen() {
    open(ServerPortConfig.DEFAULT, low);
    ServerPort second = ServerPort.builder(port.endpoint().address()).offer(low).build();

    RpcException failure = catchThrowableOfType(RpcException.class, second::start);

    assertThat(failure.kind()).isEqualTo(Kind.FAILED_PRECONDITION);
    assertThat(failure).hasMessageContaining("cannot listen here").hasMessageContaining("in use");

    ServerPort nowhere =
        ServerPort.builder(Address.tcp("no-such-host.invalid", 0)).offer(low).build();
    assertThat(catchThrowableOfType(RpcException.class, nowhere::start))
        .hasMessage("no-such-host.invalid:0: cannot listen here: the host is not known");
  }

  @Test
  void refusesSettingsThatMakeNoSense() {
    assertThatThrownBy(() -> ServerPort.builder(ANY).build())
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("offers no protocol");
    assertThatThrownBy(() -> ServerPortConfig.DEFAULT.withConnections(0))
        .hasMessage("connections: 0 (expected: >= 1)");
    assertThatThrownBy(() -> ServerPortConfig.DEFAULT.withFirstBytes(Duration.ZERO))
        .hasMessage("firstBytes: PT0S (expected: > 0)");
  }

  private static void await(java.util.function.BooleanSupplier condition) throws Exception {
    long end = System.nanoTime() + 5_000_000_000L;
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.sleep(2);
    }
  }

  /** Says its name, then sends back what comes; says bye when it is told to drain. */
  private static final class Echo implements Protocol {
    private final String name;
    private final String preface;
    private final List<List<String>> pipelines = new CopyOnWriteArrayList<>();
    private final List<String> events = new CopyOnWriteArrayList<>();
    private volatile List<String> pipelineAtLastRead = List.of();

    Echo(String name, String preface) {
      this.name = name;
      this.preface = preface;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Match match(ByteBuf first) {
      return Match.startsWith(first, preface.getBytes(US_ASCII));
    }

    @Override
    public Connection open(Channel channel, ServerPort port) {
      assertThat(channel.remoteAddress()).isInstanceOf(InetSocketAddress.class);
      Echoing echoing = new Echoing(channel);
      channel.pipeline().addLast(echoing);
      return echoing;
    }

    @Override
    public String toString() {
      return name;
    }

    private final class Echoing extends ChannelInboundHandlerAdapter implements Connection {
      private final Channel channel;
      private boolean named;
      private boolean told;

      Echoing(Channel channel) {
        this.channel = channel;
      }

      @Override
      public void channelActive(ChannelHandlerContext context) {
        events.add("active");
      }

      @Override
      public void channelRead(ChannelHandlerContext context, Object message) {
        events.add("read");
        List<String> names = context.pipeline().names();
        pipelineAtLastRead =
            names.stream().filter(each -> !each.contains("DefaultChannelPipeline")).toList();
        if (!named) {
          named = true;
          pipelines.add(pipelineAtLastRead);
          context.write(Unpooled.copiedBuffer(name + " ", US_ASCII));
        }
        context.writeAndFlush(message);
      }

      @Override
      public void announceDrain() {
        channel.eventLoop().execute(this::bye);
      }

      private void bye() {
        if (named && !told) {
          told = true;
          channel
              .writeAndFlush(Unpooled.copiedBuffer("bye", US_ASCII))
              .addListener(written -> channel.close());
        }
      }
    }
  }
}
