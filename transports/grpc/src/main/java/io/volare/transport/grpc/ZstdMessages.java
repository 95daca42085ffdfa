package io.volare.transport.grpc;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.RpcException;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;

/**
 * Messages in frames of zstd, by zstd-jni: each message one frame when written, one or more when
 * read. Not to be touched where that library is not.
 *
 * <p>Source: <a href="https://www.rfc-editor.org/rfc/rfc8878">RFC 8878</a>; the window's limit is
 * that of <a href="https://www.rfc-editor.org/rfc/rfc9659">RFC 9659</a>.
 */
final class ZstdMessages {
  /** Frames that need a larger window than 8 MiB are refused, before it is allocated. */
  private static final int MOST_WINDOW_LOG = 23;

  private static final int LEVEL = 3;

  /** What is decompressed at a time. */
  private static final int CHUNK_BYTES = 8 * 1024;

  /** Making one costs ten times what a small message does. */
  private static final Queue<ZstdCompressCtx> COMPRESSORS = spares();

  private static final Queue<ZstdDecompressCtx> DECOMPRESSORS = spares();

  private ZstdMessages() {}

  private static <T> Queue<T> spares() {
    return new ArrayBlockingQueue<>(Runtime.getRuntime().availableProcessors());
  }

  /** {@return {@code message} compressed; it is released} */
  static ByteBuf compress(ByteBuf message, ByteBufAllocator allocator) {
    ByteBuf plain = direct(message, allocator);
    ByteBuf out = allocator.directBuffer((int) Zstd.compressBound(plain.readableBytes()));
    ZstdCompressCtx zstd = spareCompressor();
    boolean whole = false;
    try {
      out.writerIndex(zstd.compress(out.nioBuffer(0, out.capacity()), plain.nioBuffer()));
      whole = true;
      return out;
    } catch (ZstdException failed) {
      throw RpcException.of(Kind.INTERNAL, "zstd: " + failed.getMessage(), failed);
    } finally {
      plain.release();
      if (!whole || !COMPRESSORS.offer(zstd)) {
        zstd.close();
      }
      if (!whole) {
        out.release();
      }
    }
  }

  /**
   * {@return {@code message} as it was; it is released} The buffer grows with what comes out, never
   * with what a frame claims, and holds at most one byte beyond the limit.
   */
  static ByteBuf decompress(ByteBuf message, int mostBytes, ByteBufAllocator allocator) {
    ByteBuf in = direct(message, allocator);
    ByteBuf out = allocator.directBuffer((int) Math.min(2L * in.readableBytes() + 1, mostBytes));
    ZstdDecompressCtx zstd = spareDecompressor();
    boolean whole = false;
    try {
      decompress(zstd, in.nioBuffer(), out, mostBytes);
      whole = true;
      return out;
    } catch (ZstdException wrong) {
      throw RpcException.of(Kind.PROTOCOL, "zstd: " + wrong.getMessage(), wrong);
    } finally {
      in.release();
      if (!whole || !DECOMPRESSORS.offer(zstd)) {
        zstd.close();
      }
      if (!whole) {
        out.release();
      }
    }
  }

  private static ZstdCompressCtx spareCompressor() {
    ZstdCompressCtx spare = COMPRESSORS.poll();
    return spare != null ? spare : new ZstdCompressCtx().setLevel(LEVEL);
  }

  private static ZstdDecompressCtx spareDecompressor() {
    ZstdDecompressCtx spare = DECOMPRESSORS.poll();
    return spare != null ? spare : new ZstdDecompressCtx().setLongMax(MOST_WINDOW_LOG);
  }

  private static void decompress(
      ZstdDecompressCtx zstd, ByteBuffer in, ByteBuf out, int mostBytes) {
    boolean frameEnded = false;
    boolean full = false;
    while (in.hasRemaining() || full && !frameEnded) {
      ByteBuffer room = room(out, mostBytes);
      frameEnded = zstd.decompressDirectByteBufferStream(room, in);
      out.writerIndex(out.writerIndex() + room.position());
      Compression.checkSize(out.readableBytes(), mostBytes);
      full = !room.hasRemaining();
    }
    if (!frameEnded) {
      throw RpcException.of(Kind.PROTOCOL, "zstd: the message ends within a frame");
    }
  }

  private static ByteBuffer room(ByteBuf out, int mostBytes) {
    int left = (int) Math.min(mostBytes + 1L, Integer.MAX_VALUE) - out.readableBytes();
    out.ensureWritable(Math.min(CHUNK_BYTES, left));
    return out.nioBuffer(out.writerIndex(), Math.min(out.writableBytes(), left));
  }

  /** {@return the same bytes where the library can read them, in place of {@code message}} */
  private static ByteBuf direct(ByteBuf message, ByteBufAllocator allocator) {
    if (message.isDirect() && message.nioBufferCount() == 1) {
      return message;
    }
    ByteBuf copy = allocator.directBuffer(Math.max(1, message.readableBytes()));
    copy.writeBytes(message);
    message.release();
    return copy;
  }
}
