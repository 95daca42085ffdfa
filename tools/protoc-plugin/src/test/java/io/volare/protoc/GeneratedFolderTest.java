package io.volare.protoc;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeneratedFolderTest {
  @TempDir private Path folder;

  @Test
  void aFileIsWrittenOnlyIfItChanges() throws Exception {
    GeneratedFolder generated = new GeneratedFolder(folder);
    generated.write(Map.of("a/A.java", "class A {}", "a/B.java", "class B {}"));
    FileTime past = FileTime.fromMillis(0);
    Files.setLastModifiedTime(folder.resolve("a/A.java"), past);
    Files.setLastModifiedTime(folder.resolve("a/B.java"), past);

    generated.write(Map.of("a/A.java", "class A {}", "a/B.java", "class B { }"));

    assertThat(Files.getLastModifiedTime(folder.resolve("a/A.java"))).isEqualTo(past);
    assertThat(Files.getLastModifiedTime(folder.resolve("a/B.java"))).isNotEqualTo(past);
  }

  @Test
  void whatIsNotGeneratedAnyMoreIsRemoved() throws Exception {
    GeneratedFolder generated = new GeneratedFolder(folder);
    generated.write(Map.of("a/A.java", "class A {}", "a/B.java", "class B {}"));

    generated.write(Map.of("a/A.java", "class A {}"));

    assertThat(folder.resolve("a/A.java")).exists();
    assertThat(folder.resolve("a/B.java")).doesNotExist();
  }

  @Test
  void whatLayThereBeforeTheFirstRunIsLeftAlone() throws Exception {
    Path mine = Files.writeString(folder.resolve("Mine.java"), "class Mine {}");

    new GeneratedFolder(folder).write(Map.of("a/A.java", "class A {}"));

    assertThat(mine).exists();
  }
}
