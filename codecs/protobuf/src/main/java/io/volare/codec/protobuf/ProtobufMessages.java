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
  /** What is small is gathered before it goes to a buffer that grows. */
  private static final int GATHERED_BYTES = 4096;

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
      throw cannotBeWritten(message, changed);
    }
    int bytes = most - coded.spaceLeft();
    out.writerIndex(start + bytes);
    return bytes;
  }

  /**
   * Writes {@code message} behind what is in {@code out}, which grows as it takes. Neither the
   * message nor a long string in it is asked for its size before; for that protobuf-java takes an
   * array of three times a string's length, and so this is for messages that are large.
   *
   * @param most bytes that it may take
   * @return how many it took; -1 if it needs more, and {@code out} holds what it held before
   * @throws RpcException of kind {@code INTERNAL} if the message changes meanwhile
   */
  public static int writeGrowing(MessageLite message, int most, ByteBuf out) {
    int start = out.writerIndex();
    boolean whole = false;
    try {
      CodedOutputStream coded =
          CodedOutputStream.newInstance(new BoundedOutput(out, most), GATHERED_BYTES);
      message.writeTo(coded);
      coded.flush();
      whole = true;
      return out.writerIndex() - start;
    } catch (BoundedOutput.FullException larger) {
      return -1;
    } catch (IOException | IllegalStateException changed) {
      throw cannotBeWritten(message, changed);
    } finally {
      if (!whole) {
        out.writerIndex(start);
      }
    }
  }

  private static RpcException cannotBeWritten(MessageLite message, Exception changed) {
    return RpcException.of(
        Kind.INTERNAL,
        "message %s: cannot be written (expected: left alone while it is sent)"
            .formatted(message.getClass().getSimpleName()),
        changed);
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
    if (in.hasArray()) {
      T message = parsed(parser, in.array(), in.arrayOffset() + in.readerIndex(), bytes);
      in.skipBytes(bytes);
      return message;
    }
    Scratch scratch = Scratch.take();
    try {
      byte[] array = scratch.array(bytes);
      in.getBytes(in.readerIndex(), array, 0, bytes);
      T message = parsed(parser, array, 0, bytes);
      in.skipBytes(bytes);
      return message;
    } finally {
      scratch.giveBack();
    }
  }

  private static <T extends MessageLite> T parsed(
      Parser<T> parser, byte[] array, int offset, int bytes) {
    CodedInputStream coded = CodedInputStream.newInstance(array, offset, bytes);
    try {
      T message = parser.parseFrom(coded);
      coded.checkLastTagWas(0);
      return message;
    } catch (InvalidProtocolBufferException wrong) {
      throw RpcException.of(
          Kind.PROTOCOL, "message of %d B: %s".formatted(bytes, wrong.getMessage()), wrong);
    }
  }
}
