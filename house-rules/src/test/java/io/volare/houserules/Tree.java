package io.volare.houserules;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The checkout, as the rules read it. */
final class Tree {
  static final Path ROOT = root();

  private Tree() {}

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("mvnw"))) {
      folder = folder.getParent();
    }
    return folder;
  }

  /** {@return the modules as the root pom lists them} */
  static List<String> modules() {
    Matcher module = Pattern.compile("<module>([^<]+)</module>").matcher(read("pom.xml"));
    return module.results().map(found -> found.group(1)).toList();
  }

  static List<String> codeModules() {
    return modules().stream().filter(module -> !module.equals("bom")).toList();
  }

  static List<String> layerModules() {
    return modules().stream().filter(module -> module.startsWith("layers-")).toList();
  }

  /** {@return the modules that other people depend on} */
  static List<String> publishedModules() {
    return codeModules().stream()
        .filter(module ->
            !module.startsWith("examples/")
                && !module.equals("benchmarks")
                && !module.equals("interop")
                && !module.equals("house-rules")
                && !module.endsWith("-tests"))
        .toList();
  }

  static String read(String file) {
    try {
      return Files.readString(ROOT.resolve(file));
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  static boolean exists(String file) {
    return Files.exists(ROOT.resolve(file));
  }

  /** {@return the Java sources of a module below {@code src/main/java} or {@code src/test/java}} */
  static List<Path> sources(String module, String folder) {
    return files(ROOT.resolve(module).resolve(folder), ".java");
  }

  static List<Path> files(Path folder, String ending) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
