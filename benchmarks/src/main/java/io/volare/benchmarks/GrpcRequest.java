package io.volare.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The bytes of a call.
 *
 * @param firstHead the block of headers of the first call of a connection
 * @param head that of all others, which finds the headers in the table
 * @param body its messages, each behind its prefix
 * @param answerBytes what has to come back
 * @param messages that it is counted as
 * @param staysOpen whether the stream is left open once the answer is there
 */
record GrpcRequest(
    ByteBuf firstHead,
    ByteBuf head,
    ByteBuf body,
    int answerBytes,
    int messages,
    boolean staysOpen) {
  private static final int LARGEST_STATIC_INDEX = 61;

  /** What is called. */
  enum Call {
    /** One message, the same back. */
    ECHO("/protobuf.Echo/echo"),
    /** A stream to the server. */
    UP("/streams.Streams/up"),
    /** A stream from the server. */
    DOWN("/streams.Streams/down"),
    /** A stream whose messages come back. */
    BOTH("/streams.Streams/both"),
    /** The same, of one message, and then it is left open. */
    HOLD("/streams.Streams/both");

    private final String path;

    Call(String path) {
      this.path = path;
    }
  }

  static GrpcRequest of(Options options) {
    Call call = options.choice("call", Call.ECHO);
    int size = options.number("size", 1024);
    int messages = call == Call.ECHO || call == Call.HOLD ? 1 : options.number("messages", 1000);
    ByteBuf message = call == Call.ECHO ? echo(size) : chunk(0, size);
    ByteBuf stream = prefixed(message, call == Call.DOWN ? 1 : messages);
    int bytes = stream.readableBytes();
    return switch (call) {
      case ECHO, BOTH, HOLD -> request(call, options, stream, bytes, messages);
      case UP ->
          request(call, options, stream, prefixed(chunk(messages, 0), 1).readableBytes(), messages);
      case DOWN ->
          request(call, options, prefixed(chunk(messages, size), 1), bytes * messages, messages);
    };
  }

  private static GrpcRequest request(
      Call call, Options options, ByteBuf body, int answerBytes, int messages) {
    List<Map.Entry<String, String>> headers =
        new ArrayList<>(
            List.of(
                Map.entry(":method", "POST"),
                Map.entry(":scheme", "http"),
                Map.entry(":path", call.path),
                Map.entry(":authority", "127.0.0.1"),
                Map.entry("te", "trailers"),
                Map.entry("content-type", "application/grpc"),
                Map.entry("user-agent", "volare-bench")));
    int deadlineMillis = options.number("deadline", 0);
    if (deadlineMillis > 0) {
      headers.add(Map.entry("grpc-timeout", deadlineMillis + "m"));
    }
    ByteBuf first = Unpooled.buffer();
    ByteBuf later = Unpooled.buffer();
    for (int i = 0; i < headers.size(); i++) {
      literal(first, 0x40, headers.get(i).getKey(), headers.get(i).getValue());
      later.writeByte(0x80 | LARGEST_STATIC_INDEX + headers.size() - i);
    }
    for (int i = 0; i < options.number("metainfo", 0); i++) {
      literal(first, 0, "rpc-persist-key-" + i, "value-" + i);
      literal(later, 0, "rpc-persist-key-" + i, "value-" + i);
    }
    return new GrpcRequest(first, later, body, answerBytes, messages, call == Call.HOLD);
  }

  /** A new name and its value, to be remembered where {@code kind} is 0x40, or to be forgotten. */
  private static void literal(ByteBuf out, int kind, String name, String value) {
    out.writeByte(kind);
    out.writeByte(name.length()).writeCharSequence(name, StandardCharsets.US_ASCII);
    out.writeByte(value.length()).writeCharSequence(value, StandardCharsets.US_ASCII);
  }

  private static ByteBuf prefixed(ByteBuf message, int times) {
    ByteBuf out = Unpooled.buffer();
    int length = message.readableBytes();
    for (int i = 0; i < times; i++) {
      out.writeByte(0).writeInt(length).writeBytes(message, 0, length);
    }
    return out;
  }

  private static ByteBuf echo(int size) {
    ByteBuf out = Unpooled.buffer();
    bytes(out, 0x0a, "echo");
    bytes(out, 0x12, "m".repeat(size));
    return out;
  }

  private static ByteBuf chunk(int count, int size) {
    ByteBuf out = Unpooled.buffer();
    if (count > 0) {
      number(out.writeByte(0x08), count);
    }
    bytes(out, 0x12, "m".repeat(size));
    return out;
  }

  /** What is empty is not written, as Protobuf has it. */
  private static void bytes(ByteBuf out, int tag, String text) {
    if (!text.isEmpty()) {
      number(out.writeByte(tag), text.length());
      out.writeCharSequence(text, StandardCharsets.US_ASCII);
    }
  }

  private static void number(ByteBuf out, int value) {
    int rest = value;
    for (; rest > 0x7f; rest >>>= 7) {
      out.writeByte(rest & 0x7f | 0x80);
    }
    out.writeByte(rest);
  }
}
