package io.volare.codec.protobuf;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.netty.buffer.ByteBuf;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.RpcException;
import java.io.IOException;

/** Messages into and out of Netty buffers, without a copy in between. Stateless. */
public final class ProtobufMessages {
  private ProtobufMessages() {}

  /**
   * Writes {@code message} behind what is in {@code out}.
   *
   * @param bytes its {@link MessageLite#getSerializedSize()}, which the caller has asked for anyway
   * @throws RpcException of kind {@code INTERNAL} if the message is not of that size any more
   */
  public static void write(MessageLite message, int bytes, ByteBuf out) {
    int start = out.writerIndex();
    CodedOutputStream coded = coded(out, bytes);
    try {
      message.writeTo(coded);
      coded.flush();
      coded.checkNoSpaceLeft();
    } catch (IOException | IllegalStateException changed) {
      throw RpcException.of(
          Kind.INTERNAL,
          "message %s: not of %d B any more (expected: left alone while it is sent)"
              .formatted(message.getClass().getSimpleName(), bytes),
          changed);
    }
    out.writerIndex(start + bytes);
  }

  /**
   * Writes {@code message} behind what is in {@code out}, without asking it for its size, which
   * costs a look at each character of its strings.
   *
   * @param most bytes that it may take
   * @return how many it took; -1 if it needs more, and {@code out} holds what it held before
   * @throws RpcException of kind {@code INTERNAL} if the message changes meanwhile
   */
  public static int writeWithin(MessageLite message, int most, ByteBuf out) {
    if (out.hasArray()) {
      return writeMeasured(message, most, out);
    }
    int start = out.writerIndex();
    CodedOutputStream coded = coded(out, most);
    try {
      message.writeTo(coded);
      coded.flush();
    } catch (CodedOutputStream.OutOfSpaceException larger) {
      return -1;
    } catch (IOException | IllegalStateException changed) {
      throw RpcException.of(
          Kind.INTERNAL,
          "message %s: cannot be written (expected: left alone while it is sent)"
              .formatted(message.getClass().getSimpleName()),
          changed);
    }
    int bytes = most - coded.spaceLeft();
    out.writerIndex(start + bytes);
    return bytes;
  }

  /** What protobuf-java writes strings into arrays with goes beyond its end (4.36.2). */
  private static int writeMeasured(MessageLite message, int most, ByteBuf out) {
    int bytes = message.getSerializedSize();
    if (bytes > most) {
      return -1;
    }
    write(message, bytes, out);
    return bytes;
  }

  private static CodedOutputStream coded(ByteBuf out, int bytes) {
    out.ensureWritable(bytes);
    int start = out.writerIndex();
    return out.hasArray()
        ? CodedOutputStream.newInstance(out.array(), out.arrayOffset() + start, bytes)
        : CodedOutputStream.newInstance(out.nioBuffer(start, bytes));
  }

  /**
   * Reads all that is in {@code in} as one message, which keeps nothing of it.
   *
   * @throws RpcException of kind {@code PROTOCOL} if it is none
   */
  public static <T extends MessageLite> T read(Parser<T> parser, ByteBuf in) {
    int bytes = in.readableBytes();
    CodedInputStream coded =
        in.hasArray()
            ? CodedInputStream.newInstance(in.array(), in.arrayOffset() + in.readerIndex(), bytes)
            : CodedInputStream.newInstance(in.nioBuffer());
    try {
      T message = parser.parseFrom(coded);
      coded.checkLastTagWas(0);
      in.skipBytes(bytes);
      return message;
    } catch (InvalidProtocolBufferException wrong) {
      throw RpcException.of(
          Kind.PROTOCOL, "message of %d B: %s".formatted(bytes, wrong.getMessage()), wrong);
    }
  }
}
