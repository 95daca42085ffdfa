package io.volare.transport.grpc;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.volare.rpc.Endpoint;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** A server that does what a test says, frame by frame. */
final class ScriptedServer implements AutoCloseable {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;

  static final int MAX_CONCURRENT_STREAMS = 3;
  static final int INITIAL_WINDOW_SIZE = 4;
  static final int MAX_HEADER_LIST_SIZE = 6;

  private static final int PREFACE_BYTES = 24;

  private final ServerSocket listening;
  private final String alpn;
  private final List<Peer> peers = new ArrayList<>();

  ScriptedServer() {
    this(0);
  }

  ScriptedServer(int port) {
    this(port, ServerSocketFactory.getDefault(), null);
  }

  private ScriptedServer(int port, ServerSocketFactory sockets, String alpn) {
    this.alpn = alpn;
    try {
      listening = sockets.createServerSocket(port, 50, InetAddress.getByName("127.0.0.1"));
      listening.setSoTimeout(10_000);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** {@return a server that speaks the JDK's TLS and chooses {@code alpn}, null for nothing} */
  static ScriptedServer tls(SSLContext tls, String alpn) {
    return new ScriptedServer(0, tls.getServerSocketFactory(), alpn);
  }

  int port() {
    return listening.getLocalPort();
  }

  Endpoint endpoint() {
    return Endpoint.tcp("127.0.0.1", port());
  }

  /** {@return the next connection, with the client's preface read and nothing said} */
  Peer acceptSilently() throws IOException {
    Socket socket = listening.accept();
    socket.setSoTimeout(10_000);
    socket.setTcpNoDelay(true);
    if (alpn != null) {
      SSLSocket tls = (SSLSocket) socket;
      SSLParameters parameters = tls.getSSLParameters();
      parameters.setApplicationProtocols(new String[] {alpn});
      tls.setSSLParameters(parameters);
    }
    Peer peer = new Peer(socket);
    peers.add(peer);
    peer.in.readNBytes(PREFACE_BYTES);
    return peer;
  }

  /** {@return the next connection, greeted with these settings: numbers and values in turn} */
  Peer accept(int... settings) throws IOException {
    Peer peer = acceptSilently();
    peer.settings(settings);
    return peer;
  }

  /** {@return whether nobody connects for so long} */
  boolean hasNoConnection(int millis) throws IOException {
    listening.setSoTimeout(millis);
    try (Socket unexpected = listening.accept()) {
      return false;
    } catch (java.net.SocketTimeoutException none) {
      return true;
    } finally {
      listening.setSoTimeout(10_000);
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Peer peer : peers) {
      peer.socket.close();
    }
  }

  /**
   * A frame of the client's.
   *
   * @param payload all of it
   */
  record Frame(int type, int flags, int stream, byte[] payload) {
    boolean ends() {
      return (flags & 1) != 0;
    }

    long number() {
      return Unpooled.wrappedBuffer(payload).getUnsignedInt(0);
    }
  }

  /** One connection. */
  static final class Peer {
    private final Socket socket;
    private final DataInputStream in;
    private final OutputStream out;
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(true);

    Peer(Socket socket) throws IOException {
      this.socket = socket;
      in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream()));
      out = socket.getOutputStream();
    }

    /**
     * Says no more, hears the client out and closes. A socket that is closed with bytes unread
     * resets the connection, and what it said before may never arrive.
     */
    void close() throws IOException {
      socket.shutdownOutput();
      if (!isClosed()) {
        throw new AssertionError("the client keeps a connection that has ended");
      }
      socket.close();
    }

    /** {@return the next frame that is of a call, or a ping or GOAWAY} */
    Frame next() throws IOException {
      while (true) {
        Frame frame = read();
        if (frame.type == SETTINGS && (frame.flags & 1) == 0) {
          write(SETTINGS, 1, 0, new byte[0]);
        } else if (frame.type != SETTINGS && frame.type != WINDOW_UPDATE) {
          return frame;
        }
      }
    }

    Frame next(int type) throws IOException {
      Frame frame = next();
      if (frame.type != type) {
        throw new AssertionError("frame of type " + frame.type + " (expected: " + type + ")");
      }
      return frame;
    }

    private Frame read() throws IOException {
      int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      int type = in.readUnsignedByte();
      int flags = in.readUnsignedByte();
      int stream = in.readInt() & Integer.MAX_VALUE;
      return new Frame(type, flags, stream, in.readNBytes(length));
    }

    /** {@return whether the client has closed the connection, whatever it said before} */
    boolean isClosed() throws IOException {
      try {
        while (true) {
          read();
        }
      } catch (java.io.EOFException | java.net.SocketException closed) {
        return true;
      } catch (java.net.SocketTimeoutException open) {
        return false;
      }
    }

    /**
     * Waits until the client has read all that was written so far, as its answer to a ping shows.
     */
    void awaitRead() throws IOException {
      write(PING, 0, 0, new byte[8]);
      Frame answer = next(PING);
      if (answer.flags != 1) {
        throw new AssertionError("a ping of the client's (expected: its answer to one)");
      }
    }

    Http2Headers headers(Frame frame) throws Http2Exception {
      return decoder.decodeHeaders(frame.stream, Unpooled.wrappedBuffer(frame.payload));
    }

    /** {@return the number of the stream of the next call, whose request is read to its end} */
    int request() throws IOException {
      Frame frame = next(HEADERS);
      while (!frame.ends()) {
        frame = next();
      }
      return frame.stream;
    }

    void raw(byte[] bytes) throws IOException {
      out.write(bytes);
    }

    void write(int type, int flags, int stream, byte[] payload) throws IOException {
      ByteBuf frame = Unpooled.buffer(9 + payload.length);
      Hpack.beginFrame(frame);
      frame.writeBytes(payload);
      Hpack.endFrame(frame, 0, (byte) type, flags, stream);
      out.write(ByteBufUtil.getBytes(frame));
    }

    void settings(int... settings) throws IOException {
      ByteBuf payload = Unpooled.buffer();
      for (int i = 0; i < settings.length; i += 2) {
        payload.writeShort(settings[i]).writeInt(settings[i + 1]);
      }
      write(SETTINGS, 0, 0, ByteBufUtil.getBytes(payload));
    }

    void head(int stream) throws IOException {
      headers(stream, false, ":status", "200", "content-type", "application/grpc");
    }

    void end(int stream, int status) throws IOException {
      headers(stream, true, "grpc-status", Integer.toString(status));
    }

    void headers(int stream, boolean end, String... namesAndValues) throws IOException {
      ByteBuf block = Unpooled.buffer();
      for (int i = 0; i < namesAndValues.length; i += 2) {
        Hpack.literal(
            block, AsciiString.of(namesAndValues[i]), AsciiString.of(namesAndValues[i + 1]));
      }
      write(HEADERS, end ? 5 : 4, stream, ByteBufUtil.getBytes(block));
    }

    void data(int stream, boolean end, byte[] bytes) throws IOException {
      write(DATA, end ? 1 : 0, stream, bytes);
    }

    void message(int stream, MessageLite message) throws IOException {
      data(stream, false, prefixed(0, message.toByteArray()));
    }

    /** Head, one message, status 0. */
    void answer(int stream, MessageLite message) throws IOException {
      head(stream);
      message(stream, message);
      end(stream, 0);
    }

    void reset(int stream, Http2Error error) throws IOException {
      write(RST_STREAM, 0, stream, number((int) error.code()));
    }

    void windowUpdate(int stream, int bytes) throws IOException {
      write(WINDOW_UPDATE, 0, stream, number(bytes));
    }

    void goAway(int lastStream, Http2Error error, String debug) throws IOException {
      ByteBuf payload = Unpooled.buffer();
      payload.writeInt(lastStream).writeInt((int) error.code()).writeBytes(debug.getBytes(UTF_8));
      write(GOAWAY, 0, 0, ByteBufUtil.getBytes(payload));
    }

    private static byte[] number(int value) {
      return ByteBufUtil.getBytes(Unpooled.buffer().writeInt(value));
    }
  }

  static byte[] prefixed(int flags, byte[] message) {
    ByteBuf out = Unpooled.buffer();
    out.writeByte(flags).writeInt(message.length).writeBytes(message);
    return ByteBufUtil.getBytes(out);
  }
}
