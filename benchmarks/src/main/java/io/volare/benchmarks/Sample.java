package io.volare.benchmarks;

import apache.benchmarks.EchoArgs;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.volare.benchmarks.idl.EchoServerMethods;
import io.volare.benchmarks.idl.Item;
import io.volare.benchmarks.idl.Nested;
import io.volare.benchmarks.idl.Request;
import io.volare.benchmarks.idl.Section;
import io.volare.benchmarks.idl.Wide;
import io.volare.codec.thrift.ThriftCodec;
import io.volare.codec.thrift.ThriftWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.thrift.TBase;
import org.apache.thrift.TException;
import org.apache.thrift.protocol.TBinaryProtocol;

/** The messages that codecs are measured with: ours, and the same as Apache's classes have it. */
public enum Sample {
  /** Twenty fields of the usual types. */
  WIDE(wide(), Wide.CODEC, apache.benchmarks.Wide::new),
  /** Lists of structs in lists of structs, maps, strings: 8 sections of 16 items each. */
  NESTED(nested(), Nested.CODEC, apache.benchmarks.Nested::new),
  /** The arguments of an echo of 1 KiB. */
  ECHO(
      new EchoServerMethods.EchoArgs(new Request("echo", "x".repeat(1024))),
      EchoServerMethods.EchoArgs.CODEC,
      EchoArgs::new);

  private final Object value;
  private final ThriftCodec<Object> codec;
  private final Supplier<TBase<?, ?>> empty;

  @SuppressWarnings("unchecked") // value and codec come together
  <T> Sample(T value, ThriftCodec<T> codec, Supplier<TBase<?, ?>> empty) {
    this.value = value;
    this.codec = (ThriftCodec<Object>) codec;
    this.empty = empty;
  }

  Object value() {
    return value;
  }

  ThriftCodec<Object> codec() {
    return codec;
  }

  /** {@return an empty struct of Apache's} */
  TBase<?, ?> empty() {
    return empty.get();
  }

  /** {@return the message as Apache's classes have it} */
  TBase<?, ?> theirs() {
    ByteBuf bytes = Unpooled.buffer();
    codec.write(value, new ThriftWriter(bytes));
    TBase<?, ?> theirs = empty();
    try {
      theirs.read(new TBinaryProtocol(DirectBufferTransport.of(bytes)));
    } catch (TException other) {
      throw new IllegalStateException("libthrift reads other bytes than Volare writes", other);
    }
    return theirs;
  }

  private static Wide wide() {
    return Wide.builder()
        .id(4_611_686_018_427_387_904L)
        .name("Ada Lovelace")
        .city("London")
        .age(36)
        .active(true)
        .score(99.5)
        .level((short) 7)
        .flags((byte) 0x55)
        .created(1_764_000_000_000L)
        .updated(1_764_000_123_456L)
        .email("ada.lovelace@example.org")
        .visits(1_843)
        .errors(0)
        .latitude(51.507351)
        .longitude(-0.127758)
        .verified(true)
        .locale("en-GB")
        .parent(42)
        .version(3)
        .comment("The first to see that it is not about numbers only.")
        .build();
  }

  private static Nested nested() {
    List<Section> sections = new ArrayList<>();
    for (int section = 0; section < 8; section++) {
      sections.add(section(section));
    }
    Map<String, String> labels = new LinkedHashMap<>();
    for (int label = 0; label < 16; label++) {
      labels.put("label-" + label, "value of the label " + label);
    }
    return new Nested(7, "the whole", wide(), sections, labels);
  }

  private static Section section(int number) {
    List<Item> items = new ArrayList<>();
    Map<String, Long> totals = new LinkedHashMap<>();
    for (int item = 0; item < 16; item++) {
      items.add(
          new Item(
              number * 1_000L + item,
              "item " + number + "/" + item,
              item * 1.25,
              item,
              List.of("new", "blue", "size-" + item)));
      totals.put("total-" + item, item * 100_000L);
    }
    return new Section("section number " + number, items, totals);
  }
}
