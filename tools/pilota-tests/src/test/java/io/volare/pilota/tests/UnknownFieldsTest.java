package io.volare.pilota.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.volare.codec.thrift.ThriftCodec;
import io.volare.codec.thrift.ThriftReader;
import io.volare.codec.thrift.ThriftWriter;
import io.volare.pilota.Pilota;
import io.volare.pilota.tests.shared.Money;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A service between two others passes on what only they know. */
class UnknownFieldsTest {
  @TempDir private Path folder;

  @SuppressWarnings("unchecked") // what was generated a moment ago
  private ThriftCodec<Object> between(boolean keepUnknownFields) throws Exception {
    Path idl = folder.resolve("between.thrift");
    Files.writeString(idl, "namespace java between\nstruct Between {\n  4: i32 medium\n}\n");
    Path sources = folder.resolve("sources");
    Path classes = Files.createDirectories(folder.resolve("classes"));
    new Pilota(sources, List.of(), null, keepUnknownFields).compile(List.of(idl));
    assertThat(JavaSources.problems(sources, classes)).isEmpty();
    URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()});
    return (ThriftCodec<Object>) loader.loadClass("between.Between").getField("CODEC").get(null);
  }

  private static Everything passedThrough(ThriftCodec<Object> between, Everything sent) {
    ByteBuf first = Unpooled.buffer();
    ByteBuf second = Unpooled.buffer();
    Everything.CODEC.write(sent, new ThriftWriter(first));
    between.write(between.read(new ThriftReader(first)), new ThriftWriter(second));
    return Everything.CODEC.read(new ThriftReader(second));
  }

  @Test
  void areKeptAndWrittenBackWhereThatIsAskedFor() throws Exception {
    Everything sent =
        Everything.builder()
            .flag(true)
            .tiny((byte) 1)
            .medium(3)
            .text("kept")
            .prices(List.of(new Money("EUR", 1)))
            .child(Everything.builder().flag(false).tiny((byte) 2).build())
            .build();

    assertThat(passedThrough(between(true), sent)).isEqualTo(sent);
  }

  @Test
  void areDroppedOtherwise() throws Exception {
    ThriftCodec<Object> between = between(false);
    ByteBuf bytes = Unpooled.buffer();
    Everything.CODEC.write(
        Everything.builder().flag(true).tiny((byte) 1).medium(3).build(), new ThriftWriter(bytes));
    int sent = bytes.readableBytes();
    ByteBuf written = Unpooled.buffer();

    between.write(between.read(new ThriftReader(bytes)), new ThriftWriter(written));

    assertThat(written.readableBytes()).isEqualTo(1 + 2 + 4 + 1).isLessThan(sent);
  }
}
