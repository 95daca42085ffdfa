package io.volare.pilota.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.volare.codec.thrift.ThriftCodec;
import io.volare.codec.thrift.ThriftReader;
import io.volare.codec.thrift.ThriftWriter;
import io.volare.pilota.Pilota;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A struct with more fields than a constructor takes: a class that its builder makes. */
class WideStructTest {
  private static final int NUMBERS = 200;

  @TempDir private static Path folder;

  private static Class<?> wide;

  @BeforeAll
  static void generate() throws Exception {
    StringBuilder idl = new StringBuilder("namespace java wide\nstruct Wide {\n");
    for (int i = 1; i <= NUMBERS; i++) {
      idl.append("  %d: i64 f%d%n".formatted(i, i));
    }
    idl.append(
        "  500: required string name\n  501: list<i32> items\n  502: optional double built\n");
    idl.append(
        "  503: required bool flag\n}\nconst Wide ONE = {\"name\": \"one\", \"flag\": 1, \"f7\": 7}\n");
    Path file = folder.resolve("wide.thrift");
    Files.writeString(file, idl.toString());
    Path sources = folder.resolve("sources");
    Path classes = Files.createDirectories(folder.resolve("classes"));
    new Pilota(sources, List.of(), null, false).compile(List.of(file));
    assertThat(JavaSources.problems(sources, classes)).isEmpty();
    URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()});
    wide = loader.loadClass("wide.Wide");
  }

  private static Object builder() throws Exception {
    return wide.getMethod("builder").invoke(null);
  }

  private static void set(Object builder, String field, Class<?> type, Object value)
      throws Exception {
    builder.getClass().getMethod(field, type).invoke(builder, value);
  }

  private static Object built(Object builder) throws Exception {
    return builder.getClass().getMethod("build").invoke(builder);
  }

  private static Object full(long first, List<Integer> items) throws Exception {
    Object builder = builder();
    for (int i = 1; i <= NUMBERS; i++) {
      set(builder, "f" + i, long.class, first + i);
    }
    set(builder, "name", String.class, "full");
    set(builder, "items", List.class, items);
    set(builder, "built", Double.class, 0.5);
    return built(builder);
  }

  private static Object get(Object value, String field) throws Exception {
    return wide.getMethod(field).invoke(value);
  }

  @SuppressWarnings("unchecked") // the codec of the class
  private static ThriftCodec<Object> codec() throws Exception {
    return (ThriftCodec<Object>) wide.getField("CODEC").get(null);
  }

  @Test
  void comesBackAsItWas() throws Exception {
    Object value = full(1_000, List.of(1, 2));
    ByteBuf bytes = Unpooled.buffer();

    codec().write(value, new ThriftWriter(bytes));
    Object copy = codec().read(new ThriftReader(bytes));

    assertThat(copy).isEqualTo(value).isNotSameAs(value).hasSameHashCodeAs(value);
    assertThat(get(copy, "f200")).isEqualTo(1_200L);
    assertThat(get(copy, "built")).isEqualTo(0.5);
    assertThat(copy.toString()).startsWith("Wide[f1=1001, f2=1002, ").endsWith(", flag=false]");
  }

  @Test
  void differsWhereOneFieldDoes() throws Exception {
    assertThat(full(1, List.of(1))).isEqualTo(full(1, List.of(1)));
    assertThat(full(1, List.of(1))).isNotEqualTo(full(2, List.of(1)));
    assertThat(full(1, List.of(1))).isNotEqualTo(full(1, List.of(2)));
  }

  @Test
  void copiesTheCollectionsItIsGiven() throws Exception {
    List<Integer> mine = new ArrayList<>(List.of(1));
    Object value = full(1, mine);

    mine.add(2);

    assertThat(get(value, "items")).isEqualTo(List.of(1));
  }

  @Test
  void aRequiredFieldIsNamedWhereItIsMissing() throws Exception {
    Object builder = builder();

    assertThatThrownBy(() -> built(builder))
        .isInstanceOf(InvocationTargetException.class)
        .hasRootCauseMessage("name");
    assertThatThrownBy(() -> codec().read(new ThriftReader(Unpooled.wrappedBuffer(new byte[1]))))
        .hasMessageContaining("Wide.name");
  }

  @Test
  void constantsOfItAreMadeByItsBuilder() throws Exception {
    Class<?> constants = wide.getClassLoader().loadClass("wide.WideConstants");
    Object one = constants.getField("ONE").get(null);

    assertThat(get(one, "f7")).isEqualTo(7L);
    assertThat(get(one, "name")).isEqualTo("one");
    assertThat(get(one, "flag")).isEqualTo(true);
    assertThat(get(one, "items")).isEqualTo(List.of());
  }
}
