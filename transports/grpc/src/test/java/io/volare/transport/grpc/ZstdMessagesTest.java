package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.RpcException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ZstdMessagesTest {
  private static final ByteBufAllocator ALLOCATOR = ByteBufAllocator.DEFAULT;
  private static final int LIMIT = 4 << 20;

  /** By the zstd command, 1.5.4: "zstd says hello" four times, with and without its size. */
  private static final String WITH_SIZE =
      "28b52ffd2442c50000887a73746420736179732068656c6c6f2c200100a5682e01b5dfbf8a";

  private static final String WITHOUT_SIZE =
      "28b52ffd0458c50000887a73746420736179732068656c6c6f2c200100a5682e01b5dfbf8a";

  private static final String HELLO = "zstd says hello, ".repeat(3) + "zstd says hello";

  private static ByteBuf of(byte[] bytes) {
    return ALLOCATOR.directBuffer().writeBytes(bytes);
  }

  private static ByteBuf hex(String bytes) {
    return of(HexFormat.of().parseHex(bytes));
  }

  private static byte[] taken(ByteBuf bytes) {
    byte[] copy = ByteBufUtil.getBytes(bytes);
    bytes.release();
    return copy;
  }

  private static byte[] decompressed(ByteBuf frames) {
    return taken(Compression.ZSTD.decompress(frames, LIMIT, ALLOCATOR));
  }

  private static void assertRefused(Kind kind, String message, ThrowingCallable reading) {
    assertThatThrownBy(reading)
        .isInstanceOfSatisfying(
            RpcException.class, wrong -> assertThat(wrong.kind()).isEqualTo(kind))
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100, 8 * 1024, 8 * 1024 + 1, 300_000, LIMIT})
  void whatWasCompressedComesBack(int bytes) {
    byte[] message = new byte[bytes];
    new Random(bytes).nextBytes(message);
    Arrays.fill(message, 0, bytes / 2, (byte) 7);

    ByteBuf compressed = Compression.ZSTD.compress(of(message), ALLOCATOR);

    assertThat(decompressed(compressed)).isEqualTo(message);
  }

  @Test
  void aMessageInPiecesOnTheHeapIsReadAsWell() {
    ByteBuf plain = ALLOCATOR.heapBuffer().writeBytes(new byte[1000]);
    byte[] compressed = taken(Compression.ZSTD.compress(plain, ALLOCATOR));
    ByteBuf pieces =
        ALLOCATOR
            .compositeBuffer()
            .addComponent(true, of(Arrays.copyOf(compressed, 5)))
            .addComponent(true, of(Arrays.copyOfRange(compressed, 5, compressed.length)));

    assertThat(decompressed(pieces)).hasSize(1000);
  }

  @ParameterizedTest
  @ValueSource(strings = {WITH_SIZE, WITHOUT_SIZE})
  void readsWhatTheZstdCommandHasWritten(String frame) {
    assertThat(new String(decompressed(hex(frame)), StandardCharsets.US_ASCII)).isEqualTo(HELLO);
  }

  @Test
  void severalFramesAreOneMessage() {
    assertThat(new String(decompressed(hex(WITH_SIZE + WITHOUT_SIZE)), StandardCharsets.US_ASCII))
        .isEqualTo(HELLO + HELLO);
  }

  @Test
  void aBombIsStoppedAtTheLimit() {
    ByteBuf bomb = Compression.ZSTD.compress(of(new byte[64 << 20]), ALLOCATOR);
    long before = heldBytes();

    assertRefused(
        Kind.RESOURCE_EXHAUSTED,
        "limit: 4194304 B",
        () -> Compression.ZSTD.decompress(bomb, LIMIT, ALLOCATOR));

    assertThat(heldBytes() - before).isLessThan(32 << 20);
  }

  private static long heldBytes() {
    return ((io.netty.buffer.ByteBufAllocatorMetricProvider) ALLOCATOR).metric().usedDirectMemory();
  }

  @Test
  void aWindowOfMoreThanEightMebibytesIsRefused() {
    assertThat(decompressed(hex("28b52ffd0068010000"))).isEmpty();

    for (String larger : new String[] {"28b52ffd0069010000", "28b52ffd0088010000"}) {
      assertRefused(
          Kind.PROTOCOL,
          "zstd: Frame requires too much memory",
          () -> Compression.ZSTD.decompress(hex(larger), LIMIT, ALLOCATOR));
    }
  }

  @Test
  void aSizeThatAFrameOnlyClaimsIsNotAllocated() {
    String claimsExbibytes = "28b52ffde0" + "ffffffffffffff7f" + "010000";

    assertRefused(
        Kind.PROTOCOL,
        "zstd: ",
        () -> Compression.ZSTD.decompress(hex(claimsExbibytes), LIMIT, ALLOCATOR));
  }

  @Test
  void whatIsNoFrameOrIsCutIsAProtocolError() {
    assertRefused(Kind.PROTOCOL, "ends within a frame", () -> decompressed(of(new byte[0])));
    assertRefused(
        Kind.PROTOCOL,
        "ends within a frame",
        () -> decompressed(hex(WITH_SIZE.substring(0, WITH_SIZE.length() - 2))));
    assertRefused(Kind.PROTOCOL, "zstd: ", () -> decompressed(hex(WITH_SIZE + "00112233445566")));
    assertRefused(Kind.PROTOCOL, "zstd: ", () -> decompressed(of(new byte[20])));

    assertThat(decompressed(hex(WITH_SIZE))).as("the next message").isNotEmpty();
  }

  @Test
  void isChosenWhereBothSidesHaveIt() {
    assertThat(Compression.of("zstd")).isEqualTo(Compression.ZSTD);
    assertThat(Compression.ACCEPTED.toString()).isEqualTo("identity,gzip,zstd");
    assertThat(Compression.best("identity,gzip,zstd")).isEqualTo(Compression.ZSTD);
    assertThat(Compression.best("identity,gzip")).isEqualTo(Compression.GZIP);
    assertThat(Compression.best(null)).isEqualTo(Compression.IDENTITY);
  }

  @Test
  void withoutTheLibraryItIsNotOfferedAndNotTaken() throws Exception {
    Class<?> compression =
        new WithoutZstd().loadClass("io.volare.transport.grpc.Compression", true);
    Object zstd = compression.getField("ZSTD").get(null);

    assertThat(compression.getMethod("isThere").invoke(zstd)).isEqualTo(false);
    assertThat(hidden(compression, "of", CharSequence.class, "zstd")).isNull();
    assertThat(hidden(compression, "best", CharSequence.class, "gzip,zstd")).hasToString("GZIP");
    assertThatThrownBy(() -> hidden(compression, "requireThere", compression, zstd))
        .hasRootCauseInstanceOf(IllegalArgumentException.class)
        .hasRootCauseMessage(
            "compression: zstd (expected: com.github.luben:zstd-jni on the class path)");
  }

  private static Object hidden(Class<?> type, String method, Class<?> parameter, Object argument)
      throws NoSuchMethodException, IllegalAccessException, InvocationTargetException {
    java.lang.reflect.Method found = type.getDeclaredMethod(method, parameter);
    found.setAccessible(true);
    return found.invoke(null, argument);
  }

  /** Loads the transport anew, in a place where zstd-jni is not. */
  private static final class WithoutZstd extends ClassLoader {
    WithoutZstd() {
      super(ZstdMessagesTest.class.getClassLoader());
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (name.startsWith("com.github.luben.")) {
        throw new ClassNotFoundException(name);
      }
      if (!name.startsWith("io.volare.transport.grpc.")) {
        return super.loadClass(name, resolve);
      }
      Class<?> known = findLoadedClass(name);
      return known != null ? known : define(name);
    }

    private Class<?> define(String name) throws ClassNotFoundException {
      try (InputStream in = getResourceAsStream(name.replace('.', '/') + ".class")) {
        byte[] bytes = java.util.Objects.requireNonNull(in, name).readAllBytes();
        return defineClass(name, bytes, 0, bytes.length);
      } catch (IOException unreadable) {
        throw new ClassNotFoundException(name, unreadable);
      }
    }
  }
}
