package io.volare.pilota.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.volare.codec.thrift.Binary;
import io.volare.codec.thrift.ThriftCodec;
import io.volare.codec.thrift.ThriftReader;
import io.volare.codec.thrift.ThriftWriter;
import io.volare.pilota.tests.both.Both;
import io.volare.pilota.tests.both.Choice;
import io.volare.pilota.tests.both.Inner;
import io.volare.pilota.tests.both.Level;
import io.volare.pilota.tests.both.Trouble;
import io.volare.pilota.tests.both.Unsorted;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.thrift.TBase;
import org.apache.thrift.TDeserializer;
import org.apache.thrift.TSerializer;
import org.apache.thrift.protocol.TBinaryProtocol;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Apache's compiler and ours generate from one IDL understands each other. */
class SameBytesTest {
  @TempDir private static Path folder;
  private static ClassLoader apache;

  @BeforeAll
  static void generateWithApache() throws Exception {
    Assumptions.assumeTrue(
        isInstalled(), "Debian's thrift (package thrift-compiler) is not installed");
    String idl = Files.readString(Path.of("src/test/thrift/both.thrift"));
    Path file = folder.resolve("both.thrift");
    Files.writeString(file, idl.replace("io.volare.pilota.tests.both", "apache.both"));
    Path sources = Files.createDirectories(folder.resolve("sources"));
    Process thrift =
        new ProcessBuilder(
                "thrift",
                "--gen",
                "java:generated_annotations=suppress",
                "-out",
                sources.toString(),
                file.toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(thrift.waitFor()).isZero();
    Path classes = Files.createDirectories(folder.resolve("classes"));
    assertThat(JavaSources.problems(sources, classes)).isEmpty();
    apache =
        new URLClassLoader(
            new URL[] {classes.toUri().toURL()}, SameBytesTest.class.getClassLoader());
  }

  private static boolean isInstalled() throws InterruptedException {
    try {
      return new ProcessBuilder("thrift", "--version").start().waitFor() == 0;
    } catch (IOException absent) {
      return false;
    }
  }

  /** Our bytes, read and written again by what Apache generated. */
  private static byte[] throughApache(String type, byte[] bytes) throws Exception {
    TBase<?, ?> struct =
        (TBase<?, ?>) apache.loadClass("apache.both." + type).getConstructor().newInstance();
    new TDeserializer(new TBinaryProtocol.Factory()).deserialize(struct, bytes);
    return new TSerializer(new TBinaryProtocol.Factory()).serialize(struct);
  }

  private static <T> byte[] written(T value, ThriftCodec<T> codec) {
    ByteBuf buffer = Unpooled.buffer();
    codec.write(value, new ThriftWriter(buffer));
    return ByteBufUtil.getBytes(buffer);
  }

  private static <T> T read(byte[] bytes, ThriftCodec<T> codec) {
    return codec.read(new ThriftReader(Unpooled.wrappedBuffer(bytes)));
  }

  private static Both.Builder both() {
    return Both.builder()
        .truth(true)
        .tiny((byte) -128)
        .small((short) 300)
        .medium(-1)
        .large(Long.MAX_VALUE)
        .real(-0.5)
        .text("größer € 𝄞")
        .bytes(Binary.of((byte) 1, (byte) -1))
        .level(Level.HIGH)
        .inner(new Inner("inner", 5L))
        .choice(new Choice.Text("chosen"))
        .numbers(List.of(1, -2, 3))
        .lists(List.of(List.of("a", "b"), List.of()))
        .names(Set.of("one"))
        .index(Map.of("k", 1L))
        .deep(Map.of(1, List.of(new Inner("x", null))))
        .maybe(false)
        .count(0)
        .note("")
        .truths(List.of(true, false))
        .levels(List.of(Level.LOW, Level.HIGH))
        .blobs(List.of(Binary.of((byte) 9), Binary.EMPTY))
        .last((short) 7);
  }

  @Test
  void aFullStructHasTheSameBytes() throws Exception {
    Both value =
        both().more(List.of(both().build(), both().choice(new Choice.Number(3)).build())).build();
    byte[] bytes = written(value, Both.CODEC);

    byte[] theirs = throughApache("Both", bytes);

    assertThat(theirs).isEqualTo(bytes);
    assertThat(read(theirs, Both.CODEC)).isEqualTo(value);
  }

  @Test
  void collectionsOfManyComeBackEqual() throws Exception {
    Both value =
        both().names(Set.of("a", "b", "c", "d")).index(Map.of("x", 1L, "y", 2L, "z", 3L)).build();

    assertThat(read(throughApache("Both", written(value, Both.CODEC)), Both.CODEC))
        .isEqualTo(value);
  }

  @Test
  void defaultsAreTheSame() throws Exception {
    byte[] fresh =
        new TSerializer(new TBinaryProtocol.Factory())
            .serialize(
                (TBase<?, ?>) apache.loadClass("apache.both.Both").getConstructor().newInstance());

    Both theirs = read(fresh, Both.CODEC);

    assertThat(theirs).isEqualTo(Both.builder().build());
    assertThat(theirs.text()).isEqualTo("default");
  }

  @Test
  void unionsAndExceptionsHaveTheSameBytes() throws Exception {
    for (Choice choice :
        List.of(
            new Choice.Number(1), new Choice.Text("t"), new Choice.Inner(new Inner("n", null)))) {
      byte[] bytes = written(choice, Choice.CODEC);
      assertThat(throughApache("Choice", bytes)).isEqualTo(bytes);
    }
    byte[] trouble = written(new Trouble("why", 3), Trouble.CODEC);
    assertThat(throughApache("Trouble", trouble)).isEqualTo(trouble);
  }

  @Test
  void fieldsAreWrittenInTheOrderOfTheirIds() throws Exception {
    byte[] bytes =
        written(Unsorted.builder().five(5).implicit(-1).one(1).other("o").build(), Unsorted.CODEC);

    assertThat(throughApache("Unsorted", bytes)).isEqualTo(bytes);
  }
}
