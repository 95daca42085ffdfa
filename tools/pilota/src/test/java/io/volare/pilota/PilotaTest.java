package io.volare.pilota;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PilotaTest {
  @TempDir private Path folder;

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private Pilota pilota() {
    return new Pilota(folder.resolve("out"), List.of(), null, false);
  }

  private Path generated(String file) {
    return folder.resolve("out").resolve(file);
  }

  @Test
  void anErrorShowsTheLineWithAMarkUnderThePlace() throws IOException {
    Path file = write("a.thrift", "struct A {\n  1: i32 b\n  2: list<i32 c\n}\n");

    assertThatThrownBy(() -> pilota().compile(List.of(file)))
        .isInstanceOfSatisfying(
            IdlException.class,
            wrong -> {
              assertThat(wrong.line()).isEqualTo(3);
              assertThat(wrong.column()).isEqualTo(15);
            })
        .hasMessage(
            file
                + ":3:15: found 'c' (expected: '>')\n    2: list<i32 c\n  "
                + " ".repeat(14)
                + "^");
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void filesThatDidNotChangeAreNotWrittenAndStaleOnesAreRemoved() throws Exception {
    Path file = write("a.thrift", "namespace java p\nstruct A {}\nstruct B {}\n");
    pilota().compile(List.of(file));
    FileTime old = FileTime.fromMillis(1_000_000);
    Files.setLastModifiedTime(generated("p/A.java"), old);

    pilota().compile(List.of(file));
    assertThat(Files.getLastModifiedTime(generated("p/A.java"))).isEqualTo(old);
    assertThat(generated("p/B.java")).exists();

    write("a.thrift", "namespace java p\nstruct A {}\n");
    pilota().compile(List.of(file));
    assertThat(Files.getLastModifiedTime(generated("p/A.java"))).isEqualTo(old);
    assertThat(generated("p/B.java")).doesNotExist();
  }

  @Test
  void aFileThatWasRemovedComesBack() throws Exception {
    Path file = write("a.thrift", "namespace java p\nstruct A {}\n");
    pilota().compile(List.of(file));
    Files.delete(generated("p/A.java"));

    pilota().compile(List.of(file));

    assertThat(generated("p/A.java")).exists();
  }

  @Test
  void doubtfulThingsAreTakenWithAWarning() throws Exception {
    Path file = write("a.thrift", "const i16 LARGE = 70000\nenum E { A = 1, B = 1 }\n");
    Pilota pilota = pilota();

    pilota.compile(List.of(file));

    assertThat(pilota.warnings())
        .containsExactly(file + ":1:19: value 70000 does not fit (expected: -32768..32767)");
    assertThat(Files.readString(generated("a/AConstants.java"))).contains("(short) 4464");
  }

  @Test
  void commentsBecomeJavadocThatCannotEscapeFromIt() throws Exception {
    Path file =
        write("a.thrift", "/** Ends </b> here: *\\/ {@code x} \\u002a/ & more. */\nstruct A {}\n");

    pilota().compile(List.of(file));

    assertThat(Files.readString(generated("a/A.java")))
        .contains(
            "/** Ends &lt;/b&gt; here: *&#92;/ &#123;&#64;code x} &#92;u002a/ &amp; more. */");
  }

  @Test
  void whatTheIdlDoesNotDescribeHasAPlainSentence() throws Exception {
    Path file = write("a.thrift", "exception Gone { 1: string item }\n");

    pilota().compile(List.of(file));

    assertThat(Files.readString(generated("a/Gone.java")))
        .contains("/** The field item. */\n  public ")
        .doesNotContain("&#123;");
  }

  @Test
  void namesThatWouldMeetInJavaAreKeptApart() throws Exception {
    Path file =
        write(
            "a.thrift",
            "struct foo_bar { 1: i32 aB, 2: i32 a_b }\nstruct FooBar {}\nstruct String {}\n");

    pilota().compile(List.of(file));

    assertThat(generated("a/FooBar.java")).content().contains("record FooBar(int aB, int aB_)");
    assertThat(generated("a/FooBar_.java")).exists();
    assertThat(generated("a/String_.java")).exists();
  }

  @Test
  void nestingIsBounded() throws IOException {
    Path file = write("a.thrift", "struct A { 1: " + "list<".repeat(65) + "i32");

    assertThatThrownBy(() -> pilota().compile(List.of(file)))
        .isInstanceOf(IdlException.class)
        .hasMessageContaining("nested deeper than 64");
  }

  @Test
  void aMethodWithMoreArgumentsThanTheJvmTakesIsRefused() throws Exception {
    StringBuilder wide = new StringBuilder("service S {\n  void wide(");
    for (int i = 1; i <= 128; i++) {
      wide.append(i).append(": i64 f").append(i).append(' ');
    }
    Path file = write("a.thrift", wide.append(")\n}\n").toString());

    assertThatThrownBy(() -> pilota().compile(List.of(file)))
        .isInstanceOf(IdlException.class)
        .hasMessageContaining("takes 256 slots of a method's parameters (limit of the JVM: 254, ");
  }

  private String run(int exit, String... arguments) {
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    assertThat(Pilota.run(List.of(arguments), new PrintStream(errors, true, UTF_8)))
        .isEqualTo(exit);
    return errors.toString(UTF_8);
  }

  @Test
  void theCommandLineNamesAPackage() throws Exception {
    String file = write("a.thrift", "struct A {}\n").toString();
    String out = folder.resolve("out").toString();

    assertThat(run(0, "-o", out, "--package", "x.y", file)).isEmpty();

    assertThat(generated("x/y/A.java")).exists();
    for (String none : List.of("class", "a..b", "a b", "")) {
      assertThat(run(1, "-o", out, "--package", none, file))
          .startsWith("package: " + none + " (expected: one of Java, such as com.example)");
    }
  }

  @Test
  void theCommandLineSaysWhatIsWrongWithIt() throws Exception {
    String file = write("a.thrift", "struct A {}\n").toString();
    String nowhere = folder.resolve("none.thrift").toString();
    Path empty = Files.createDirectory(folder.resolve("empty"));

    assertThat(run(2)).startsWith("usage: pilota ");
    assertThat(run(2, file, "-o")).startsWith("usage: pilota ");
    assertThat(run(2, "--bogus", file)).startsWith("usage: pilota ");
    assertThat(run(1, nowhere)).startsWith(nowhere + ": there is no such file");
    assertThat(run(1, "-o", file, file)).startsWith(file + ": cannot be written (");
    assertThat(run(0, "-o", folder.resolve("out").toString(), empty.toString()))
        .startsWith("warning: " + empty + ": no .thrift file in it");
  }
}
