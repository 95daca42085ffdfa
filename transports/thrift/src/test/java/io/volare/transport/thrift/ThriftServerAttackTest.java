package io.volare.transport.thrift;

import static io.volare.transport.thrift.RawPeer.argument;
import static io.volare.transport.thrift.RawPeer.bare;
import static io.volare.transport.thrift.RawPeer.bytes;
import static io.volare.transport.thrift.RawPeer.echo;
import static io.volare.transport.thrift.RawPeer.framed;
import static io.volare.transport.thrift.RawPeer.headed;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.util.ResourceLeakDetector;
import io.volare.codec.thrift.TType;
import io.volare.codec.thrift.ThriftMessage;
import io.volare.codec.thrift.ThriftWriter;
import io.volare.rpc.Address;
import io.volare.transport.netty.Execution;
import io.volare.transport.netty.Loops;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What an attacker may send. Every row: the server says no or waits a bounded time, allocates at
 * most 64 KiB and 64 times what it received, and answers the next call.
 */
@Timeout(30)
class ThriftServerAttackTest {
  private static final int MOST_PAYLOAD = 16 * 1024 * 1024;
  private static final Duration STALLED = Duration.ofMillis(100);

  private static Loops loops;
  private static long loop;
  private static ThriftServer server;

  /** On the same loop; it waits for {@link #STALLED} only. */
  private static ThriftServer hasty;

  @BeforeAll
  static void start() throws Exception {
    loops = Loops.create(Loops.Kind.NIO, 1);
    loop = loops.group().submit(() -> Thread.currentThread().threadId()).get();
    server = serve(ThriftServerConfig.DEFAULT);
    hasty = serve(ThriftServerConfig.DEFAULT.withStalled(STALLED));
    for (int i = 0; i < 20; i++) {
      answersTheNextCall();
    }
  }

  private static ThriftServer serve(ThriftServerConfig config) {
    ThriftServer started =
        ThriftServer.builder(Address.tcp("127.0.0.1", 0))
            .service(EchoService.binding((context, request) -> request))
            .execution(Execution.inline())
            .config(config)
            .loops(loops)
            .build();
    started.start();
    return started;
  }

  @AfterAll
  static void stop() {
    server.stop();
    hasty.stop();
    loops.close();
  }

  /** Closed at once, without a word: the bytes cannot be cut into messages. */
  static Stream<Arguments> lies() {
    return Stream.of(
        // counts, sizes and names in a bare message, whose end is found by them
        row("bare: list of -1", bare(1, field(TType.LIST, TType.I32, -1))),
        row("bare: list of 2^31-1", bare(1, field(TType.LIST, TType.I32, Integer.MAX_VALUE))),
        row("bare: list<i32> of 20M", bare(1, field(TType.LIST, TType.I32, 20_000_000))),
        row("bare: list<bool> of 2^31-1", bare(1, field(TType.LIST, TType.BOOL, 0x7fff_ffff))),
        row("bare: list<void> of 9", bare(1, field(TType.LIST, 1, 9).andThen(zeros(9)))),
        row("bare: set of -1", bare(1, field(TType.SET, TType.I32, -1))),
        row("bare: map<bool,bool> of 2^31-1", bare(1, map(TType.BOOL, TType.BOOL, 0x7fff_ffff))),
        row("bare: map of -1", bare(1, map(TType.I32, TType.I32, -1))),
        row("bare: string of -1", bare(1, string(-1))),
        row("bare: string of 2^31-1", bare(1, string(Integer.MAX_VALUE))),
        row("bare: string of 90 MB", bare(1, string(90_000_000))),
        row("bare: structs 100,000 deep", bare(1, deep(TType.STRUCT))),
        row("bare: lists 100,000 deep", bare(1, deep(TType.LIST))),
        row("bare: a type that is none", bare(1, out -> out.writeFieldBegin((byte) 99, 1))),
        row("bare: a name of 2^31-1", hex("80010001 7fffffff 61")),
        row("bare: a name of -1", hex("80010001 ffffffff 61")),
        row("bare: a name of 257 B", hex("80010001 00000101 61")),
        // the first bytes
        row("framed: 16 MiB and 1", hex("01000001 80010001 00000004")),
        row("framed: 0", hex("00000000 80010001 00000004")),
        row("framed: 3", hex("00000003 80010001 00000004")),
        row("framed: 2^31-1", hex("7fffffff 80010001 00000004")),
        row("framed: -1", hex("ffffffff 80010001 00000004")),
        row("framed: version 2", hex("00000010 80020001 00000004")),
        row("an old name of 50 MB", hex("02faf080 61626364 61626364")),
        row("framed: an old name of 50 MB", hex("00000020 02faf080 61626364")),
        row("Compact protocol", hex("82210104 6563686f 00")),
        row("framed Compact protocol", hex("00000009 82210104 6563686f 00")),
        row("HTTP/1", "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII)),
        row("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII)),
        row("TLS", hex("16030100 c8010000 c4030300")),
        row("telnet", "hello there\r\n".getBytes(US_ASCII)),
        // TTHeader's lengths
        row("LENGTH 9", hex("00000009 10000000 00000001 0001")),
        row("LENGTH 0", hex("00000000 10000000 00000001 0001")),
        row("LENGTH 2^31", hex("80000000 10000000 00000001 0001")),
        row("LENGTH beyond the limit", hex("01000010 10000000 00000001 0001")),
        row("header of 0", hex("0000007f 10000000 00000001 0000")),
        row("header of 262,140 in 127", hex("0000007f 10000000 00000001 ffff")),
        // TTHeader's blocks
        row("65,535 pairs in 4 B", block("01ffff 0001 61")),
        row("65,535 numbers in 4 B", block("10ffff 0001 61")),
        row("a value past the end", block("010001 0001 61 ffff 61")),
        row("a numbered value past the end", block("100001 0003 00ff 61")),
        row("a token past the end", block("11ffff 61")),
        row("a name twice", block("010002 000161 000162 000161 000163")),
        row("a number twice", block("100002 0003 000161 0003 000162")),
        row("a number twice in two blocks", block("100001 0003 000161 100001 0003 000162")),
        row("65,535 empty names", emptyNames()),
        row("an unknown block", block("7f")),
        row("protocol id 2", ttheader("0200", echo(1, "x"))),
        row("protocol id 3", ttheader("0300", echo(1, "x"))),
        row("a transform", ttheader("000101", echo(1, "x"))),
        row("a streaming frame", headed(TtHeader.STREAMING, echo(1, "x"))),
        row("no message", headed(0, new byte[0])),
        row("8 B of message", headed(0, hex("80010001 00000004"))),
        row("an inner frame of 4 B", headed(0, framed(hex("80010001")))),
        row("inner frame too long", headed(0, innerLength(1, echo(1, "x")))),
        row("inner frame too short", headed(0, innerLength(-1, echo(1, "x")))),
        row("a message of no form", headed(0, "not thrift at all".getBytes(US_ASCII))));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("lies")
  void closesAtOnce(String name, byte[] attack) throws Exception {
    assertThat(sentAndClosed(attack)).isEmpty();
    assertThat(allocatedBy(() -> sentAndClosed(attack))).isLessThan(bar(attack));
    answersTheNextCall();
  }

  /**
   * Answered with an application exception, then closed as Kitex does after what it cannot read.
   */
  static Stream<Arguments> unreadable() {
    return Stream.of(
            row("list of -1", 7, bare(1, field(TType.LIST, TType.I32, -1))),
            row("list of 2^31-1", 7, bare(1, field(TType.LIST, TType.I32, 0x7fff_ffff))),
            row("list<i32> of 20M", 7, bare(1, field(TType.LIST, TType.I32, 20_000_000))),
            row("list<bool> of 2^31-1", 7, bare(1, field(TType.LIST, TType.BOOL, 0x7fff_ffff))),
            row("list<void> of 9", 7, bare(1, field(TType.LIST, 1, 9).andThen(zeros(9)))),
            row("set of -1", 7, bare(1, field(TType.SET, TType.I32, -1))),
            row("map<bool,bool> of 2^31-1", 7, bare(1, map(TType.BOOL, TType.BOOL, 0x7fff_ffff))),
            row("map of -1", 7, bare(1, map(TType.I32, TType.I32, -1))),
            row("string of -1", 7, bare(1, string(-1))),
            row("string of 2^31-1", 7, bare(1, string(Integer.MAX_VALUE))),
            row("string of 90 MB", 7, bare(1, string(90_000_000))),
            row("structs 100,000 deep", 7, bare(1, deep(TType.STRUCT))),
            row("lists 100,000 deep", 7, bare(1, deep(TType.LIST))),
            row("a type that is none", 7, bare(1, out -> out.writeFieldBegin((byte) 99, 1))),
            row("a name of 2^31-1", 7, hex("80010001 7fffffff 61626364 00")),
            row("a name of 257 B", 7, hex("80010001 00000101 61626364 00")),
            row("a message type that is none", 7, hex("80010009 00000001 61 00000001 00")),
            row("a struct that does not end", 7, bare(1, out -> out.writeFieldBegin((byte) 11, 1))),
            row("trailing bytes", 7, bare(1, ThriftServerAttackTest::argumentAndMore)),
            row("no required field", 7, bare(1, ThriftWriter::writeFieldStop)),
            row("the field with another type", 7, bare(1, ThriftServerAttackTest::number)))
        .flatMap(row -> {
          Object[] parts = row.get();
          byte[] message = (byte[]) parts[2];
          return Stream.of(
              row("framed: " + parts[0], (int) parts[1], framed(message)),
              row("TTHeader: " + parts[0], (int) parts[1], headed(0, message)));
        });
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("unreadable")
  void answersThenCloses(String name, int type, byte[] attack) throws Exception {
    RawPeer.Answered answer = RawPeer.Answered.of(sentAndClosed(attack));

    assertThat(answer.envelope().type()).isEqualTo(ThriftMessage.EXCEPTION);
    assertThat(answer.error().type()).isEqualTo(type);
    assertThat(answer.error().message()).doesNotContain("java.").doesNotContain("Exception");
    if (answer.frame().form().hasHeader()) {
      assertThat(answer.header("crrst")).isEqualTo("1");
    }
    assertThat(allocatedBy(() -> sentAndClosed(attack))).isLessThan(bar(attack));
    answersTheNextCall();
  }

  /** Nothing is wrong with these but that the rest never comes. */
  static Stream<Arguments> stalled() {
    return Stream.of(
        row("nothing", new byte[0]),
        row("one byte", hex("80")),
        row("framed: 16,383,999 B claimed, 10 sent", hex("00f9feff 80010001 0000")),
        row("bare: a string of 15 MB claimed, 10 B sent", bare(1, string(15_000_000))),
        row("bare: half an envelope", hex("80010001 0000")),
        row("bare: list<i32> of 4M claimed", bare(1, field(TType.LIST, TType.I32, 4_000_000))),
        row("TTHeader: 16 MiB claimed", hex("00ffff00 10000000 00000001 0001 0000")),
        row("TTHeader: 262,140 B of header claimed", hex("00ffff00 10000000 00000001 ffff 0000")),
        row("TTHeader: half the fixed part", hex("0000007f 10000000")));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("stalled")
  void waitsBrieflyAndAllocatesNothingForTheClaim(String name, byte[] attack) throws Exception {
    long started = System.nanoTime();

    assertThat(sentAndClosed(hasty, attack)).isEmpty();

    Duration waited = Duration.ofNanos(System.nanoTime() - started);
    assertThat(waited).isBetween(STALLED, STALLED.plusSeconds(8));
    assertThat(allocatedBy(() -> sentAndClosed(hasty, attack))).isLessThan(bar(attack));
    answersTheNextCall();
  }

  private static Arguments row(String name, byte[] attack) {
    return Arguments.of(name, attack);
  }

  private static Arguments row(String name, int type, byte[] attack) {
    return Arguments.of(name, type, attack);
  }

  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  private static Consumer<ThriftWriter> field(byte type, int element, int size) {
    return out -> {
      out.writeFieldBegin(type, 9);
      out.buffer().writeByte(element).writeInt(size).writeZero(10);
    };
  }

  private static Consumer<ThriftWriter> zeros(int count) {
    return out -> out.buffer().writeZero(count);
  }

  private static Consumer<ThriftWriter> map(byte key, byte value, int size) {
    return out -> {
      out.writeFieldBegin(TType.MAP, 9);
      out.buffer().writeByte(key).writeByte(value).writeInt(size).writeZero(10);
    };
  }

  private static Consumer<ThriftWriter> string(int length) {
    return out -> {
      out.writeFieldBegin(TType.STRING, 9);
      out.buffer().writeInt(length).writeZero(10);
    };
  }

  private static Consumer<ThriftWriter> deep(byte type) {
    return out -> {
      out.writeFieldBegin(type, 9);
      for (int i = 0; i < 100_000; i++) {
        if (type == TType.LIST) {
          out.buffer().writeByte(TType.LIST).writeInt(1);
        } else {
          out.writeFieldBegin(TType.STRUCT, 9);
        }
      }
    };
  }

  private static void argumentAndMore(ThriftWriter out) {
    argument(out, "x");
    out.buffer().writeInt(7);
  }

  private static void number(ThriftWriter out) {
    out.writeFieldBegin(TType.I32, 1);
    out.writeI32(7);
    out.writeFieldStop();
  }

  /** {@return a frame whose header ends with {@code info}, before an honest call} */
  private static byte[] block(String info) {
    return ttheader("0000" + info.replace(" ", ""), echo(1, "x"));
  }

  private static byte[] ttheader(String blocks, byte[] payload) {
    byte[] info = hex(blocks);
    int words = (info.length + 3) / 4;
    return bytes(out -> {
      out.writeInt(TtHeader.FIXED - 4 + 4 * words + payload.length);
      out.writeShort(TtHeader.MAGIC).writeShort(0).writeInt(1).writeShort(words);
      out.writeBytes(info).writeZero(4 * words - info.length).writeBytes(payload);
    });
  }

  private static byte[] emptyNames() {
    return ttheader("0000" + "01ffff" + "00000000".repeat(65_000), echo(1, "x"));
  }

  private static byte[] innerLength(int off, byte[] message) {
    return bytes(out -> out.writeInt(message.length + off).writeBytes(message));
  }

  private static byte[] sentAndClosed(byte[] attack) throws IOException {
    return sentAndClosed(server, attack);
  }

  private static byte[] sentAndClosed(ThriftServer attacked, byte[] attack) throws IOException {
    try (RawPeer peer = new RawPeer(attacked.endpoint())) {
      peer.send(attack);
      return peer.receiveAll();
    }
  }

  static void answersTheNextCall() throws Exception {
    try (RawPeer peer = new RawPeer(server.endpoint())) {
      peer.send(headed(0, echo(7, "still there")));

      assertThat(peer.receive().text()).isEqualTo("still there");
    }
  }

  private static long bar(byte[] attack) {
    return 64 * 1024 + 64L * attack.length;
  }

  /**
   * {@return bytes that the loop allocated on the heap, and that Netty's buffers grew by} The least
   * of some attacks: a pool grows at times, what is reserved for a claim is each time.
   */
  private static long allocatedBy(Attack attack) throws Exception {
    ResourceLeakDetector.Level level = ResourceLeakDetector.getLevel();
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    try {
      attack.run();
      ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
      long least = Long.MAX_VALUE;
      for (int i = 0; i < 3; i++) {
        long heap = threads.getThreadAllocatedBytes(loop);
        long pooled = pooled();
        attack.run();
        long grown = threads.getThreadAllocatedBytes(loop) - heap;
        least = Math.min(least, grown + Math.max(0, pooled() - pooled));
      }
      return least;
    } finally {
      ResourceLeakDetector.setLevel(level);
    }
  }

  private static long pooled() {
    var metric = ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric();
    assertThat(ByteBufAllocator.DEFAULT).isInstanceOf(AdaptiveByteBufAllocator.class);
    return metric.usedDirectMemory() + metric.usedHeapMemory();
  }

  @FunctionalInterface
  private interface Attack {
    void run() throws Exception;
  }
}
