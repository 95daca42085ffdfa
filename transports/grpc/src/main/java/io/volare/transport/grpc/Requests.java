package io.volare.transport.grpc;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.volare.codec.protobuf.ProtobufMessages;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import org.jspecify.annotations.Nullable;

/** How a client's messages become bytes, and what a server's bytes are. */
final class Requests {
  private static final int HEAD_BYTES = 512;

  private Requests() {}

  /**
   * {@return a stream that is not in its connection's outbox yet: its headers, and {@code message}
   * unless it is null}
   *
   * @throws RpcException if it cannot be encoded or is too large; the reserved stream is given back
   */
  static ClientStream open(
      RpcContext context,
      GrpcCallOptions options,
      Connections connections,
      ClientConnection connection,
      @Nullable Object message) {
    boolean collects = !context.method().kind().isStream();
    boolean ends = message != null;
    int most = connections.config().messageBytes();
    RequestHead head = connections.heads().of(context);
    ByteBuf out = connection.alloc().directBuffer(firstBytes(message, head.sizes(), most));
    boolean whole = false;
    try {
      int listBytes =
          head.write(out, context, options.compression(), false, connection.tableMustShrink());
      int headBytes = out.readableBytes();
      if (message != null) {
        Hpack.beginFrame(out);
        write(context, options.compression(), message, head.sizes(), most, out);
        out = MessageSizes.fitted(out);
      }
      ClientStream stream =
          new ClientStream(connection, context, most, collects, out, headBytes, ends, listBytes);
      context.wire().sent(out.readableBytes(), System.nanoTime());
      whole = true;
      return stream;
    } finally {
      if (!whole) {
        out.release();
        connection.unreserve();
      }
    }
  }

  /** {@return a message of an open stream, with room for the header of its frame} */
  static ByteBuf message(
      RpcContext context,
      Compression compression,
      Object message,
      MessageSizes sizes,
      int mostBytes,
      ByteBufAllocator allocator) {
    ByteBuf out = allocator.directBuffer(firstBytes(message, sizes, mostBytes));
    boolean whole = false;
    try {
      Hpack.beginFrame(out);
      write(context, compression, message, sizes, mostBytes, out);
      out = MessageSizes.fitted(out);
      whole = true;
      return out;
    } finally {
      if (!whole) {
        out.release();
      }
    }
  }

  /** A guess that saves growing; what is too large is refused later, and gets no room here. */
  private static int firstBytes(@Nullable Object message, MessageSizes sizes, int most) {
    return HEAD_BYTES + (message instanceof MessageLite known ? sizes.room(known, most) : 0);
  }

  private static void write(
      RpcContext context,
      Compression compression,
      Object message,
      MessageSizes sizes,
      int mostBytes,
      ByteBuf out) {
    if (!(message instanceof MessageLite known)) {
      throw RpcException.notExecuted(
          Kind.INVALID_ARGUMENT,
          "%s: a message of %s (expected: a message of Protobuf)"
              .formatted(context.target(), message.getClass().getName()));
    }
    int prefix = out.writerIndex();
    out.writeByte(compression == Compression.IDENTITY ? 0 : 1).writeInt(0);
    try {
      if (compression == Compression.IDENTITY) {
        sizes.write(known, mostBytes, out);
      } else {
        writeCompressed(known, mostBytes, compression, out);
      }
    } catch (RpcException refused) {
      throw RpcException.notExecuted(
          refused.kind(), context.target() + ": " + refused.getMessage(), refused);
    }
    out.setInt(prefix + 1, out.writerIndex() - prefix - MessageDeframer.PREFIX_BYTES);
  }

  private static void writeCompressed(
      MessageLite message, int mostBytes, Compression compression, ByteBuf out) {
    int bytes = message.getSerializedSize();
    MessageDeframer.checkSize(bytes, mostBytes);
    ByteBufAllocator allocator = out.alloc();
    ByteBuf plain = allocator.directBuffer(Math.max(1, bytes));
    boolean written = false;
    try {
      ProtobufMessages.write(message, bytes, plain);
      written = true;
    } finally {
      if (!written) {
        plain.release();
      }
    }
    ByteBuf compressed = compression.compress(plain, allocator);
    try {
      out.writeBytes(compressed);
    } finally {
      compressed.release();
    }
  }

  /**
   * {@return the message in {@code body}, which is released}
   *
   * @throws RpcException of kind {@code PROTOCOL} if it is none
   */
  static MessageLite read(RpcContext context, Parser<MessageLite> parser, ByteBuf body) {
    try {
      return ProtobufMessages.read(parser, body);
    } catch (RpcException wrong) {
      throw RpcException.of(
          wrong.kind(),
          context.target() + ": the response is not valid: " + wrong.getMessage(),
          wrong);
    } finally {
      body.release();
    }
  }
}
