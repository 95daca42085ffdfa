package io.volare.protoc;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A protoc that runs on this machine: the one that was given, else the one of Maven Central that
 * lies on the class path, else the one of the machine's {@code PATH}.
 */
record ProtocExecutable(String command, String version) {
  private static final String ON_PATH = "protoc";

  /**
   * {@return the first that runs}
   *
   * @param given where to look first, or null
   * @param folder where a copy may be put, as a repository's files are not executable
   * @throws ProtocException if none runs: what was tried, and what each said
   */
  static ProtocExecutable find(Path given, Path folder) throws ProtocException, IOException {
    List<Path> files = new ArrayList<>();
    if (given != null) {
      files.add(given);
    }
    files.addAll(onClassPath());
    List<String> tried = new ArrayList<>();
    for (Path file : files) {
      ProtocExecutable found = tried(executable(file, folder), tried);
      if (found != null) {
        return found;
      }
    }
    ProtocExecutable found = tried(ON_PATH, tried);
    if (found == null) {
      throw new ProtocException(
          "no protoc runs on "
              + System.getProperty("os.name")
              + " "
              + System.getProperty("os.arch")
              + " (expected: one of Maven Central, or \"protoc\" on the PATH; install the package"
              + " protobuf-compiler or name one). Tried:\n  "
              + String.join("\n  ", tried));
    }
    return found;
  }

  /** {@return whether it is whatever is installed, in whatever version} */
  boolean isOfTheMachine() {
    return command.equals(ON_PATH);
  }

  private static List<Path> onClassPath() {
    List<Path> found = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path", "").split(File.pathSeparator)) {
      String name = new File(entry).getName();
      if (name.startsWith("protoc-") && name.endsWith(".exe")) {
        found.add(Path.of(entry));
      }
    }
    return found;
  }

  private static String executable(Path file, Path folder) throws IOException {
    if (Files.isExecutable(file) || !Files.isReadable(file)) {
      return file.toString();
    }
    Path copy = folder.resolve(file.getFileName().toString());
    Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
    copy.toFile().setExecutable(true);
    return copy.toString();
  }

  /** {@return the one that {@code command} runs, or null} */
  private static ProtocExecutable tried(String command, List<String> tried) {
    try {
      Outcome outcome = run(List.of(command, "--version"));
      if (outcome.exitCode() == 0) {
        return new ProtocExecutable(command, outcome.said().strip());
      }
      tried.add(command + ": exit code " + outcome.exitCode() + ": " + outcome.said().strip());
    } catch (IOException doesNotRun) {
      tried.add(doesNotRun.getMessage());
    }
    return null;
  }

  /** Runs it with {@code arguments}, which it reads from {@code file}, one a line. */
  Outcome run(List<String> arguments, Path file) throws IOException {
    Files.write(file, arguments);
    return run(List.of(command, "@" + file));
  }

  private static Outcome run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    try (InputStream said = process.getInputStream()) {
      String all = new String(said.readAllBytes(), StandardCharsets.UTF_8);
      return new Outcome(process.waitFor(), all);
    } catch (InterruptedException cancelled) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException(command.get(0) + ": interrupted while it ran", cancelled);
    }
  }

  /** How a run ended. */
  record Outcome(int exitCode, String said) {}
}
