import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Compares a project's run time class path with what it is meant to be, then runs the project. */
final class Check {
  private static final Pattern VERSION = Pattern.compile("-\\d.*");
  private static final Pattern LIMIT = Pattern.compile("# at most (\\d+) (of ours|in all)");

  /** The argument names a file: a limit, then one jar a line, without versions. */
  public static void main(String[] arguments) throws Exception {
    Path file = Path.of(arguments[0]);
    List<String> lines = Files.readAllLines(file);
    List<String> expected = lines.stream().filter(line -> !line.startsWith("#")).sorted().toList();
    List<Path> jars = jars();
    List<String> found = jars.stream().map(Check::name).sorted().toList();

    System.out.printf(
        "%s: %d jars on the class path: %s%n", file.getParent().getFileName(), found.size(), found);
    if (!found.equals(expected)) {
      throw new AssertionError("expected the " + expected.size() + " of " + file + ": " + expected);
    }
    if (counted(jars, limit(lines)) > Integer.parseInt(limit(lines).group(1))) {
      throw new AssertionError(file + ": more than it says itself: " + lines.getFirst());
    }
    Class<?> main = Class.forName("com.example.Main");
    main.getMethod("main", String[].class).invoke(null, (Object) new String[0]);
  }

  private static List<Path> jars() {
    return Pattern.compile(Pattern.quote(File.pathSeparator))
        .splitAsStream(System.getProperty("java.class.path"))
        .filter(entry -> entry.endsWith(".jar"))
        .map(Path::of)
        .toList();
  }

  private static String name(Path jar) {
    return VERSION.matcher(jar.getFileName().toString()).replaceFirst("");
  }

  private static MatchResult limit(List<String> lines) {
    Matcher limit = LIMIT.matcher(lines.getFirst());
    if (!limit.find()) {
      throw new AssertionError(lines.getFirst() + " (expected: " + LIMIT + ")");
    }
    return limit;
  }

  private static long counted(List<Path> jars, MatchResult limit) {
    Path ours = Path.of("io", "volare");
    boolean all = limit.group(2).equals("in all");
    return jars.stream().filter(jar -> all || jar.toString().contains(ours.toString())).count();
  }
}
