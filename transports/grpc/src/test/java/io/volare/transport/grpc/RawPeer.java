package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A client that writes HTTP/2 frame by frame, right or wrong, on a socket that blocks. */
final class RawPeer implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int PRIORITY = 2;
  static final int RST = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;
  static final int ACK = 1;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;

  private static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

  private final Socket socket;
  private final OutputStream out;
  private final DataInputStream in;
  private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder();

  private RawPeer(Socket socket) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(15_000);
    out = new BufferedOutputStream(socket.getOutputStream(), 64 * 1024);
    in = new DataInputStream(socket.getInputStream());
  }

  /** Connects, and says nothing. */
  static RawPeer silent(Endpoint server) throws IOException {
    Address.Tcp address = (Address.Tcp) server.address();
    return new RawPeer(new Socket(address.host(), address.port()));
  }

  /** Connects, and exchanges prefaces and settings. */
  static RawPeer connect(Endpoint server, int... settings) throws IOException {
    return greet(silent(server), settings);
  }

  /** Exchanges prefaces and settings over {@code socket}. */
  static RawPeer over(Socket socket) throws IOException {
    return greet(new RawPeer(socket));
  }

  private static RawPeer greet(RawPeer peer, int... settings) throws IOException {
    peer.bytes(PREFACE.getBytes(StandardCharsets.US_ASCII));
    ByteBuf payload = Unpooled.buffer();
    for (int i = 0; i < settings.length; i += 2) {
      payload.writeShort(settings[i]).writeInt(settings[i + 1]);
    }
    peer.frame(SETTINGS, 0, 0, payload);
    peer.flush();
    peer.await(SETTINGS);
    peer.frame(SETTINGS, ACK, 0);
    peer.flush();
    return peer;
  }

  RawPeer bytes(byte... bytes) throws IOException {
    out.write(bytes);
    return this;
  }

  RawPeer frame(int type, int flags, int stream) throws IOException {
    return frame(type, flags, stream, Unpooled.EMPTY_BUFFER);
  }

  RawPeer frame(int type, int flags, int stream, ByteBuf payload) throws IOException {
    byte[] bytes = ByteBufUtil.getBytes(payload);
    ByteBuf header = Unpooled.buffer(9);
    header.writeMedium(bytes.length).writeByte(type).writeByte(flags).writeInt(stream);
    out.write(header.array(), 0, 9);
    out.write(bytes);
    return this;
  }

  RawPeer windowUpdate(int stream, int increment) throws IOException {
    return frame(WINDOW_UPDATE, 0, stream, Unpooled.copyInt(increment));
  }

  RawPeer reset(int stream) throws IOException {
    return frame(RST, 0, stream, Unpooled.copyInt(8));
  }

  /** A block of headers: names and values in turn. */
  static ByteBuf block(String... headers) {
    ByteBuf block = Unpooled.buffer();
    for (int i = 0; i < headers.length; i += 2) {
      Hpack.literal(block, AsciiString.of(headers[i]), AsciiString.of(headers[i + 1]));
    }
    return block;
  }

  /** What a gRPC client says first. */
  static ByteBuf call(String method, String... more) {
    return block(
            ":method",
            "POST",
            ":scheme",
            "http",
            ":path",
            "/test.Echo/" + method,
            ":authority",
            "test",
            "te",
            "trailers",
            "content-type",
            "application/grpc")
        .writeBytes(block(more));
  }

  RawPeer headers(int stream, boolean end, ByteBuf block) throws IOException {
    return frame(HEADERS, END_HEADERS | (end ? END_STREAM : 0), stream, block);
  }

  /** A message of the Protobuf type StringValue, in one frame. */
  RawPeer message(int stream, boolean end, String text) throws IOException {
    return frame(DATA, end ? END_STREAM : 0, stream, framed(text));
  }

  static ByteBuf framed(String text) {
    byte[] message = com.google.protobuf.StringValue.of(text).toByteArray();
    return Unpooled.buffer().writeByte(0).writeInt(message.length).writeBytes(message);
  }

  /** A whole unary call. */
  RawPeer unary(int stream, String text) throws IOException {
    return headers(stream, false, call("Unary")).message(stream, true, text);
  }

  RawPeer flush() throws IOException {
    out.flush();
    return this;
  }

  /** {@return the next frame, or null at the end of the connection} */
  @Nullable Frame read() throws IOException {
    Frame frame = readRaw();
    return frame == null || frame.type != HEADERS
        ? frame
        : new Frame(
            frame.type,
            frame.flags,
            frame.stream,
            frame.payload,
            decode(frame.stream, frame.payload));
  }

  /** {@return the next frame, its headers not decoded, or null at the end of the connection} */
  @Nullable Frame readRaw() throws IOException {
    try {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int stream = in.readInt();
      byte[] payload = new byte[length];
      in.readFully(payload);
      return new Frame(type, flags, stream, payload, null);
    } catch (EOFException | SocketException end) {
      return null;
    }
  }

  private Http2Headers decode(int stream, byte[] payload) {
    try {
      return decoder.decodeHeaders(stream, Unpooled.wrappedBuffer(payload));
    } catch (Http2Exception wrong) {
      throw new IllegalStateException(wrong);
    }
  }

  /** {@return the next frame of this type; what comes before it is dropped} */
  Frame await(int type) throws IOException {
    for (Frame frame = read(); ; frame = read()) {
      assertThat(frame).as("a frame of type %d before the end", type).isNotNull();
      if (frame.type == type && !(type == SETTINGS && frame.flags == ACK)) {
        return frame;
      }
    }
  }

  /** {@return the trailers of a stream; what comes before them is dropped} */
  Http2Headers trailers(int stream) throws IOException {
    for (Frame frame = await(HEADERS); ; frame = await(HEADERS)) {
      if (frame.stream == stream && (frame.flags & END_STREAM) != 0) {
        return java.util.Objects.requireNonNull(frame.headers);
      }
    }
  }

  /** {@return the GOAWAY that ends the connection, or null if it ends without one} */
  @Nullable Frame end() throws IOException {
    Frame goAway = null;
    try {
      flush();
    } catch (IOException closed) {
      // what it has said before can still be read
    }
    for (Frame frame = read(); frame != null; frame = read()) {
      goAway = frame.type == GOAWAY ? frame : goAway;
    }
    return goAway;
  }

  /** Checks that the server still answers on this connection. */
  void stillServes(int stream) throws IOException {
    unary(stream, "still there").flush();
    assertThat(trailers(stream).get("grpc-status")).hasToString("0");
  }

  boolean available() throws IOException {
    return in.available() > 0;
  }

  Socket socket() {
    return socket;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  record Frame(int type, int flags, int stream, byte[] payload, @Nullable Http2Headers headers) {
    boolean ends() {
      return (type == DATA || type == HEADERS) && (flags & END_STREAM) != 0;
    }

    /** {@return the error of RST_STREAM or GOAWAY} */
    long error() {
      return Unpooled.wrappedBuffer(payload).getUnsignedInt(type == GOAWAY ? 4 : 0);
    }

    String debug() {
      return new String(payload, 8, payload.length - 8, StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
      return "type %d flags %d stream %d: %s"
          .formatted(type, flags, stream, headers == null ? ByteBufUtil.hexDump(payload) : headers);
    }
  }
}
