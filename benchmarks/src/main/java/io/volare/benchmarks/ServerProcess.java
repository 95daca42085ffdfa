package io.volare.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A server in a process of its own, on a processor of its own. */
final class ServerProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;
  private final PrintStream input;
  private final int port;
  private final boolean answers;

  private ServerProcess(Process process, boolean answers) throws IOException {
    this.process = process;
    this.answers = answers;
    this.output = process.inputReader(StandardCharsets.UTF_8);
    this.input = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    String line = output.readLine();
    while (line != null && !line.startsWith("READY")) {
      line = output.readLine();
    }
    if (line == null) {
      throw new IOException("a server ended before it was ready");
    }
    this.port = Integer.parseInt(line.substring(6).strip());
  }

  /**
   * Starts it and waits until it listens.
   *
   * @param processor where it runs, or empty for anywhere
   */
  static ServerProcess start(Variant variant, String processor, List<String> flags)
      throws IOException {
    List<String> command = new ArrayList<>();
    if (!processor.isEmpty()) {
      command.addAll(List.of("taskset", "-c", processor));
    }
    boolean onJvm = !variant.isForeign() || variant.command().getFirst().equals("-cp");
    if (onJvm) {
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(flags);
    }
    if (!variant.isForeign()) {
      command.addAll(List.of("-cp", classPath(variant), Benchmarks.class.getName()));
    }
    command.addAll(variant.command());
    if (variant.isForeign()) {
      command.addAll(List.of("--port", Integer.toString(freePort())));
    }
    return new ServerProcess(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start(), onJvm);
  }

  private static int freePort() throws IOException {
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return probe.getLocalPort();
    }
  }

  private static String classPath(Variant variant) {
    if (variant.checkout().isEmpty()) {
      return System.getProperty("java.class.path");
    }
    Path target = Path.of(variant.checkout(), "benchmarks", "target");
    return target.resolve("classes") + java.io.File.pathSeparator + target.resolve("lib") + "/*";
  }

  int port() {
    return port;
  }

  ProcessFigures figures() throws IOException {
    return new ProcessFigures(
        ProcessFigures.cpuNanos(process.toHandle()), ask(ProcessFigures.ALLOCATED));
  }

  /** {@return bytes that live on its heap; 0 where nobody can say} */
  long heldBytes() throws IOException {
    return ask(ProcessFigures.HELD);
  }

  private long ask(String question) throws IOException {
    if (!answers) {
      return 0;
    }
    input.println(question);
    String answer = output.readLine();
    if (answer == null) {
      throw new IOException("the server ended");
    }
    return Long.parseLong(answer.strip());
  }

  long residentBytes() throws IOException {
    return ProcessFigures.residentBytes(process.pid());
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
