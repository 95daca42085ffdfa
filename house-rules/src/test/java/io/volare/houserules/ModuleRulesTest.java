package io.volare.houserules;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What every module brings with it. */
class ModuleRulesTest {
  static final List<String> HEADINGS =
      List.of("Use", "Behaviour", "Settings", "Failures", "Events", "Order");
  private static final List<String> CORE = List.of("motore-java", "rpc-core", "metainfo");

  @Test
  void everyModuleHasAReadmeOfOnePage() {
    List<String> offending = new ArrayList<>();
    for (String module : Tree.codeModules()) {
      if (!Tree.exists(module + "/README.md")) {
        offending.add(module + ": no README.md");
      } else if (isAPart(module) && Tree.read(module + "/README.md").lines().count() > 60) {
        offending.add(module + ": README.md has more than 60 lines");
      }
    }
    assertThat(offending).isEmpty();
  }

  /** The same headings in the same order everywhere; a part that others use says how it fails. */
  @Test
  void everyReadmeHasTheSameHeadings() {
    List<String> offending = new ArrayList<>();
    for (String module : Tree.codeModules()) {
      List<String> headings = headings(module);
      List<String> least =
          isAPart(module) ? List.of("Use", "Behaviour", "Failures") : List.of("Use", "Behaviour");
      List<String> inOrder = HEADINGS.stream().filter(headings::contains).toList();
      if (!headings.equals(inOrder) || !headings.containsAll(least)) {
        offending.add(
            module
                + ": "
                + headings
                + " (expected: "
                + least
                + ", and in the order "
                + HEADINGS
                + ")");
      }
    }
    assertThat(offending).isEmpty();
  }

  private static List<String> headings(String module) {
    return Tree.read(module + "/README.md")
        .lines()
        .filter(line -> line.startsWith("## "))
        .map(line -> line.substring(3).strip())
        .toList();
  }

  private static boolean isAPart(String module) {
    return Tree.publishedModules().contains(module);
  }

  @Test
  void everyPublishedModuleIsInTheBom() {
    String bom = Tree.read("bom/pom.xml");
    assertThat(Tree.publishedModules())
        .allMatch(module -> bom.contains("<artifactId>" + artifactId(module) + "</artifactId>"));
  }

  @Test
  void everyModuleHasANameOfItsOwn() {
    List<String> names = Tree.codeModules().stream().map(ModuleRulesTest::moduleName).toList();

    assertThat(names).doesNotHaveDuplicates().noneMatch(name -> name.contains("-"));
  }

  @Test
  void theFoldersGivenForTheProjectAreThere() {
    assertThat(
            List.of(
                "pom.xml",
                "metainfo",
                "motore-java",
                "rpc-core",
                "layers-timeout",
                "layers-retry",
                "layers-ratelimit",
                "layers-discovery",
                "transports",
                "examples"))
        .allMatch(Tree::exists);
  }

  @Test
  void nothingPublishedDeclaresADependencyBeyondTheAllowList() {
    List<String> declared = new ArrayList<>();
    for (String module : Tree.publishedModules()) {
      if (!Tree.layerModules().contains(module)) {
        dependencies(module).forEach(dependency -> declared.add(module + " -> " + dependency));
      }
    }

    assertThat(declared)
        .containsExactlyInAnyOrderElementsOf(
            Tree.read("house-rules/allowed-dependencies.txt")
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(line -> line.replaceAll("\\s+#.*", "").strip())
                .toList());
  }

  /** A layer names its library in its own pom, where enforcer holds it to that list. */
  @Test
  void aLayerDependsOnTheCoreAndOnWhatItsPomAllows() {
    List<String> offending = new ArrayList<>();
    for (String module : Tree.layerModules()) {
      String pom = Tree.read(module + "/pom.xml");
      if (!pom.contains("<id>layer-dependencies</id>") || !pom.contains("<exclude>*</exclude>")) {
        offending.add(module + ": no layer-dependencies execution that excludes *");
      }
      dependencies(module).stream()
          .filter(dependency -> !CORE.contains(dependency))
          .filter(dependency -> !pom.contains("<include>" + dependency + "</include>"))
          .forEach(dependency -> offending.add(module + " -> " + dependency));
    }
    assertThat(offending).isEmpty();
  }

  /** {@return what the module's users get with it: every dependency but tests and annotations} */
  private static List<String> dependencies(String module) {
    String pom = Tree.read(module + "/pom.xml").replaceAll("(?s)<build>.*</build>", "");
    Matcher dependency =
        Pattern.compile(
                "(?s)<dependency>\\s*<groupId>([^<]+)</groupId>\\s*<artifactId>([^<]+)</artifactId>(.*?)</dependency>")
            .matcher(pom);
    List<String> found = new ArrayList<>();
    while (dependency.find()) {
      String rest = dependency.group(3);
      if (!rest.contains("<scope>test</scope>") && !rest.contains("<scope>provided</scope>")) {
        found.add(
            (dependency.group(1).equals("io.volare") ? "" : dependency.group(1) + ":")
                + dependency.group(2)
                + (rest.contains("<optional>true</optional>") ? " (optional)" : ""));
      }
    }
    return found;
  }

  private static String artifactId(String module) {
    String pom = Tree.read(module + "/pom.xml").replaceAll("(?s)<parent>.*</parent>", "");
    return first("<artifactId>([^<]+)</artifactId>", pom);
  }

  private static String moduleName(String module) {
    return first("<module.name>([^<]+)</module.name>", Tree.read(module + "/pom.xml"));
  }

  private static String first(String pattern, String text) {
    Matcher found = Pattern.compile(pattern).matcher(text);
    assertThat(found.find()).as(pattern).isTrue();
    return found.group(1);
  }
}
