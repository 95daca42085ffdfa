package io.volare.transport.thrift;

import static io.volare.transport.thrift.RawPeer.bytes;
import static io.volare.transport.thrift.RawPeer.headed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.util.ResourceLeakDetector;
import io.volare.codec.thrift.TType;
import io.volare.codec.thrift.ThriftMessage;
import io.volare.codec.thrift.ThriftWriter;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.CallOptions;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcException;
import io.volare.transport.netty.Loops;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a server may answer. Every row: the call fails, typed, having allocated at most 64 KiB and
 * 64 times what was received, and the next call is answered.
 */
@Timeout(30)
class ThriftClientAttackTest {
  private static Loops loops;
  private static long loop;

  /** Of the row that runs. */
  private volatile IntFunction<byte[]> lie = sequence -> new byte[0];

  @BeforeAll
  static void start() throws Exception {
    loops = Loops.create(Loops.Kind.NIO, 1);
    loop = loops.group().submit(() -> Thread.currentThread().threadId()).get();
  }

  @AfterAll
  static void stop() {
    loops.close();
  }

  static Stream<Arguments> lies() {
    return Stream.of(
            // the lengths and blocks of a header
            row("LENGTH 0", head("00000000 10000000 00000001 0001")),
            row("LENGTH 9", head("00000009 10000000 00000001 0001")),
            row("LENGTH 2^31", head("80000000 10000000 00000001 0001")),
            row("LENGTH beyond the limit", head("01000010 10000000 00000001 0001")),
            row("header of 0", head("0000007f 10000000 00000001 0000")),
            row("header of 262,140 in 127", head("0000007f 10000000 00000001 ffff")),
            row("65,535 pairs in 4 B", block("01ffff 0001 61")),
            row("a value past the end", block("010001 0001 61 ffff 61")),
            row("a name twice", block("010002 000161 000162 000161 000163")),
            row("an unknown block", block("7f")),
            row("a transform", ttheader("000101")),
            row("framed: 2^31-1", head("7fffffff 80010002 00000004")),
            row("framed: 0", head("00000000 80010002 00000004")),
            row("HTTP/1", head("48545450 2f312e31 20343030 0d0a0d0a")),
            // the message behind an honest header
            row("string of -1", reply(field(TType.STRING, 0, -1))),
            row("string of 90 MB", reply(field(TType.STRING, 0, 90_000_000))),
            row("unknown list of 20M", reply(list(20_000_000))),
            row("unknown list of -1", reply(list(-1))),
            row("structs 100,000 deep", reply(ThriftClientAttackTest::deep)),
            row("a type that is none", reply(field(99, 9, 1))),
            row("a struct that does not end", reply(field(TType.STRING, 0, 0))),
            row("no result", reply(ThriftWriter::writeFieldStop)),
            row("trailing bytes", reply(ThriftClientAttackTest::resultAndMore)),
            row("a name of 2^31-1", header("80010002 7fffffff 61626364 00")),
            row("a message type that is none", header("80010009 00000001 61 00000001 00")),
            row("no message", header("")))
        .flatMap(row ->
            Stream.of(
                Arguments.of(row.get()[0], false, row.get()[1]),
                Arguments.of(row.get()[0] + ", multiplexed", true, row.get()[1])));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("lies")
  void isAProtocolErrorAndTheNextCallIsAnswered(
      String name, boolean multiplexed, IntFunction<byte[]> answer) throws Exception {
    lie = answer;
    try (ScriptedPeer peer = new ScriptedPeer(this::play);
        ThriftClient transport = transport(peer, multiplexed)) {
      RpcClient client = RpcClient.builder("echo").caller("test").transport(transport);

      RpcException failure = failure(client);

      assertThat(failure.kind()).isEqualTo(Kind.PROTOCOL);
      assertThat(failure.mayHaveExecuted()).isTrue();
      assertThat(failure).hasMessageStartingWith("Echo/echo at 127.0.0.1:");
      assertThat(client.call(EchoService.ECHO, "honest")).isEqualTo("honest");
      assertThat(allocatedBy(() -> failure(client))).isLessThan(bar(answer));
      assertThat(transport.calls()).isZero();
      assertThat(transport.pendingCalls()).isZero();
    }
  }

  static Stream<Arguments> stalled() {
    return Stream.of(
        Arguments.of("16 MiB claimed", head("00ffff00 10000000 00000001 0001 0000")),
        Arguments.of("framed: 16,383,999 B claimed", head("00f9feff 80010002 0000")),
        Arguments.of("262,140 B of header claimed", head("00ffff00 10000000 00000001 ffff 0000")),
        Arguments.of("half the fixed part", head("0000007f 10000000")),
        Arguments.of("nothing", head("")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("stalled")
  void isWaitedForUntilTheDeadlineAndNothingIsAllocatedForTheClaim(
      String name, IntFunction<byte[]> answer) throws Exception {
    lie = answer;
    try (ScriptedPeer peer = new ScriptedPeer(this::play);
        ThriftClient transport = transport(peer, false)) {
      RpcClient client =
          RpcClient.builder("echo")
              .caller("test")
              .options(CallOptions.DEFAULT.withTimeout(Duration.ofMillis(200)))
              .transport(transport);

      assertThat(failure(client).kind()).isEqualTo(Kind.DEADLINE_EXCEEDED);

      assertThat(allocatedBy(() -> failure(client))).isLessThan(bar(answer));
      assertThat(transport.calls()).isZero();
    }
  }

  private void play(ScriptedPeer.Line line) throws Exception {
    while (true) {
      ScriptedPeer.Call call = line.read();
      line.send(call.text().equals("lie") ? lie.apply(call.sequence()) : call.answer());
    }
  }

  private static ThriftClient transport(ScriptedPeer peer, boolean multiplexed) {
    ThriftClientConfig config =
        multiplexed
            ? ThriftClientConfig.DEFAULT.withMultiplexed(1).withPending(64) // room from the start
            : ThriftClientConfig.DEFAULT.withPool(1);
    return ThriftClient.to(peer.endpoint(), config).with(loops);
  }

  private static RpcException failure(RpcClient client) {
    Throwable thrown = catchThrowable(() -> client.call(EchoService.ECHO, "lie"));
    assertThat(thrown).isInstanceOf(RpcException.class);
    return (RpcException) thrown;
  }

  private static Arguments row(String name, IntFunction<byte[]> answer) {
    return Arguments.of(name, answer);
  }

  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  /** The first bytes, and no more. */
  private static IntFunction<byte[]> head(String hex) {
    return sequence -> hex(hex);
  }

  private static IntFunction<byte[]> block(String info) {
    return ttheader("0000" + info.replace(" ", ""));
  }

  /** A header with these blocks before an honest reply. */
  private static IntFunction<byte[]> ttheader(String blocks) {
    return sequence -> {
      byte[] info = hex(blocks);
      byte[] payload = message(sequence, ThriftClientAttackTest::result);
      int words = (info.length + 3) / 4;
      return bytes(out -> {
        out.writeInt(TtHeader.FIXED - 4 + 4 * words + payload.length);
        out.writeShort(TtHeader.MAGIC).writeShort(0).writeInt(sequence).writeShort(words);
        out.writeBytes(info).writeZero(4 * words - info.length).writeBytes(payload);
      });
    };
  }

  /** An honest header before these bytes. */
  private static IntFunction<byte[]> header(String payload) {
    return sequence -> headed(header -> header.sequence(sequence), hex(payload));
  }

  private static IntFunction<byte[]> reply(Consumer<ThriftWriter> fields) {
    return sequence -> headed(header -> header.sequence(sequence), message(sequence, fields));
  }

  private static byte[] message(int sequence, Consumer<ThriftWriter> fields) {
    return bytes(out -> {
      ThriftWriter writer = new ThriftWriter(out);
      ThriftMessage.write(writer, ThriftMessage.REPLY, "echo", sequence);
      fields.accept(writer);
    });
  }

  private static void result(ThriftWriter out) {
    out.writeFieldBegin(TType.STRING, 0);
    out.writeString("x");
    out.writeFieldStop();
  }

  private static void resultAndMore(ThriftWriter out) {
    result(out);
    out.buffer().writeInt(7);
  }

  /** A field of this type that begins with this number, and nothing more. */
  private static Consumer<ThriftWriter> field(int type, int id, int number) {
    return out -> {
      out.writeFieldBegin((byte) type, id);
      out.buffer().writeInt(number);
    };
  }

  private static Consumer<ThriftWriter> list(int size) {
    return out -> {
      out.writeFieldBegin(TType.LIST, 9);
      out.buffer().writeByte(TType.I32).writeInt(size).writeZero(10);
    };
  }

  private static void deep(ThriftWriter out) {
    for (int i = 0; i < 100_000; i++) {
      out.writeFieldBegin(TType.STRUCT, 9);
    }
  }

  private static long bar(IntFunction<byte[]> answer) {
    return 64 * 1024 + 64L * answer.apply(1).length;
  }

  /**
   * {@return bytes that loop and caller allocated on the heap, and that Netty's buffers grew by}
   * The least of some calls: a pool grows at times, what is reserved for a claim is each time.
   */
  private static long allocatedBy(Runnable call) {
    ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    try {
      call.run();
      long least = Long.MAX_VALUE;
      for (int i = 0; i < 4; i++) {
        long before = heap();
        long pooled = pooled();
        call.run();
        least = Math.min(least, heap() - before + Math.max(0, pooled() - pooled));
      }
      return least;
    } finally {
      ResourceLeakDetector.setLevel(level);
    }
  }

  private static long heap() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    return threads.getThreadAllocatedBytes(loop) + threads.getCurrentThreadAllocatedBytes();
  }

  private static long pooled() {
    var metric = ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric();
    return metric.usedDirectMemory() + metric.usedHeapMemory();
  }
}
