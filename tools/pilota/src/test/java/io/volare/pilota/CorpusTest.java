package io.volare.pilota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The corpus has a file for each rule of the grammar: those that Apache's compiler accepts, those
 * that only ours does (each with its reason), those that neither does (each with its message), and
 * those that only Apache's does: it checks no value where the type is an enum or a typedef, and
 * writes 0 or nothing for one that is of another type.
 */
class CorpusTest {
  private static final Path CORPUS = Path.of("src/test/corpus");

  /** Apache's compiler does not come back from these. */
  private static final Set<String> HANGS = Set.of("comment_open.thrift", "typedef_cycle.thrift");

  @TempDir private Path output;

  private static List<Path> files(String folder) throws IOException {
    try (Stream<Path> all = Files.list(CORPUS.resolve(folder))) {
      return all.filter(file -> file.toString().endsWith(".thrift")).sorted().toList();
    }
  }

  private void compile(Path file) throws IdlException, IOException {
    new Pilota(output, List.of(file.resolveSibling("inc")), null, false).compile(List.of(file));
  }

  private static Map<String, String> lines(String file) throws IOException {
    Map<String, String> lines = new LinkedHashMap<>();
    for (String line : Files.readAllLines(CORPUS.resolve(file))) {
      int colon = line.indexOf(':');
      lines.put(line.substring(0, colon), line.substring(colon + 1).strip());
    }
    return lines;
  }

  private static Set<String> names(String folder) throws IOException {
    return files(folder).stream()
        .map(file -> file.getFileName().toString())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void whatApacheAcceptsIsAccepted() throws Exception {
    for (Path file : files("accepted")) {
      compile(file);
    }
  }

  @Test
  void whatOnlyWeAcceptHasAReason() throws Exception {
    assertThat(reasons("only-ours")).isEqualTo(names("only-ours"));
    for (Path file : files("only-ours")) {
      compile(file);
    }
  }

  private static Set<String> reasons(String folder) throws IOException {
    Set<String> reasons = new TreeSet<>();
    lines(folder + "/reasons.txt").keySet().forEach(name -> reasons.add(name + ".thrift"));
    return reasons;
  }

  @Test
  void whatOnlyApacheAcceptsHasAReason() throws Exception {
    assertThat(reasons("only-apache")).isEqualTo(names("only-apache"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"refused", "only-apache"})
  void whatIsWrongIsRefusedAtItsPlaceWithWhatWasExpected(String folder) throws Exception {
    Map<String, String> expected = lines(folder + "/errors.txt");
    Map<String, String> found = new TreeMap<>();
    for (Path file : files(folder)) {
      assertThatThrownBy(() -> compile(file))
          .as(file.toString())
          .isInstanceOfSatisfying(
              IdlException.class,
              wrong ->
                  found.put(
                      file.getFileName().toString(),
                      wrong.getMessage().lines().findFirst().orElseThrow()));
    }

    List<String> wrongly = new ArrayList<>();
    for (Map.Entry<String, String> each : found.entrySet()) {
      String message = each.getValue().replaceAll("\\S*/" + folder + "/", "");
      String place = each.getKey() + ":" + expected.get(each.getKey());
      if (!message.equals(place) && !message.equals(expected.get(each.getKey()))) {
        wrongly.add(message + " <- instead of -> " + place);
      }
    }
    assertThat(wrongly).isEmpty();
    assertThat(found.keySet()).isEqualTo(expected.keySet());
  }

  @Test
  void apachesCompilerJudgesTheCorpusAsItIsSorted() throws Exception {
    Assumptions.assumeTrue(
        isInstalled(), "Debian's thrift (package thrift-compiler) is not installed");
    Files.createDirectories(output.resolve("apache"));
    List<Path> all = new ArrayList<>(files("accepted"));
    all.addAll(files("only-ours"));
    all.addAll(files("refused"));
    all.addAll(files("only-apache"));
    all.removeIf(file -> HANGS.contains(file.getFileName().toString()));

    List<Path> wrongly =
        all.parallelStream()
            .filter(file -> apacheAccepts(file) != isOfApache(file.getParent()))
            .toList();

    assertThat(wrongly).isEmpty();
  }

  private static boolean isOfApache(Path folder) {
    return folder.endsWith("accepted") || folder.endsWith("only-apache");
  }

  private static boolean isInstalled() throws InterruptedException {
    try {
      return new ProcessBuilder("thrift", "--version").start().waitFor() == 0;
    } catch (IOException absent) {
      return false;
    }
  }

  private boolean apacheAccepts(Path file) {
    ProcessBuilder apache =
        new ProcessBuilder(
                "thrift",
                "--gen",
                "java",
                "-I",
                file.resolveSibling("inc").toString(),
                "-out",
                output.resolve("apache").toString(),
                file.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    try {
      return apache.start().waitFor() == 0;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException("interrupted while " + file + " was compiled", interrupted);
    }
  }
}
