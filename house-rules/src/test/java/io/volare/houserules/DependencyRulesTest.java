package io.volare.houserules;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Who may know whom, read from the compiled classes of all modules. */
class DependencyRulesTest {
  private static final JavaClasses ALL = new ClassFileImporter().importPaths(compiled());

  private static List<Path> compiled() {
    return Tree.codeModules().stream()
        .map(module -> Tree.ROOT.resolve(module).resolve("target/classes"))
        .filter(Files::isDirectory)
        .toList();
  }

  @Test
  void motoreDependsOnNothingButTheJdk() {
    onlyDependOn("io.volare.motore..", "io.volare.motore..");
  }

  @Test
  void metainfoDependsOnNothingButTheJdk() {
    onlyDependOn("io.volare.metainfo..", "io.volare.metainfo..");
  }

  @Test
  void rpcCoreDependsOnMotoreAndMetainfoOnly() {
    onlyDependOn(
        "io.volare.rpc..", "io.volare.rpc..", "io.volare.motore..", "io.volare.metainfo..");
  }

  @Test
  void layersDoNotKnowEachOther() {
    slices().matching("io.volare.layers.(*)..").should().notDependOnEachOther().check(ALL);
  }

  @Test
  void layersKnowNoTransportAndNoCodec() {
    noClasses()
        .that()
        .resideInAPackage("io.volare.layers..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.volare.transport..", "io.volare.codec..", "io.netty..")
        .check(ALL);
  }

  @Test
  void transportsAndCodecsKnowNoLayer() {
    noClasses()
        .that()
        .resideInAnyPackage("io.volare.transport..", "io.volare.codec..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.volare.layers..")
        .check(ALL);
  }

  @Test
  void nothingThatRunsKnowsTheIdlCompiler() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.volare.pilota..", "io.volare.protoc..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.volare.pilota..", "io.volare.protoc..")
        .check(ALL);
  }

  @Test
  void bridgesDoNotKnowEachOther() {
    slices().matching("io.volare.integrations.(*)..").should().notDependOnEachOther().check(ALL);
  }

  @Test
  void onlyExamplesKnowABridge() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.volare.integrations..", "io.volare.examples..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.volare.integrations..")
        .check(ALL);
  }

  @Test
  void registriesDoNotKnowEachOther() {
    slices().matching("io.volare.registry.(*)..").should().notDependOnEachOther().check(ALL);
  }

  @Test
  void registriesKnowRpcCoreOnly() {
    noClasses()
        .that()
        .resideInAPackage("io.volare.registry..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.volare..")
                .and(
                    not(
                        resideInAnyPackage(
                            "io.volare.registry..",
                            "io.volare.rpc..",
                            "io.volare.motore..",
                            "io.volare.metainfo.."))))
        .check(ALL);
  }

  @Test
  void onlyExamplesKnowARegistry() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.volare.registry..", "io.volare.examples..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.volare.registry..")
        .check(ALL);
  }

  @Test
  void layersAndRegistriesReadTheClockOnlyThroughTime() {
    noClasses()
        .that()
        .resideInAnyPackage("io.volare.layers..", "io.volare.registry..")
        .should()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(Thread.class, "sleep", Duration.class)
        .orShould()
        .callMethod(Thread.class, "sleep", long.class)
        .check(ALL);
  }

  @Test
  void theApiOfCoreAndLayersIsDirect() {
    methods()
        .that()
        .arePublic()
        .and()
        .areDeclaredInClassesThat()
        .resideInAnyPackage("io.volare.motore..", "io.volare.layers..")
        .should()
        .notHaveRawReturnType(
            com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo(
                    CompletionStage.class)
                .or(
                    com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo(
                        Executor.class))
                .or(
                    com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo(
                        Future.class)))
        .check(ALL);
  }

  @Test
  void packagesFormNoCycle() {
    slices().matching("io.volare.(**)").should().beFreeOfCycles().check(ALL);
  }

  private static void onlyDependOn(String from, String... allowed) {
    String[] withJdk = java.util.Arrays.copyOf(allowed, allowed.length + 2);
    withJdk[allowed.length] = "java..";
    withJdk[allowed.length + 1] = "org.jspecify..";
    classes()
        .that()
        .resideInAPackage(from)
        .should()
        .onlyDependOnClassesThat(resideInAnyPackage(withJdk))
        .check(ALL);
  }
}
