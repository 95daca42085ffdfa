package io.volare.transport.thrift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.volare.codec.thrift.ThriftLimits;
import io.volare.codec.thrift.ThriftMessage;
import io.volare.codec.thrift.ThriftProtocolException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The vectors are frames of Kitex and Volo, byte by byte. */
class TtHeaderTest {
  private static final int LIMIT = 16 * 1024 * 1024;

  static Stream<Arguments> vectors() throws IOException {
    try (InputStream file = TtHeaderTest.class.getResourceAsStream("/ttheader-vectors.txt")) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8)
              .lines()
              .filter(line -> !line.startsWith("#"))
              .map(line -> line.split(" "))
              .map(parts -> Arguments.of(parts[0], HexFormat.of().parseHex(parts[2])))
              .toList()
              .stream();
    }
  }

  static Stream<Arguments> headers() throws IOException {
    return vectors().filter(vector -> magicOf((byte[]) vector.get()[1]) == TtHeader.MAGIC);
  }

  private static int magicOf(byte[] bytes) {
    return (bytes[4] & 0xff) << 8 | bytes[5] & 0xff;
  }

  private static byte[] vector(String name) throws IOException {
    return (byte[])
        vectors().filter(vector -> vector.get()[0].equals(name)).findFirst().orElseThrow().get()[1];
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("headers")
  void everyHeaderReadsAndWritesBackWhatItSays(String name, byte[] bytes) {
    assertThat(TtHeader.frameBytes(bytes, 0, bytes.length, LIMIT)).isEqualTo(bytes.length);
    TtHeader header = WireBytes.header(bytes);
    byte[] payload = payload(bytes);
    ByteBuf out = Unpooled.buffer();
    int start = header.write(out);
    out.writeBytes(payload);
    TtHeader.finish(out, start);

    byte[] written = ByteBufUtil.getBytes(out);
    assertThat(written).hasSameSizeAs(bytes);
    assertThat(content(WireBytes.header(written))).isEqualTo(content(header));
    assertThat(payload(written)).isEqualTo(payload);
  }

  private static byte[] payload(byte[] frame) {
    int from = TtHeader.FIXED + TtHeader.headerBytes(frame, 0);
    return Arrays.copyOfRange(frame, from, frame.length);
  }

  private static Map<String, String> content(TtHeader header) {
    Map<String, String> content = new TreeMap<>();
    header.forEachString(content::put);
    for (int key = 0; key < 32; key++) {
      if (header.has(key)) {
        content.put("int " + key, header.value(key));
      }
    }
    content.put("flags", Integer.toString(header.flags()));
    content.put("sequence", Integer.toString(header.sequence()));
    content.put("protocol", Integer.toString(header.protocol()));
    content.put("token", String.valueOf(header.token()));
    return content;
  }

  @Test
  void readsWhatKitexSendsWithACall() throws IOException {
    TtHeader header = WireBytes.header(vector("V1"));

    assertThat(header.value(IntKey.FROM_SERVICE)).isEqualTo("cli");
    assertThat(header.value(IntKey.TO_SERVICE)).isEqualTo("svr");
    assertThat(header.value(IntKey.TO_METHOD)).isEqualTo("Echo");
    assertThat(header.value(IntKey.FROM_METHOD)).isEmpty();
    assertThat(header.value(IntKey.RPC_TIMEOUT)).isEqualTo("1000");
    assertThat(header.value("isn")).isEqualTo("EchoServer");
    assertThat(header.sequence()).isEqualTo(1);
  }

  @Test
  void aKitexClientIsSentNoControlFrameAndOursIs() throws IOException {
    Frame kitex = WireBytes.frame(vector("V1"));

    assertThat(Peer.of(kitex).readsControlFrames()).isFalse();
    kitex.header().value(IntKey.WITH_MESH_HEADER, "3");
    assertThat(Peer.of(kitex).readsControlFrames()).isTrue();
  }

  @Test
  void readsTheTokenAndMetainfoOfAFramedCall() throws IOException {
    Frame frame = WireBytes.frame(vector("V5"));

    assertThat(frame.form()).isEqualTo(WireForm.TTHEADER_FRAMED);
    assertThat(frame.header().token()).isEqualTo("tok");
    assertThat(frame.header().value("RPC_PERSIST_logid")).isEqualTo("12345");
    assertThat(ThriftMessage.read(WireBytes.reader(frame)).name()).isEqualTo("Echo");
  }

  @Test
  void writesTheControlFrameAsKitexDoes() throws IOException {
    ByteBuf written =
        ControlFrame.connectionReset(io.netty.buffer.UnpooledByteBufAllocator.DEFAULT);
    TtHeader expected = WireBytes.header(vector("V8"));
    Frame frame = WireBytes.frame(ByteBufUtil.getBytes(written));

    assertThat(content(frame.header())).isEqualTo(content(expected));
    assertThat(ThriftMessage.read(WireBytes.reader(frame)))
        .isEqualTo(new ThriftMessage(ThriftMessage.REPLY, "none", 0));
    written.release();
  }

  @Test
  void refusesLengthsThatContradictEachOther() {
    assertRefused("00000009 10000000 00000001 0001", "LENGTH 9 with a header of 4 B");
    assertRefused("00000000 10000000 00000001 0001", "LENGTH 0");
    assertRefused("80000000 10000000 00000001 0001", "limit: 16777216 B");
    assertRefused("0000007f 10000000 00000001 0000", "header of 0 B");
    assertRefused("0000007f 10000000 00000001 ffff", "LENGTH 127 with a header of 262140 B");
  }

  private static void assertRefused(String hex, String why) {
    byte[] in = HexFormat.of().parseHex(hex.replace(" ", ""));

    assertThatThrownBy(() -> TtHeader.frameBytes(in, 0, in.length, LIMIT))
        .isInstanceOf(ThriftProtocolException.class)
        .hasMessageContaining(why.equals("limit: 16777216 B") ? "at most 16777216 B" : why);
  }

  @Test
  void refusesBlocksThatRunPastTheHeader() {
    assertUnreadable("01ffff" + "0001");
    assertUnreadable("010001ffff61");
    assertUnreadable("100001000000ff61");
    assertUnreadable("11ffff");
    assertUnreadable("7f");
  }

  private static void assertUnreadable(String blocks) {
    byte[] info = HexFormat.of().parseHex(blocks);
    int padded = (2 + info.length + 3) / 4 * 4;
    ByteBuf in = Unpooled.buffer();
    in.writeInt(TtHeader.FIXED - 4 + padded).writeShort(TtHeader.MAGIC).writeShort(0).writeInt(1);
    in.writeShort(padded / 4).writeByte(0).writeByte(0).writeBytes(info);
    in.writeZero(padded - 2 - info.length);

    assertThatThrownBy(() -> WireBytes.header(ByteBufUtil.getBytes(in)))
        .isInstanceOf(ThriftProtocolException.class);
  }

  @Test
  void refusesToWriteMoreThanReadersTake() {
    TtHeader header = new TtHeader();
    header.value("k", "v".repeat(40_000));
    header.value("l", "v".repeat(40_000));

    assertThatThrownBy(() -> header.write(Unpooled.buffer()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("(limit: 65532 B)");
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("vectors")
  void theVerdictOnTheFirstBytesDoesNotDependOnHowTheyWereSplit(String name, byte[] bytes) {
    String whole = verdict(bytes, bytes.length, new MessageScanner(ThriftLimits.DEFAULT));
    MessageScanner scanner = new MessageScanner(ThriftLimits.DEFAULT);
    String grown = "0";
    for (int length = 1; length <= bytes.length && grown.equals("0"); length++) {
      grown = verdict(bytes, length, scanner);
    }

    assertThat(grown).isEqualTo(whole);
  }

  private static String verdict(byte[] in, int end, MessageScanner scanner) {
    try {
      return Integer.toString(Frame.bytes(in, 0, end, LIMIT, scanner));
    } catch (ThriftProtocolException refused) {
      return "refused";
    }
  }

  @Test
  void aHeaderLikeTheOneBeforeSharesItsStringsAndKeepsItsOwnSequence() {
    HeaderReader reader = new HeaderReader();

    TtHeader first = read(reader, header(1, "4999", "blue"));
    TtHeader same = read(reader, header(2, "4999", "blue"));
    TtHeader later = read(reader, header(3, "4998", "blue"));
    TtHeader other = read(reader, header(4, "4998", "grün"));

    assertThat(same.sequence()).isEqualTo(2);
    assertThat(same.value("RPC_PERSIST_tenant")).isSameAs(first.value("RPC_PERSIST_tenant"));
    assertThat(later.value(IntKey.RPC_TIMEOUT)).isEqualTo("4998");
    assertThat(later.value("RPC_PERSIST_tenant")).isSameAs(first.value("RPC_PERSIST_tenant"));
    assertThat(other.value("RPC_PERSIST_tenant")).isEqualTo("grün");
    assertThat(first.value(IntKey.RPC_TIMEOUT)).isEqualTo("4999");
  }

  @Test
  void headersOfOtherLengthsBetweenDoNotMakeOneForgotten() {
    HeaderReader reader = new HeaderReader();

    TtHeader first = read(reader, header(1, "5000", "blue"));
    TtHeader longer = read(reader, header(2, "5000", "as blue as the sea"));
    TtHeader again = read(reader, header(3, "5000", "blue"));

    assertThat(longer.value("RPC_PERSIST_tenant")).isEqualTo("as blue as the sea");
    assertThat(again.value("RPC_PERSIST_tenant")).isSameAs(first.value("RPC_PERSIST_tenant"));
  }

  @Test
  void refusesANameThatIsThereTwiceWhereverItIsAndWhateverCameBefore() {
    for (int count : new int[] {2, 15, 16, 17, 100}) {
      HeaderReader reader = new HeaderReader();
      String[] names = IntStream.range(0, count).mapToObj(i -> "name-" + i).toArray(String[]::new);
      String[] turned = names.clone();
      Collections.reverse(Arrays.asList(turned));
      String[] lastIsFirst = names.clone();
      lastIsFirst[count - 1] = "name-0";
      String[] secondIsLast = names.clone();
      secondIsLast[1] = "name-" + (count - 1);

      assertThat(read(reader, named(names)).strings()).isEqualTo(count);
      assertThat(read(reader, named(names)).nameAt(count - 1)).isEqualTo("name-" + (count - 1));
      assertTwice(reader, lastIsFirst, "name-0");
      assertTwice(reader, lastIsFirst, "name-0");
      assertThat(read(reader, named(turned)).nameAt(0)).isEqualTo("name-" + (count - 1));
      assertThat(read(reader, named(names)).value("name-1")).isEqualTo("value of name-1");
      if (count > 2) {
        assertTwice(reader, secondIsLast, "name-" + (count - 1));
      }
      assertTwice(new HeaderReader(), lastIsFirst, "name-0");
    }
  }

  private static void assertTwice(HeaderReader reader, String[] names, String twice) {
    assertThatThrownBy(() -> read(reader, named(names)))
        .isInstanceOf(ThriftProtocolException.class)
        .hasMessageContaining("the name \"" + twice + "\" twice");
  }

  private static TtHeader read(HeaderReader reader, byte[] bytes) {
    return WireBytes.header(bytes, reader);
  }

  private static byte[] named(String[] names) {
    TtHeader header = new TtHeader();
    for (String name : names) {
      header.value(name, "value of " + name);
    }
    ByteBuf bytes = Unpooled.buffer();
    TtHeader.finish(bytes, header.write(bytes));
    return ByteBufUtil.getBytes(bytes);
  }

  @Test
  void aHeaderThatIsTooLongToBeRememberedIsNotTakenForTheOneBefore() {
    HeaderReader reader = new HeaderReader();
    String long1 = "a".repeat(2_000);
    String long2 = "b".repeat(2_000);

    assertThat(read(reader, header(1, "1", "blue")).value("RPC_PERSIST_tenant")).isEqualTo("blue");
    assertThat(read(reader, header(2, "1", long1)).value("RPC_PERSIST_tenant")).isEqualTo(long1);
    assertThat(read(reader, header(3, "1", long2)).value("RPC_PERSIST_tenant")).isEqualTo(long2);
    assertThat(read(reader, header(4, "1", "blue")).value("RPC_PERSIST_tenant")).isEqualTo("blue");
    assertThat(read(reader, header(5, "1", "blau")).value("RPC_PERSIST_tenant")).isEqualTo("blau");
  }

  private static byte[] header(int sequence, String timeout, String tenant) {
    TtHeader header = new TtHeader();
    header.sequence(sequence);
    header.value("RPC_PERSIST_tenant", tenant);
    header.value(IntKey.RPC_TIMEOUT, timeout);
    ByteBuf bytes = Unpooled.buffer();
    TtHeader.finish(bytes, header.write(bytes));
    return ByteBufUtil.getBytes(bytes);
  }
}
