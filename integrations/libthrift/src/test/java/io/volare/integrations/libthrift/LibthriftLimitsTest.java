package io.volare.integrations.libthrift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.volare.codec.thrift.TType;
import io.volare.codec.thrift.ThriftCodec;
import io.volare.codec.thrift.ThriftMethod;
import io.volare.codec.thrift.ThriftProtocolException;
import io.volare.codec.thrift.ThriftReader;
import io.volare.codec.thrift.ThriftWriter;
import io.volare.rpc.Address;
import io.volare.rpc.ServiceBinding;
import io.volare.transport.thrift.ThriftServer;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bytes that lie, before Apache's generated code. */
@Timeout(20)
class LibthriftLimitsTest {
  @TempDir private static Path folder;
  private static ServiceBinding binding;
  private static ThriftCodec<?> args;
  private static ThriftCodec<?> olderArgs;

  @BeforeAll
  static void bind() throws Exception {
    Assumptions.assumeTrue(
        ApacheCode.isCompilerInstalled(),
        "Debian's thrift (package thrift-compiler) is not installed");
    binding = ApacheCode.AS_OF_0_25.load(folder).bind(item -> item.length());
    args = argsOfRestock(binding);
    olderArgs = argsOfRestock(ApacheCode.AS_GENERATED.load(folder).bind(item -> item.length()));
  }

  private static ThriftCodec<?> argsOfRestock(ServiceBinding service) {
    return ((ThriftMethod<?, ?>) service.methods().get("restock")).args();
  }

  private static Arguments row(String name, String message, Consumer<ThriftWriter> bytes) {
    return Arguments.of(name, message, bytes);
  }

  /** The arguments of restock, whose stock has these fields after its required ones. */
  private static Consumer<ThriftWriter> stock(Consumer<ThriftWriter> fields) {
    return out -> {
      out.writeFieldBegin(TType.STRUCT, 1);
      required(out);
      fields.accept(out);
    };
  }

  private static void required(ThriftWriter out) {
    out.writeFieldBegin(TType.STRING, 1);
    out.writeString("apple");
    out.writeFieldBegin(TType.I32, 2);
    out.writeI32(1);
  }

  private static void deep(ThriftWriter out, int levels) {
    for (int i = 0; i < levels; i++) {
      out.writeFieldBegin(TType.STRUCT, 99);
    }
  }

  static Stream<Arguments> lies() {
    return Stream.of(
        row(
            "a list of 2^31-1 strings",
            "a collection of 2147483647 elements",
            stock(out -> {
              out.writeFieldBegin(TType.LIST, 3);
              out.writeListBegin(TType.STRING, Integer.MAX_VALUE);
            })),
        row(
            "a list of -1 structs",
            "a collection of -1 elements",
            stock(out -> {
              out.writeFieldBegin(TType.LIST, 9);
              out.writeListBegin(TType.STRUCT, -1);
            })),
        row(
            "a map of 2^30 pairs",
            "a collection of 1073741824 elements",
            stock(out -> {
              out.writeFieldBegin(TType.MAP, 4);
              out.writeMapBegin(TType.STRING, TType.I64, 1 << 30);
            })),
        row(
            "a string of 2^31-1 bytes",
            "a string of 2147483647 B",
            out -> {
              out.writeFieldBegin(TType.STRUCT, 1);
              out.writeFieldBegin(TType.STRING, 1);
              out.writeI32(Integer.MAX_VALUE);
            }),
        row(
            "binary of -2 bytes",
            "a string of -2 B",
            stock(out -> {
              out.writeFieldBegin(TType.STRING, 6);
              out.writeI32(-2);
            })),
        row(
            "an unknown field of 100,000 structs inside each other",
            "nested 65 deep (limit: 64)",
            stock(out -> deep(out, 100_000))),
        row(
            "an unknown field of 100,000 lists inside each other",
            "Maximum skip depth exceeded",
            stock(out -> {
              out.writeFieldBegin(TType.LIST, 99);
              for (int i = 0; i < 100_000; i++) {
                out.writeListBegin(TType.LIST, 1);
              }
            })),
        row(
            "parts of parts without an end",
            "nested 65 deep (limit: 64)",
            stock(out -> {
              for (int i = 0; i < 1_000; i++) {
                out.writeFieldBegin(TType.LIST, 9);
                out.writeListBegin(TType.STRUCT, 1);
                required(out);
              }
            })),
        row(
            "a required field that is missing",
            "Required field 'item' was not present",
            out -> {
              out.writeFieldBegin(TType.STRUCT, 1);
              out.writeFieldBegin(TType.I32, 2);
              out.writeI32(1);
              out.writeFieldStop();
              out.writeFieldStop();
            }),
        row("an end in mid-struct", "0 B left (expected: 1 B)", stock(out -> {})),
        row(
            "a type that is none",
            "Unrecognized type",
            stock(out -> out.writeFieldBegin((byte) 77, 99))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("lies")
  void aLieIsRefusedAndCostsLittle(String name, String message, Consumer<ThriftWriter> bytes) {
    ByteBuf lie = Unpooled.buffer();
    bytes.accept(new ThriftWriter(lie));
    read(lie); // loads what is loaded once
    ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = thread.getCurrentThreadAllocatedBytes();

    Throwable refused = read(lie);

    long allocated = thread.getCurrentThreadAllocatedBytes() - before;
    assertThat(refused).isInstanceOf(ThriftProtocolException.class).hasMessageContaining(message);
    assertThat(allocated).isLessThan(128 * 1024);
  }

  @Test
  void anOlderLibraryWithoutALimitOfItsOwnGetsOurs() {
    ByteBuf lists = Unpooled.buffer();
    ThriftWriter out = new ThriftWriter(lists);
    out.writeFieldBegin(TType.LIST, 99);
    for (int i = 0; i < 100_000; i++) {
      out.writeListBegin(TType.LIST, 1);
    }

    assertThat(read(olderArgs, lists))
        .isInstanceOf(ThriftProtocolException.class)
        .hasMessage("thrift: collections nested 65 deep (limit: 64)");
  }

  private static Throwable read(ByteBuf message) {
    return read(args, message);
  }

  private static Throwable read(ThriftCodec<?> codec, ByteBuf message) {
    try {
      codec.read(new ThriftReader(message));
      return new AssertionError("it was read");
    } catch (RuntimeException refused) {
      return refused;
    }
  }

  @Test
  void aCollectionReservesNoMoreThanItsBytesAllow() {
    ByteBuf message = Unpooled.buffer();
    stock(
            out -> {
              out.writeFieldBegin(TType.LIST, 9);
              out.writeListBegin(TType.STRUCT, 1_000_000);
              out.buffer().writeZero(1_000_000);
            })
        .accept(new ThriftWriter(message));
    read(message);
    ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = thread.getCurrentThreadAllocatedBytes();

    Throwable refused = read(message);

    assertThat(refused).hasMessageContaining("Required field 'pieces' was not found");
    assertThat(thread.getCurrentThreadAllocatedBytes() - before).isLessThan(9 * 1_000_000);
  }

  @Test
  void aServerAnswersALieAndGoesOn() throws Exception {
    ThriftServer server =
        ThriftServer.builder(Address.tcp("127.0.0.1", 0)).service(binding).build();
    server.start();
    try {
      int port = ((Address.Tcp) server.endpoint().address()).port();
      assertThat(answer(port, out -> out.writeListBegin(TType.LIST, Integer.MAX_VALUE)))
          .contains("restock")
          .contains("Unrecognized type 99");
      try (ApacheSide.Running client =
          ApacheCode.AS_OF_0_25.load(folder.resolve("again")).socket(port, true)) {
        assertThat(client.shop().count("apple")).isEqualTo(5);
      }
    } finally {
      server.stop();
    }
  }

  private static String answer(int port, Consumer<ThriftWriter> arguments) throws Exception {
    ByteBuf message = Unpooled.buffer();
    message.writeInt(0x8001_0001);
    ThriftWriter out = new ThriftWriter(message);
    out.writeString("restock");
    message.writeInt(1);
    out.writeFieldBegin((byte) 99, 1);
    arguments.accept(out);
    try (Socket socket = new Socket("127.0.0.1", port)) {
      DataOutputStream request = new DataOutputStream(socket.getOutputStream());
      request.writeInt(message.readableBytes());
      message.readBytes(request, message.readableBytes());
      request.flush();
      DataInputStream reply = new DataInputStream(socket.getInputStream());
      return new String(reply.readNBytes(reply.readInt()), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aResultThatHoldsNothingIsRefused() throws Exception {
    ByteBuf nothing = Unpooled.buffer().writeByte(TType.STOP);
    ThriftMethod<?, ?> restock = (ThriftMethod<?, ?>) binding.methods().get("restock");
    ThriftMethod<?, ?> empty = (ThriftMethod<?, ?>) binding.methods().get("empty");

    assertThat(empty.result().read(new ThriftReader(nothing))).isNull();
    assertThatThrownBy(() -> restock.result().read(new ThriftReader(nothing)))
        .isInstanceOf(ThriftProtocolException.class)
        .hasMessage(
            "Inventory/restock: the result holds nothing (expected: a value or a declared exception)");
  }
}
