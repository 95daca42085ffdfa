package io.volare.registry.dns;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A Knot DNS server of its own, for the zone {@code example}, on a free port of loopback. */
final class Knot implements AutoCloseable {
  private final Path folder;
  private final int port;
  private int serial;
  private @Nullable Process server;

  /** Starts it, or skips the test where it is not installed. */
  Knot(Path folder, String... records) throws Exception {
    assumeTrue(
        binary("knotd").isPresent() && binary("knotc").isPresent(),
        "skipped: knotd is not installed (Debian: apt-get install knot)");
    this.folder = Files.createDirectories(folder);
    this.port = freePort();
    Files.writeString(
        folder.resolve("knot.conf"),
        """
        server:
          listen: 127.0.0.1@%1$d
          rundir: %2$s
        control:
          listen: %2$s/control
        database:
          storage: %2$s
        log:
          - target: %2$s/knot.log
            any: warning
        zone:
          - domain: example.
            storage: %2$s
            file: zone
        """
            .formatted(port, folder));
    write(records);
    start();
  }

  private static Optional<Path> binary(String name) {
    return Stream.concat(Stream.of(System.getenv("PATH").split(":")), Stream.of("/usr/sbin"))
        .map(directory -> Path.of(directory, name))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** {@return a port that is free for both, and is not handed to others before Knot takes it} */
  private static int freePort() throws IOException {
    IOException taken = new IOException("no port is free for UDP and TCP");
    for (int tries = 0; tries < 20; tries++) {
      int port = ThreadLocalRandom.current().nextInt(15_000, 32_000); // below the ephemeral ones
      try (ServerSocket tcp = new ServerSocket(port, 1, InetAddress.getLoopbackAddress());
          DatagramSocket udp = new DatagramSocket(port, InetAddress.getLoopbackAddress())) {
        return udp.getLocalPort();
      } catch (BindException inUse) {
        taken.addSuppressed(inUse);
      }
    }
    throw taken;
  }

  InetSocketAddress address() {
    return new InetSocketAddress("127.0.0.1", port);
  }

  /** Replaces all records of the zone; the server knows when this returns. */
  void zone(String... records) throws Exception {
    write(records);
    run("-b", "zone-reload", "example.");
  }

  private void write(String... records) throws IOException {
    serial++;
    String head =
        "$ORIGIN example.\n@ 1 SOA ns root %d 3600 600 86400 1\n@ 60 NS ns\nns 60 A 127.0.0.1\n"
            .formatted(serial);
    Files.writeString(folder.resolve("zone"), head + String.join("\n", records) + "\n");
  }

  /** Starts again without a zone, so that every question gets SERVFAIL. */
  void restartBroken() throws Exception {
    stop();
    Files.delete(folder.resolve("zone"));
    start();
  }

  void start() throws Exception {
    server =
        new ProcessBuilder(
                binary("knotd").orElseThrow().toString(),
                "-c",
                folder.resolve("knot.conf").toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("knot.out").toFile())
            .start();
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!accepts()) {
      if (!server.isAlive() || System.nanoTime() - until > 0) {
        throw new IllegalStateException(
            "knotd did not start: " + Files.readString(folder.resolve("knot.out")));
      }
      Thread.onSpinWait();
    }
    run("status");
  }

  private boolean accepts() {
    try (Socket probe = new Socket("127.0.0.1", port)) {
      return probe.isConnected() && Files.exists(folder.resolve("control"));
    } catch (IOException notYet) {
      return false;
    }
  }

  /** Ends the server, so that nobody answers. */
  void stop() throws InterruptedException {
    if (server != null) {
      server.destroy();
      server.waitFor();
    }
  }

  private void run(String... command) throws Exception {
    Path out = folder.resolve("knotc.out");
    List<String> whole =
        Stream.concat(
                Stream.of(
                    binary("knotc").orElseThrow().toString(),
                    "-s",
                    folder.resolve("control").toString()),
                Stream.of(command))
            .toList();
    int result =
        new ProcessBuilder(whole)
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start()
            .waitFor();
    if (result != 0) {
      throw new IllegalStateException(whole + ": " + Files.readString(out));
    }
  }

  @Override
  public void close() throws InterruptedException {
    stop();
  }
}
