package io.volare.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.volare.motore.Deadline;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Time;
import io.volare.rpc.Address;
import io.volare.rpc.RpcException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConnectorTest {
  private static final Deadline SOON = Deadline.after(Duration.ofSeconds(5), Time.SYSTEM);

  @ParameterizedTest
  @EnumSource(Loops.Kind.class)
  void connectsByTcpWithoutDelayAndWithKeepAlive(Loops.Kind kind) throws Exception {
    try (Loops loops = Loops.create(kind, 1);
        ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Connector connector = Connector.of(loops, Connector.DEFAULT_LIMIT);
      Address address = Address.tcp("127.0.0.1", server.getLocalPort());

      Channel channel = connect(connector, address, SOON);

      try (Socket accepted = server.accept()) {
        assertThat(channel.isActive()).isTrue();
        assertThat(channel.config().getOption(ChannelOption.TCP_NODELAY)).isTrue();
        assertThat(channel.config().getOption(ChannelOption.SO_KEEPALIVE)).isTrue();
        assertThat(accepted.isConnected()).isTrue();
        channel.close().sync();
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Loops.Kind.class)
  void connectsByUnixDomainSocket(Loops.Kind kind, @TempDir Path folder) throws Exception {
    Path path = folder.resolve("s");
    try (Loops loops = Loops.create(kind, 1);
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));

      Channel channel =
          connect(Connector.of(loops, Connector.DEFAULT_LIMIT), Address.unix(path), SOON);

      assertThat(channel.isActive()).isTrue();
      channel.close().sync();
    }
  }

  @Test
  void saysThatARefusedRequestCertainlyDidNotRun() throws Exception {
    int port;
    try (ServerSocket closed = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      port = closed.getLocalPort();
    }
    Connector connector = Connector.of(Loops.shared(), Connector.DEFAULT_LIMIT);

    RpcException failure =
        catchThrowableOfType(
            RpcException.class, () -> connect(connector, Address.tcp("127.0.0.1", port), SOON));

    assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(failure.mayHaveExecuted()).isFalse();
    assertThat(failure).hasMessageStartingWith("S/M at x: cannot connect: ");
    assertThat(failure).hasMessageContaining("refused");
  }

  @Test
  void givesUpAfterItsLimit() throws Exception {
    try (FullServer full = new FullServer()) {
      Connector connector = Connector.of(Loops.shared(), Duration.ofMillis(100));

      RpcException failure =
          catchThrowableOfType(
              RpcException.class, () -> connect(connector, full.address(), Deadline.NONE));

      assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE);
      assertThat(failure.mayHaveExecuted()).isFalse();
      assertThat(failure)
          .hasMessageMatching("S/M at x: not connected after \\d+ ms .limit: 100 ms.");
    }
  }

  @Test
  void givesUpWhenTheDeadlinePassesFirst() throws Exception {
    try (FullServer full = new FullServer()) {
      Connector connector = Connector.of(Loops.shared(), Connector.DEFAULT_LIMIT);
      Deadline deadline = Deadline.after(Duration.ofMillis(60), Time.SYSTEM);

      RpcException failure =
          catchThrowableOfType(
              RpcException.class, () -> connect(connector, full.address(), deadline));

      assertThat(failure.kind()).isEqualTo(Kind.DEADLINE_EXCEEDED);
      assertThat(failure.mayHaveExecuted()).isFalse();
    }
  }

  @Test
  void letsInterruptionThrough() throws Exception {
    try (FullServer full = new FullServer()) {
      Connector connector = Connector.of(Loops.shared(), Connector.DEFAULT_LIMIT);
      Thread.currentThread().interrupt();

      assertThatThrownBy(() -> connect(connector, full.address(), SOON))
          .isInstanceOf(InterruptedException.class);
    }
  }

  @Test
  void refusesALimitThatIsNone() {
    assertThatThrownBy(() -> Connector.of(Loops.shared(), Duration.ZERO))
        .hasMessage("limit: PT0S (expected: >= 1 ms)");
  }

  private static Channel connect(Connector connector, Address address, Deadline deadline)
      throws InterruptedException {
    ChannelFuture connecting =
        connector.start(address, new ChannelInboundHandlerAdapter(), "S/M at x");
    try {
      return connector.await(connecting, "S/M at x", deadline);
    } finally {
      if (!connecting.isSuccess()) {
        connecting.cancel(false);
      }
    }
  }

  /** A server whose backlog is full, so that the kernel answers no further connection. */
  private static final class FullServer implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final java.util.List<java.nio.channels.SocketChannel> filling =
        new java.util.ArrayList<>();

    FullServer() throws Exception {
      for (int i = 0; i < 8; i++) {
        java.nio.channels.SocketChannel socket = java.nio.channels.SocketChannel.open();
        socket.configureBlocking(false);
        socket.connect(server.getLocalSocketAddress());
        filling.add(socket);
      }
      Thread.sleep(20);
    }

    Address address() {
      return Address.tcp("127.0.0.1", server.getLocalPort());
    }

    @Override
    public void close() throws Exception {
      for (java.nio.channels.SocketChannel socket : filling) {
        socket.close();
      }
      server.close();
    }
  }
}
