package io.volare.pilota.maven;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImportedIdlsTest {
  @TempDir private Path folder;

  private Path jar(String... entries) throws IOException {
    Path jar = folder.resolve("idls-1.jar");
    try (OutputStream file = Files.newOutputStream(jar);
        ZipOutputStream out = new ZipOutputStream(file)) {
      for (String entry : entries) {
        out.putNextEntry(new ZipEntry(entry));
        out.write("text".getBytes());
      }
    }
    return jar;
  }

  private ImportedIdls imports() {
    return new ImportedIdls(folder.resolve("imports"));
  }

  @Test
  void theIdlsOfAJarAreUnpackedAndNothingElse() throws Exception {
    Path unpacked = imports().of(jar("a/b.proto", "a/B.class")).orElseThrow();

    assertThat(unpacked.resolve("a/b.proto")).hasContent("text");
    assertThat(unpacked.resolve("a/B.class")).doesNotExist();
  }

  @Test
  void aJarWithoutIdlsIsNoPlaceToImportFrom() throws Exception {
    assertThat(imports().of(jar("a/B.class"))).isEmpty();
    assertThat(imports().of(folder.resolve("natives.so"))).isEmpty();
    assertThat(imports().of(folder)).contains(folder);
  }

  @Test
  void anEntryThatLeavesTheFolderIsRefused() throws Exception {
    Path jar = jar("../../outside.proto");

    assertThatThrownBy(() -> imports().of(jar))
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("entry ../../outside.proto (expected: a path inside the jar)");
    assertThat(folder.resolve("outside.proto")).doesNotExist();
  }
}
