package io.volare.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.volare.rpc.Address;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a port does where file descriptors are few; the real ones of a JVM that may have 200. */
@Timeout(60)
class FileDescriptorsTest {
  private static final int LIMIT = 200;

  @Test
  void readsTheSoftLimitThatTheKernelTells() {
    String limits =
        """
        Limit                     Soft Limit           Hard Limit           Units
        Max processes             31709                31709                processes
        Max open files            1024                 524288               files
        Max locked memory         8388608              8388608              bytes
        """;

    assertThat(FileDescriptors.softLimit(limits)).isEqualTo(1_024);
    assertThat(FileDescriptors.softLimit(limits.replace("1024  ", "unlimited")))
        .isEqualTo(FileDescriptors.UNKNOWN);
  }

  @Test
  void knowsWhatThisProcessMayHave() {
    assumeTrue(Files.exists(Path.of("/proc/self/limits")));

    FileDescriptors now = FileDescriptors.now();

    assertThat(now.limit()).isBetween(100L, FileDescriptors.UNKNOWN - 1);
    assertThat(now.open()).isBetween(3L, now.limit());
  }

  @Test
  void leavesATenthToOthersButNoMoreThanAThousand() {
    assertThat(new FileDescriptors(1_024, 60).connections(10_000)).isEqualTo(1_024 - 60 - 102);
    assertThat(new FileDescriptors(1_000_000, 60).connections(2_000_000)).isEqualTo(998_940);
    assertThat(new FileDescriptors(1_000_000, 60).connections(10_000)).isEqualTo(10_000);
    assertThat(new FileDescriptors(50, 60).connections(10_000)).isEqualTo(1);
    assertThat(new FileDescriptors(FileDescriptors.UNKNOWN, 0).connections(10_000))
        .isEqualTo(10_000);
    assertThat(new FileDescriptors(1_024, 60).tooHigh()).isEqualTo(1_024 - 51);
  }

  @ParameterizedTest
  @EnumSource(Loops.Kind.class)
  void closesConnectionsBeyondWhatTheProcessMayHaveAndAnswersTheOthers(Loops.Kind kind)
      throws Exception {
    assumeTrue(Loops.isThere(kind));
    Poor server = new Poor(kind, 0);
    List<Socket> sockets = new ArrayList<>();
    try {
      int answered = 0;
      for (int i = 0; i < LIMIT; i++) {
        Socket socket = server.connect();
        sockets.add(socket);
        answered += answers(socket) ? 1 : 0;
      }

      assertThat(answered).isBetween(40, LIMIT - 32);
      assertThat(answers(sockets.getFirst())).as("one that was there before").isTrue();
      for (Socket socket : sockets) {
        socket.close();
      }
      assertThat(server.answersWithin(Duration.ofSeconds(5))).isTrue();
    } finally {
      server.end();
    }
    assertThat(server.log)
        .anyMatch(line -> line.matches(".*at most \\d+ connections \\(asked for: 10,000\\): .*"))
        .anyMatch(line -> line.contains("as many are open"));
  }

  @ParameterizedTest
  @EnumSource(
      value = Loops.Kind.class,
      names = {"EPOLL", "IO_URING"})
  void closesConnectionsOnceOthersHaveTakenTheDescriptorsAndServesAgainWhenTheyAreBack(
      Loops.Kind kind) throws Exception {
    assumeTrue(Loops.isThere(kind));
    Poor server = new Poor(kind, LIMIT);
    try (Socket refused = server.connect()) {
      assertThat(answers(refused)).isFalse();
      server.giveBack();

      assertThat(server.answersWithin(Duration.ofSeconds(5))).isTrue();
    } finally {
      server.end();
    }
    assertThat(server.log).anyMatch(line -> line.contains("its file descriptor is number"));
  }

  private static boolean answers(Socket socket) {
    try {
      socket.getOutputStream().write('x');
      return socket.getInputStream().read() == 'x';
    } catch (IOException closed) {
      return false;
    }
  }

  /** A server in a JVM of its own. */
  private static final class Poor {
    private final Process process;
    private final BufferedReader out;
    private final int number;
    private final List<String> log = new ArrayList<>();

    Poor(Loops.Kind kind, int taken) throws IOException {
      process =
          new ProcessBuilder(
                  "sh",
                  "-c",
                  "ulimit -n " + LIMIT + " && exec \"$@\"",
                  "sh",
                  ProcessHandle.current().info().command().orElse("java"),
                  "-XX:+UseSerialGC",
                  "-XX:TieredStopAtLevel=1",
                  "-Djava.util.logging.SimpleFormatter.format=%5$s%n",
                  "--enable-native-access=ALL-UNNAMED",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Server.class.getName(),
                  kind.name(),
                  Integer.toString(taken))
              .redirectErrorStream(true)
              .start();
      out = process.inputReader(StandardCharsets.UTF_8);
      number = Integer.parseInt(lineAfter("port "));
    }

    private String lineAfter(String start) throws IOException {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.startsWith(start)) {
          return line.substring(start.length());
        }
        log.add(line);
      }
      throw new IOException("ended without a word of its " + start + ": " + log);
    }

    Socket connect() throws IOException {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), number);
      socket.setSoTimeout(5_000);
      return socket;
    }

    boolean answersWithin(Duration limit) throws Exception {
      long end = System.nanoTime() + limit.toNanos();
      while (System.nanoTime() < end) {
        try (Socket socket = connect()) {
          if (answers(socket)) {
            return true;
          }
        }
        Thread.sleep(10);
      }
      return false;
    }

    void giveBack() throws IOException {
      process.outputWriter().write("give back\n");
      process.outputWriter().flush();
      lineAfter("given back");
    }

    void end() throws Exception {
      process.outputWriter().close();
      out.lines().forEach(log::add);
      process.waitFor();
    }
  }

  /** Echoes; holds as many files as it can get, if it shall, until it is told to close them. */
  static final class Server {
    public static void main(String[] args) throws Exception {
      try (ServerPort port =
          ServerPort.builder(Address.tcp("127.0.0.1", 0))
              .offer(new Echo())
              .loops(Loops.create(Loops.Kind.valueOf(args[0]), 1))
              .build()) {
        port.start();
        List<FileInputStream> taken = take(Integer.parseInt(args[1]));
        System.out.println("port " + ((Address.Tcp) port.endpoint().address()).port());
        System.in.read();
        for (FileInputStream each : taken) {
          each.close();
        }
        System.out.println("given back");
        System.in.readAllBytes();
      }
      System.exit(0);
    }

    /** All but the last ten. */
    private static List<FileInputStream> take(int wanted) throws IOException {
      List<FileInputStream> taken = new ArrayList<>();
      try {
        while (taken.size() < wanted) {
          taken.add(new FileInputStream("/dev/null"));
        }
      } catch (IOException noneLeft) {
        for (int i = 0; i < 10; i++) {
          taken.removeLast().close();
        }
      }
      return taken;
    }
  }

  private static final class Echo implements Protocol {
    @Override
    public String name() {
      return "echo";
    }

    @Override
    public Match match(ByteBuf first) {
      return Match.YES;
    }

    @Override
    public Connection open(Channel channel, ServerPort port) {
      channel
          .pipeline()
          .addLast(
              new ChannelInboundHandlerAdapter() {
                @Override
                public void channelRead(ChannelHandlerContext context, Object message) {
                  context.writeAndFlush(message);
                }
              });
      return channel::close;
    }
  }
}
