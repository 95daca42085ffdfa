package io.volare.interop;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/**
 * Rolling restarts under load: two server processes, of which one after the other is asked to end
 * by SIGTERM and started again, while every kind of connection sends calls at a steady rate. No
 * layer repeats a call; only one of which no byte was written may go to the other server.
 *
 * <p>A connection with TTHeader must not lose a call. Without it a server cannot tell its clients
 * to stop sending: what fails then is counted, and must be typed.
 */
public final class Restarts {
  private Restarts() {}

  /**
   * Restarts servers, and exits with 1 if a call failed that must not.
   *
   * @param args {@code --restarts 20 --calls 100000 --rate 1000}, the last per second and kind of
   *     connection
   */
  public static void main(String[] args) throws Exception {
    report(Arguments.orExit(() -> RestartOptions.parse(RestartOptions.THRIFT, args)), Peer.class);
  }

  /** Restarts servers of {@code peer}, says what became of the calls, and ends the process. */
  static void report(RestartOptions options, Class<?> peer) throws Exception {
    List<SteadyLoad> loads = run(options, peer);
    System.out.printf(
        "%d restarts by SIGTERM of 2 processes, %d calls/s of each kind, no retries%n%n",
        options.restarts(), options.rate());
    loads.forEach(load -> System.out.println(load.summary()));
    System.exit(loads.stream().allMatch(SteadyLoad::holds) ? 0 : 1);
  }

  /** {@return what became of the calls of each kind of connection} */
  static List<SteadyLoad> run(RestartOptions options, Class<?> peer) throws Exception {
    int[] ports = {freePort(), freePort()};
    Process[] servers = {null, null};
    try {
      for (int i = 0; i < ports.length; i++) {
        servers[i] = serve(peer, ports[i]);
        awaitReady(servers[i]);
      }
      List<SteadyLoad> loads =
          options.kinds().stream().map(kind -> new SteadyLoad(kind, ports, options)).toList();
      AtomicReference<Exception> broken = new AtomicReference<>();
      Thread restarting =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  restart(servers, peer, ports, options);
                } catch (Exception failure) {
                  broken.set(failure);
                }
                loads.forEach(SteadyLoad::mayEnd);
              });
      for (SteadyLoad load : loads) {
        load.join();
      }
      restarting.join();
      if (broken.get() != null) {
        throw broken.get();
      }
      return loads;
    } finally {
      Stream.of(servers).filter(server -> server != null).forEach(Process::destroyForcibly);
    }
  }

  private static void restart(Process[] servers, Class<?> peer, int[] ports, RestartOptions options)
      throws IOException, InterruptedException {
    long step = options.lasts().dividedBy(options.restarts() + 1L).toNanos();
    long next = System.nanoTime() + step;
    for (int i = 0; i < options.restarts(); i++) {
      Thread.sleep(Duration.ofNanos(Math.max(0, next - System.nanoTime())));
      next += step;
      int which = i % servers.length;
      servers[which].destroy();
      if (!servers[which].waitFor(Duration.ofSeconds(20))) {
        throw new IOException("a server did not end within 20 s of SIGTERM");
      }
      servers[which] = serve(peer, ports[which]);
      awaitReady(servers[which]);
    }
  }

  private static Process serve(Class<?> peer, int port) throws IOException {
    return new ProcessBuilder(
            ProcessHandle.current().info().command().orElse("java"),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            peer.getName(),
            "server",
            "--port",
            Integer.toString(port))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  private static void awaitReady(Process server) throws IOException {
    String first = server.inputReader().readLine();
    if (!"READY".equals(first)) {
      throw new IOException("a server said " + first + " (expected: READY)");
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
