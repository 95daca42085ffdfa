import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * Writes the Javadoc of every published module, as one site. Warnings fail it; snippets come from
 * test sources, so that what the documentation shows compiles and runs.
 */
final class DocumentApi {
  public static void main(String[] arguments) throws IOException {
    Path root = Path.of(arguments[0]);
    String classPath = arguments[1];
    List<Path> modules = publishedModules(root);
    List<String> command =
        new ArrayList<>(
            List.of(
                "-quiet",
                "-Xdoclint:all,-missing",
                "-Werror",
                "-encoding",
                "UTF-8",
                "-classpath",
                classPath + File.pathSeparator + classPathsOfLayers(modules),
                "-d",
                root.resolve("house-rules/target/apidocs").toString(),
                "--snippet-path",
                paths(modules, "src/test/java")
                    + File.pathSeparator
                    + paths(modules, "src/test/apache")));
    for (Path module : modules) {
      sources(module.resolve("src/main/java")).forEach(source -> command.add(source.toString()));
    }
    ToolProvider javadoc = ToolProvider.findFirst("javadoc").orElseThrow();
    System.exit(javadoc.run(System.out, System.err, command.toArray(String[]::new)));
  }

  private static List<Path> publishedModules(Path root) throws IOException {
    try (Stream<Path> files = Files.walk(root, 5)) {
      return files
          .filter(file -> file.endsWith("src/main/java"))
          .map(file -> file.getParent().getParent().getParent())
          .filter(module -> isPublished(root.relativize(module).toString()))
          .sorted()
          .toList();
    }
  }

  private static boolean isPublished(String module) {
    return !module.startsWith("examples")
        && !module.startsWith("benchmarks")
        && !module.startsWith("interop")
        && !module.startsWith("tools");
  }

  /** What a layer's library is, the layer knows alone: the build leaves it in its target folder. */
  private static String classPathsOfLayers(List<Path> modules) throws IOException {
    List<String> paths = new ArrayList<>();
    for (Path module : modules) {
      Path left = module.resolve("target/classpath.txt");
      if (Files.exists(left)) {
        paths.add(Files.readString(left).strip());
      }
    }
    return String.join(File.pathSeparator, paths);
  }

  private static String paths(List<Path> modules, String folder) {
    return String.join(
        File.pathSeparator,
        modules.stream().map(module -> module.resolve(folder).toString()).toList());
  }

  private static List<Path> sources(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".java")).toList();
    }
  }
}
