package io.volare.transport.grpc;

import static java.util.Objects.requireNonNull;

import com.github.luben.zstd.util.Native;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.util.AsciiString;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.RpcException;
import java.io.IOException;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * How the messages of a stream may be compressed. Thread-safe.
 *
 * <p>Source: gRPC's <a
 * href="https://github.com/grpc/grpc/blob/master/doc/compression.md">compression</a>.
 */
public enum Compression {
  /** Not at all. */
  IDENTITY("identity") {
    @Override
    ByteBuf compress(ByteBuf message, ByteBufAllocator allocator) {
      return message;
    }

    @Override
    ByteBuf decompress(ByteBuf message, int mostBytes, ByteBufAllocator allocator) {
      return message;
    }
  },

  /** The JDK's gzip. */
  GZIP("gzip") {
    @Override
    ByteBuf compress(ByteBuf message, ByteBufAllocator allocator) {
      ByteBuf out = allocator.buffer(Math.max(64, message.readableBytes() / 2));
      try (GZIPOutputStream gzip = new GZIPOutputStream(new ByteBufOutputStream(out))) {
        message.readBytes(gzip, message.readableBytes());
      } catch (IOException | RuntimeException failed) {
        out.release();
        throw RpcException.of(Kind.INTERNAL, "gzip: " + failed.getMessage(), failed);
      } finally {
        message.release();
      }
      return out;
    }

    @Override
    ByteBuf decompress(ByteBuf message, int mostBytes, ByteBufAllocator allocator) {
      ByteBuf out =
          allocator.buffer(firstBytes(message, mostBytes), (int) mostHeldBytes(mostBytes));
      boolean whole = false;
      try (GZIPInputStream gzip = new GZIPInputStream(new ByteBufInputStream(message))) {
        while (out.writeBytes(gzip, CHUNK_BYTES) >= 0) {
          checkSize(out.readableBytes(), mostBytes);
        }
        whole = true;
        return out;
      } catch (IOException wrong) {
        throw RpcException.of(Kind.PROTOCOL, "gzip: " + wrong.getMessage(), wrong);
      } finally {
        message.release();
        if (!whole) {
          out.release();
        }
      }
    }
  },

  /** Zstandard, where {@code com.github.luben:zstd-jni} is on the class path. */
  ZSTD("zstd") {
    @Override
    public boolean isThere() {
      return Optional.ZSTD;
    }

    @Override
    ByteBuf compress(ByteBuf message, ByteBufAllocator allocator) {
      return ZstdMessages.compress(message, allocator);
    }

    @Override
    ByteBuf decompress(ByteBuf message, int mostBytes, ByteBufAllocator allocator) {
      return ZstdMessages.decompress(message, mostBytes, allocator);
    }
  };

  /** What is decompressed at a time, and so the most beyond the limit. */
  private static final int CHUNK_BYTES = 8 * 1024;

  /** What this side understands, as {@code grpc-accept-encoding} says it. */
  static final AsciiString ACCEPTED =
      AsciiString.cached(Optional.ZSTD ? "identity,gzip,zstd" : "identity,gzip");

  private final AsciiString wireName;

  Compression(String wireName) {
    this.wireName = AsciiString.cached(wireName);
  }

  /** {@return whether this process can do it; what needs no library always is} */
  public boolean isThere() {
    return true;
  }

  /**
   * {@return {@code compression}}
   *
   * @throws IllegalArgumentException if its library is missing
   */
  static Compression requireThere(Compression compression) {
    if (!requireNonNull(compression, "compression").isThere()) {
      throw new IllegalArgumentException(
          "compression: zstd (expected: com.github.luben:zstd-jni on the class path)");
    }
    return compression;
  }

  /** {@return the name on the wire} */
  AsciiString wireName() {
    return wireName;
  }

  /** {@return the compression of this name; identity for null, null for one that is not known} */
  static @Nullable Compression of(@Nullable CharSequence wireName) {
    if (wireName == null || AsciiString.contentEquals(wireName, IDENTITY.wireName)) {
      return IDENTITY;
    }
    if (AsciiString.contentEquals(wireName, GZIP.wireName)) {
      return GZIP;
    }
    return Optional.ZSTD && AsciiString.contentEquals(wireName, ZSTD.wireName) ? ZSTD : null;
  }

  /** {@return the best that a peer with this {@code grpc-accept-encoding} and this side can do} */
  static Compression best(@Nullable CharSequence list) {
    if (Optional.ZSTD && ZSTD.isAccepted(list)) {
      return ZSTD;
    }
    return GZIP.isAccepted(list) ? GZIP : IDENTITY;
  }

  /** {@return whether a list as in {@code grpc-accept-encoding} has this one} */
  boolean isAccepted(@Nullable CharSequence list) {
    if (list == null) {
      return this == IDENTITY;
    }
    for (String name : list.toString().split(",")) {
      if (AsciiString.contentEquals(wireName, name.strip())) {
        return true;
      }
    }
    return this == IDENTITY;
  }

  /** {@return {@code message} compressed; it is released, or returned itself} */
  abstract ByteBuf compress(ByteBuf message, ByteBufAllocator allocator);

  /**
   * {@return {@code message} as it was; it is released, or returned itself}
   *
   * @param mostBytes the largest that it may have been
   * @throws RpcException of kind {@code RESOURCE_EXHAUSTED} as soon as it turns out larger; of kind
   *     {@code PROTOCOL} if it is not what it says it is
   */
  abstract ByteBuf decompress(ByteBuf message, int mostBytes, ByteBufAllocator allocator);

  private static int firstBytes(ByteBuf message, int mostBytes) {
    return (int) Math.min(Math.max(64L, 2L * message.readableBytes()), mostHeldBytes(mostBytes));
  }

  /** {@return how far a buffer may grow before its size is looked at} */
  private static long mostHeldBytes(int mostBytes) {
    return Math.min(Integer.MAX_VALUE, (long) mostBytes + 2 * CHUNK_BYTES);
  }

  static void checkSize(int bytes, int mostBytes) {
    if (bytes > mostBytes) {
      throw RpcException.of(
          Kind.RESOURCE_EXHAUSTED,
          "message: more than %d B once decompressed (limit: %d B)"
              .formatted(mostBytes, mostBytes));
    }
  }

  /** Looked for once. */
  private static final class Optional {
    static final boolean ZSTD = isZstdThere();

    /** Not in {@link ZstdMessages}, which cannot even be loaded without the library. */
    private static boolean isZstdThere() {
      try {
        Native.load();
        return true;
      } catch (LinkageError absent) {
        return false;
      }
    }
  }
}
