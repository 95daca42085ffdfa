package io.volare.pilota.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.volare.pilota.Pilota;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is generated from the compiler's corpus compiles without a warning. */
class CorpusCompilesTest {
  private static final Path CORPUS = Path.of("../pilota/src/test/corpus");

  @TempDir private Path output;

  @ParameterizedTest
  @CsvSource({"accepted, true", "only-ours, false"})
  void withoutAWarning(String folder, boolean keepUnknownFields) throws Exception {
    List<Path> files;
    try (Stream<Path> all = Files.list(CORPUS.resolve(folder))) {
      files = all.filter(file -> file.toString().endsWith(".thrift")).sorted().toList();
    }
    List<String> problems = new ArrayList<>();
    Path sources = output.resolve("sources");
    for (Path file : files) {
      // a package each: the corpus uses the same names again and again
      String name = file.getFileName().toString().replace(".thrift", "");
      List<Path> include = List.of(CORPUS.resolve(folder).resolve("inc"));
      new Pilota(sources.resolve(name), include, "corpus." + name, keepUnknownFields)
          .compile(List.of(file));
    }
    problems.addAll(
        JavaSources.problems(
            sources,
            Files.createDirectories(output.resolve("classes")),
            "-Xlint:all,-classfile,-path,-processing,-exports,-requires-automatic",
            "-Xdoclint:all,-missing"));

    assertThat(problems).isEmpty();
  }
}
