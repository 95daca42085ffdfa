package io.volare.protoc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** With a scripted protoc; what the real one does is tested in tools/protoc-plugin-tests. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the scripted protoc is a shell script")
class ProtocTest {
  @TempDir private Path folder;
  private Path idls;
  private Path output;

  @BeforeEach
  void folders() throws IOException {
    idls = Files.createDirectory(folder.resolve("idls"));
    output = folder.resolve("output");
    Files.writeString(idls.resolve("a.proto"), "syntax = \"proto3\";");
  }

  private Path scripted(String rest) throws IOException {
    Path script = folder.resolve("scripted");
    Files.writeString(
        script,
        "#!/bin/sh\nif [ \"$1\" = --version ]; then echo libprotoc 99; exit 0; fi\n" + rest + "\n");
    return script;
  }

  private static final String WRITE_NOTHING =
      "sed -n 's/^--descriptor_set_out=//p' \"${1#@}\" | while read out; do : > \"$out\"; done\n";

  @Test
  void whatProtocSaysOfAWrongFileIsTheFailure() throws Exception {
    Protoc protoc = new Protoc(output, List.of(), scripted("echo 'a.proto:1:1: not this'; exit 1"));

    assertThatThrownBy(() -> protoc.compile(List.of(idls)))
        .isInstanceOf(ProtocException.class)
        .hasMessage("a.proto:1:1: not this");
    assertThat(output).doesNotExist();
  }

  @Test
  void whatProtocSaysBesidesIsAWarning() throws Exception {
    Protoc protoc =
        new Protoc(output, List.of(), scripted(WRITE_NOTHING + "echo 'a.proto: unused import'"));

    assertThat(protoc.compile(List.of(idls))).isZero();
    assertThat(protoc.warnings()).containsExactly("a.proto: unused import");
  }

  @Test
  void importsAreLookedForInTheInputsTheIncludesAndAmongTheWellKnown() throws Exception {
    Path seen = folder.resolve("seen");
    Path more = Files.createDirectory(folder.resolve("more"));
    Path missing = folder.resolve("missing");
    String keep = "cp \"${1#@}\" '" + seen + "'\n";

    new Protoc(output, List.of(more, missing), scripted(keep + WRITE_NOTHING))
        .compile(List.of(idls));

    List<String> paths =
        Files.readAllLines(seen).stream().filter(line -> line.startsWith("--proto_path")).toList();
    assertThat(paths).hasSize(3);
    assertThat(paths.get(0)).endsWith("idls");
    assertThat(paths.get(1)).endsWith("more");
    assertThat(paths.get(2)).endsWith("well-known");
    assertThat(Files.readAllLines(seen)).contains("a.proto");
  }

  @Test
  void aFolderWithoutIdlsNeedsNoProtoc() throws Exception {
    Path empty = Files.createDirectory(folder.resolve("empty"));

    assertThat(new Protoc(output, List.of(), null).compile(List.of(empty))).isZero();
  }

  @Test
  void aProtocThatDoesNotRunIsPassedOverAndNamed() throws Exception {
    Path broken = folder.resolve("broken");
    Files.writeString(broken, "not a program");
    Path work = Files.createDirectory(folder.resolve("work"));

    try {
      assertThat(ProtocExecutable.find(broken, work).command()).doesNotContain("broken");
    } catch (ProtocException none) {
      assertThat(none).hasMessageContaining("broken").hasMessageContaining("no protoc runs on");
    }
  }
}
