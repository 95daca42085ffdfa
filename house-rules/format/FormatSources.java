import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.RemoveUnusedImports;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Checks or writes google-java-format for every Java source below a folder. */
final class FormatSources {
  private static final Set<String> PASSED_OVER = Set.of("target", ".git", ".mvn", "node_modules");

  public static void main(String[] arguments) throws Exception {
    boolean write = arguments[0].equals("write");
    Path root = Path.of(arguments[1]);
    Formatter formatter = new Formatter();
    List<Path> unformatted = new ArrayList<>();
    for (Path source : sources(root)) {
      String before = Files.readString(source);
      String after = RemoveUnusedImports.removeUnusedImports(formatter.formatSource(before));
      if (!before.equals(after)) {
        unformatted.add(root.relativize(source));
        if (write) {
          Files.writeString(source, after);
        }
      }
    }
    unformatted.forEach(
        source -> System.err.println((write ? "formatted " : "not formatted: ") + source));
    if (!write && !unformatted.isEmpty()) {
      System.err.println("Run: ./mvnw -q validate -pl . -Dformat.mode=write");
      System.exit(1);
    }
  }

  private static List<Path> sources(Path root) throws IOException {
    List<Path> found = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            boolean skip = PASSED_OVER.contains(folder.getFileName().toString());
            return skip ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".java")) {
              found.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return found;
  }
}
