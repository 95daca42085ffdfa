package io.volare.protoc.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.MessageLite;
import io.volare.protoc.ProtocPlugin;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** protoc itself starts the plugin, as any build tool would let it. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a shell script")
class ForeignProtocTest {
  private static final Path IDLS = Path.of("src/test/proto");
  private static final Path GENERATED = Path.of("target/generated-test-sources/protobuf");

  @TempDir private Path folder;

  private static String jarOf(Class<?> type) {
    return new File(type.getProtectionDomain().getCodeSource().getLocation().getPath()).getPath();
  }

  private Path launcher() throws IOException {
    Path launcher = folder.resolve("protoc-gen-volare");
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classPath = jarOf(ProtocPlugin.class) + File.pathSeparator + jarOf(MessageLite.class);
    Files.writeString(
        launcher,
        "#!/bin/sh\nexec '%s' -cp '%s' %s\n"
            .formatted(java, classPath, ProtocPlugin.class.getName()));
    assertThat(launcher.toFile().setExecutable(true)).isTrue();
    return launcher;
  }

  private static Path protoc() throws IOException {
    try (Stream<Path> copied = Files.list(Path.of("target/protoc"))) {
      Path protoc = copied.findAny().orElseThrow();
      assertThat(protoc.toFile().setExecutable(true)).isTrue();
      return protoc;
    }
  }

  private String run(String... more) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(protoc().toString());
    command.add("--plugin=protoc-gen-volare=" + launcher());
    command.add("--proto_path=" + IDLS);
    command.add("--proto_path=target/well-known");
    command.addAll(List.of(more));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() + " " + said;
  }

  private static Map<String, String> sources(Path folder) throws IOException {
    Map<String, String> sources = new TreeMap<>();
    try (Stream<Path> inside = Files.walk(folder)) {
      for (Path file : inside.filter(each -> each.toString().endsWith(".java")).toList()) {
        sources.put(folder.relativize(file).toString(), Files.readString(file));
      }
    }
    return sources;
  }

  @Test
  void givesTheSameFilesAsThisBuildHas() throws Exception {
    Path out = Files.createDirectory(folder.resolve("out"));
    List<String> arguments = new ArrayList<>();
    arguments.add("--java_out=" + out);
    arguments.add("--volare_out=" + out);
    try (Stream<Path> idls = Files.walk(IDLS)) {
      idls.filter(each -> each.toString().endsWith(".proto"))
          .forEach(each -> arguments.add(IDLS.relativize(each).toString()));
    }

    String said = run(arguments.toArray(String[]::new));

    assertThat(said).startsWith("0 ");
    assertThat(sources(out)).isEqualTo(sources(GENERATED)).isNotEmpty();
  }

  @Test
  void anOptionThatThePluginDoesNotKnowIsAnErrorOfProtoc() throws Exception {
    String said = run("--volare_out=lite:" + folder, "names.proto");

    assertThat(said).startsWith("1 ").contains("option \"lite\" (expected: none)");
  }
}
