package io.volare.houserules;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** How sources are named and laid out. */
class SourceRulesTest {
  private static final Set<String> ALLOWED_SUB_PACKAGES = Set.of("testing", "spi");
  private static final Pattern BANNED_NAME =
      Pattern.compile(".*(Impl|Manager|Helper|Util|Utils)\\.java|Abstract.*Builder\\.java");
  private static final Pattern BANNED_FOLDER = Pattern.compile(".*/(internal|impl|util|common)/.*");

  @Test
  void aModuleIsOneFlatPackage() {
    List<String> offending = new ArrayList<>();
    for (String module : Tree.publishedModules()) {
      Set<Path> packages = packagesOf(module);
      Path shortest =
          packages.stream()
              .min((a, b) -> Integer.compare(a.getNameCount(), b.getNameCount()))
              .orElse(Path.of(""));
      packages.stream()
          .filter(folder -> !folder.equals(shortest))
          .filter(folder ->
              !shortest.equals(folder.getParent())
                  || !ALLOWED_SUB_PACKAGES.contains(folder.getFileName().toString()))
          .forEach(folder -> offending.add(module + ": " + folder));
    }
    assertThat(offending).isEmpty();
  }

  private static Set<Path> packagesOf(String module) {
    return Tree.sources(module, "src/main/java").stream()
        .map(Path::getParent)
        .collect(java.util.stream.Collectors.toSet());
  }

  @Test
  void namesSayWhatAThingIs() {
    assertThat(mainSources())
        .noneMatch(source -> BANNED_NAME.matcher(source.getFileName().toString()).matches())
        .noneMatch(source -> BANNED_FOLDER.matcher(source.toString()).matches());
  }

  @Test
  void noExceptionTakesANameFromTheJdk() {
    assertThat(mainSources())
        .extracting(source -> source.getFileName().toString().replace(".java", ""))
        .filteredOn(name -> name.endsWith("Exception"))
        .noneMatch(SourceRulesTest::isAJdkException);
  }

  private static boolean isAJdkException(String name) {
    return Stream.of(
            "java.lang", "java.util", "java.util.concurrent", "java.io", "java.net", "java.nio")
        .anyMatch(folder -> exists(folder + "." + name));
  }

  private static boolean exists(String name) {
    try {
      Class.forName(name, false, null);
      return true;
    } catch (ClassNotFoundException absent) {
      return false;
    }
  }

  @Test
  void everyPackageOfAPublishedModuleIsNullMarked() {
    List<String> missing = new ArrayList<>();
    for (String module : Tree.publishedModules()) {
      for (Path folder : packagesOf(module)) {
        Path info = folder.resolve("package-info.java");
        boolean tool = module.startsWith("tools/");
        if (!info.toFile().exists() || !tool && !Tree.text(info).contains("NullMarked")) {
          missing.add(folder.toString());
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  @Test
  void testsMockNothing() {
    Pattern mocks = Pattern.compile("import (static )?org\\.(mockito|easymock|jmock)");
    assertThat(testSources()).noneMatch(source -> mocks.matcher(Tree.text(source)).find());
  }

  @Test
  void testsOfLayersDoNotSleep() {
    Pattern sleep = Pattern.compile("Thread\\.sleep\\(");
    assertThat(
            Tree.layerModules().stream()
                .flatMap(module -> Tree.sources(module, "src/test/java").stream()))
        .noneMatch(source -> sleep.matcher(Tree.text(source)).find());
  }

  @Test
  void surefireFindsEveryTest() {
    assertThat(testSources())
        .filteredOn(source -> Tree.text(source).contains("@Test"))
        .filteredOn(source -> !Tree.text(source).contains("abstract class"))
        .extracting(source -> source.getFileName().toString())
        .allMatch(name -> name.endsWith("Test.java"));
  }

  @Test
  void nothingIsLeftForLater() {
    Pattern later = Pattern.compile("\\b(TODO|FIXME|XXX)\\b|@Disabled\\b");
    assertThat(Stream.concat(mainSources().stream(), testSources().stream()))
        .filteredOn(source -> !source.endsWith("SourceRulesTest.java"))
        .noneMatch(source -> later.matcher(Tree.text(source)).find());
  }

  private static List<Path> mainSources() {
    return Tree.codeModules().stream()
        .flatMap(module -> Tree.sources(module, "src/main/java").stream())
        .toList();
  }

  private static List<Path> testSources() {
    return Tree.codeModules().stream()
        .flatMap(module -> Tree.sources(module, "src/test/java").stream())
        .toList();
  }
}
