package io.volare.houserules;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every layer module has the same files, so that a reader knows where everything is. */
class LayerSkeletonTest {
  static List<String> layers() {
    return Tree.layerModules();
  }

  @ParameterizedTest
  @MethodSource("layers")
  void everyLayerHasItsConfigAndItsTests(String module) {
    List<String> main = names(module, "src/main/java");
    List<String> tests = names(module, "src/test/java");

    List<String> layers = main.stream().filter(name -> name.endsWith("Layer")).toList();
    assertThat(layers).isNotEmpty();
    assertThat(layers).allMatch(layer -> tests.contains(layer + "Test"));
    assertThat(layers)
        .allMatch(layer -> main.contains(layer.replaceAll("Layer$", "Config")), "has its config");
    assertThat(main.stream().anyMatch(name -> name.endsWith("Listener")))
        .as("a listener, unless the README says under Events that there is none")
        .isEqualTo(!Tree.read(module + "/README.md").contains("\nNone: the spans are the events."));
    assertThat(tests).anyMatch(name -> name.endsWith("SnippetsTest"));
  }

  @ParameterizedTest
  @MethodSource("layers")
  void thePackageSaysWhereToStart(String module) {
    Path info =
        Tree.sources(module, "src/main/java").stream()
            .filter(source -> source.endsWith("package-info.java"))
            .findFirst()
            .orElseThrow();

    assertThat(Tree.text(info)).containsPattern("Start at \\{@link\\s+(\\*\\s+)?[\\w.]*Layer");
  }

  @ParameterizedTest
  @MethodSource("layers")
  void theReadmeHasTheSixHeadings(String module) {
    List<String> headings =
        Tree.read(module + "/README.md")
            .lines()
            .filter(line -> line.startsWith("## "))
            .map(line -> line.substring(3).strip())
            .toList();

    assertThat(headings).isEqualTo(ModuleRulesTest.HEADINGS);
  }

  private static List<String> names(String module, String folder) {
    return Tree.sources(module, folder).stream()
        .map(source -> source.getFileName().toString().replace(".java", ""))
        .toList();
  }
}
