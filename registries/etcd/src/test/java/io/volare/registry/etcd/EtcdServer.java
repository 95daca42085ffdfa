package io.volare.registry.etcd;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A real etcd of its own on loopback, and what a test does to it behind the back of others. */
final class EtcdServer implements AutoCloseable {
  private final Path folder;
  private final int port;
  private final int peerPort;
  private final List<String> options;
  private final EtcdClient client;
  private @Nullable Process server;

  /** Starts it, or skips the test where it is not installed. */
  EtcdServer(Path folder) throws Exception {
    this(folder, null);
  }

  /** Starts it with TLS, or skips the test. */
  EtcdServer(Path folder, @Nullable TestTls tls) throws Exception {
    assumeTrue(
        binary().isPresent(),
        "skipped: etcd is not installed (Debian: apt-get install etcd-server)");
    this.folder = Files.createDirectories(folder);
    this.port = freePort();
    this.peerPort = freePort();
    this.options = tls == null ? List.of() : tls.serverOptions();
    EtcdConfig config = EtcdConfig.of(address()).withTimeout(Duration.ofSeconds(10));
    this.client = new EtcdClient(tls == null ? config : config.withTls(tls.client(true)));
    start();
  }

  private static Optional<Path> binary() {
    return Stream.of(System.getenv("PATH").split(":"))
        .map(directory -> Path.of(directory, "etcd"))
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static int freePort() throws IOException {
    IOException taken = new IOException("no port is free");
    for (int tries = 0; tries < 20; tries++) {
      int port = ThreadLocalRandom.current().nextInt(15_000, 32_000); // below the ephemeral ones
      try (ServerSocket probe = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
        return probe.getLocalPort();
      } catch (BindException inUse) {
        taken.addSuppressed(inUse);
      }
    }
    throw taken;
  }

  String address() {
    return (options.isEmpty() ? "http" : "https") + "://127.0.0.1:" + port;
  }

  void start() throws Exception {
    String peers = "http://127.0.0.1:" + peerPort;
    List<String> command =
        Stream.concat(
                Stream.of(
                    binary().orElseThrow().toString(),
                    "--data-dir=" + folder.resolve("data"),
                    "--listen-client-urls=" + address(),
                    "--advertise-client-urls=" + address(),
                    "--listen-peer-urls=" + peers,
                    "--initial-advertise-peer-urls=" + peers,
                    "--initial-cluster=default=" + peers),
                options.stream())
            .toList();
    server =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!answers()) {
      if (!server.isAlive() || System.nanoTime() - until > 0) {
        throw new IllegalStateException(
            "etcd did not start: " + Files.readString(folder.resolve("log")));
      }
      Thread.sleep(20);
    }
  }

  private boolean answers() throws InterruptedException {
    try (Socket probe = new Socket("127.0.0.1", port)) {
      client.call("kv/range", "{\"key\":%s}".formatted(EtcdClient.base64("none")));
      return probe.isConnected();
    } catch (IOException | EtcdException notYet) {
      return false;
    }
  }

  /** Ends it the hard way. */
  void kill() throws InterruptedException {
    if (server != null) {
      server.destroyForcibly().waitFor();
    }
  }

  /** Stops it without closing its connections, or lets it go on. */
  void freeze(boolean frozen) throws Exception {
    new ProcessBuilder("kill", frozen ? "-STOP" : "-CONT", Long.toString(server.pid()))
        .start()
        .waitFor();
  }

  void put(String key, String value) throws Exception {
    client.call(
        "kv/put",
        "{\"key\":%s,\"value\":%s}".formatted(EtcdClient.base64(key), EtcdClient.base64(value)));
  }

  /** Puts a key whose owner is never heard of again. */
  void putForASecond(String key, String value) throws Exception {
    String lease = client.call("lease/grant", "{\"TTL\":\"1\"}").at("ID").text();
    client.call(
        "kv/put",
        "{\"key\":%s,\"value\":%s,\"lease\":\"%s\"}"
            .formatted(EtcdClient.base64(key), EtcdClient.base64(value), lease));
  }

  void delete(String key) throws Exception {
    client.call("kv/deleterange", "{\"key\":%s}".formatted(EtcdClient.base64(key)));
  }

  /** {@return the value of a key, or an empty one} */
  String value(String key) throws Exception {
    Json found = client.call("kv/range", "{\"key\":%s}".formatted(EtcdClient.base64(key)));
    return found.at("kvs").items().isEmpty()
        ? ""
        : EtcdClient.decoded(found.at("kvs").items().getFirst().at("value").text());
  }

  /** Ends whatever lease a key hangs on. */
  void revokeLeaseOf(String key) throws Exception {
    Json found = client.call("kv/range", "{\"key\":%s}".formatted(EtcdClient.base64(key)));
    String lease = found.at("kvs").items().getFirst().at("lease").text();
    client.call("lease/revoke", "{\"ID\":\"%s\"}".formatted(lease));
  }

  /** Forgets all revisions but the last. */
  void compact() throws Exception {
    Json found = client.call("kv/range", "{\"key\":%s}".formatted(EtcdClient.base64("none")));
    client.call(
        "kv/compaction",
        "{\"revision\":\"%s\",\"physical\":true}"
            .formatted(found.at("header").at("revision").text()));
  }

  @Override
  public void close() throws Exception {
    kill();
    client.close();
  }
}
