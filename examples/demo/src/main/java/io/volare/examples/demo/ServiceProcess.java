package io.volare.examples.demo;

import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import io.volare.rpc.Lifecycle;
import io.volare.rpc.Shutdown;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A service in a JVM of its own, as the demo holds it. */
final class ServiceProcess implements AutoCloseable {
  private static final String READY = "READY ";
  private static final String DRAINED = "DRAINED";

  private final String name;
  private final Process process;
  private final BlockingQueue<String> signs = new LinkedBlockingQueue<>();
  private final Thread reader;
  private volatile String lastLine = "";

  private ServiceProcess(String name, Process process) {
    this.name = name;
    this.process = process;
    this.reader = Thread.ofVirtual().name("output of " + name).start(this::readOutput);
  }

  /** Ends this process when the one that started it is gone, however that ended. */
  static void endWithParent() {
    ProcessHandle.current()
        .parent()
        .ifPresent(parent -> parent.onExit().thenRun(() -> System.exit(1)));
  }

  /** In the service's own process: starts, says so, and waits for the end. */
  static void serve(Lifecycle server, Supplier<Endpoint> bound, Lifecycle... afterwards) {
    endWithParent();
    server.start();
    Lifecycle[] parts = new Lifecycle[afterwards.length + 2];
    parts[0] = server;
    System.arraycopy(afterwards, 0, parts, 1, afterwards.length);
    parts[parts.length - 1] = new SaysThatItDrained();
    Shutdown.onExit(parts);
    System.out.println(READY + ((Address.Tcp) bound.get().address()).port());
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    }
  }

  /** The last part to be closed: whoever closes it has drained what stood before it. */
  private static final class SaysThatItDrained implements Lifecycle {
    @Override
    public void start() {}

    @Override
    public boolean isReady() {
      return true;
    }

    @Override
    public void drain(Duration limit) {
      System.out.println(DRAINED);
    }

    @Override
    public void stop() {}
  }

  static ServiceProcess start(String name, Class<?> main, List<String> arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    Process process = builder.start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroy)); // it does not stay behind
    return new ServiceProcess(name, process);
  }

  private void readOutput() {
    try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = output.readLine(); line != null; line = output.readLine()) {
        if (line.startsWith(READY) || line.equals(DRAINED)) {
          signs.add(line);
        } else {
          System.out.println(line);
          lastLine = line;
        }
      }
    } catch (IOException closed) {
      signs.add("output lost: " + closed.getMessage());
    }
  }

  /** {@return the port, once the service is ready} */
  int port() throws InterruptedException {
    String sign = signs.poll(30, TimeUnit.SECONDS);
    if (sign == null || !sign.startsWith(READY)) {
      throw new IllegalStateException(name + " said " + sign + " (expected: READY within 30 s)");
    }
    return Integer.parseInt(sign.substring(READY.length()));
  }

  /** Waits until the last thing it said has {@code part} in it, at most 5 s. */
  void awaitLine(String part) throws InterruptedException {
    for (int i = 0; i < 250 && !lastLine.contains(part); i++) {
      Thread.sleep(20);
    }
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Ends it by SIGTERM, and says whether it drained before it ended. */
  boolean terminate() throws InterruptedException {
    process.toHandle().destroy(); // unlike Process.destroy, leaves the output open
    boolean ended = process.waitFor(15, TimeUnit.SECONDS);
    reader.join();
    return ended && signs.contains(DRAINED);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
