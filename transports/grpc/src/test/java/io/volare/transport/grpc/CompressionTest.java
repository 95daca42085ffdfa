package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.RpcException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class CompressionTest {
  private static final ByteBufAllocator ALLOCATOR = ByteBufAllocator.DEFAULT;

  private static ByteBuf of(byte[] bytes) {
    return ALLOCATOR.buffer().writeBytes(bytes);
  }

  @Test
  void whatWasCompressedComesBack() {
    byte[] text = "compress me ".repeat(10_000).getBytes(StandardCharsets.UTF_8);

    ByteBuf small = Compression.GZIP.compress(of(text), ALLOCATOR);
    int compressedBytes = small.readableBytes();
    ByteBuf back = Compression.GZIP.decompress(small, text.length, ALLOCATOR);

    assertThat(compressedBytes).isLessThan(text.length / 10);
    assertThat(back.toString(StandardCharsets.UTF_8)).isEqualTo("compress me ".repeat(10_000));
    back.release();
  }

  @Test
  void aBombIsStoppedAtTheLimit() {
    ByteBuf bomb = Compression.GZIP.compress(of(new byte[64 << 20]), ALLOCATOR);
    long before = heldBytes();

    assertThatThrownBy(() -> Compression.GZIP.decompress(bomb, 4 << 20, ALLOCATOR))
        .isInstanceOfSatisfying(
            RpcException.class,
            wrong -> assertThat(wrong.kind()).isEqualTo(Kind.RESOURCE_EXHAUSTED))
        .hasMessageContaining("limit: 4194304 B");

    assertThat(heldBytes() - before).isLessThan(32 << 20);
  }

  private static long heldBytes() {
    return ((io.netty.buffer.ByteBufAllocatorMetricProvider) ALLOCATOR).metric().usedDirectMemory();
  }

  @Test
  void whatIsNoGzipIsAProtocolError() {
    assertThatThrownBy(() -> Compression.GZIP.decompress(of(new byte[20]), 100, ALLOCATOR))
        .isInstanceOfSatisfying(
            RpcException.class, wrong -> assertThat(wrong.kind()).isEqualTo(Kind.PROTOCOL));
    assertThatThrownBy(() -> Compression.GZIP.decompress(of(new byte[0]), 100, ALLOCATOR))
        .isInstanceOf(RpcException.class);
  }

  @Test
  void aCutStreamIsAProtocolError() {
    ByteBuf whole = Compression.GZIP.compress(of(new byte[1000]), ALLOCATOR);
    whole.writerIndex(whole.writerIndex() - 9);

    assertThatThrownBy(() -> Compression.GZIP.decompress(whole, 2000, ALLOCATOR))
        .isInstanceOf(RpcException.class);
  }

  @Test
  void namesAreFoundInListsAsGrpcWritesThem() {
    assertThat(Compression.of("gzip")).isEqualTo(Compression.GZIP);
    assertThat(Compression.of(null)).isEqualTo(Compression.IDENTITY);
    assertThat(Compression.of("br")).isNull();
    assertThat(Compression.GZIP.isAccepted("identity,deflate, gzip")).isTrue();
    assertThat(Compression.GZIP.isAccepted("identity,deflate")).isFalse();
    assertThat(Compression.GZIP.isAccepted(null)).isFalse();
    assertThat(Compression.IDENTITY.isAccepted("gzip")).isTrue();
    assertThat(Compression.IDENTITY.decompress(Unpooled.EMPTY_BUFFER, 1, ALLOCATOR)).isNotNull();
  }
}
