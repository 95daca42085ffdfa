package io.volare.transport.thrift;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.volare.codec.thrift.ApplicationError;
import io.volare.codec.thrift.TType;
import io.volare.codec.thrift.ThriftMessage;
import io.volare.codec.thrift.ThriftReader;
import io.volare.codec.thrift.ThriftWriter;
import io.volare.rpc.Endpoint;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.function.Consumer;

/** A client that sends what a test says, byte by byte, and sees what comes back. */
final class RawPeer implements AutoCloseable {
  private final Socket socket = new Socket();
  private final DataInputStream in;

  RawPeer(Endpoint server) throws IOException {
    this(server, 0);
  }

  RawPeer(Endpoint server, int receiveBufferBytes) throws IOException {
    if (receiveBufferBytes > 0) {
      socket.setReceiveBufferSize(receiveBufferBytes);
    }
    int port = ((io.volare.rpc.Address.Tcp) server.address()).port();
    socket.connect(new InetSocketAddress("127.0.0.1", port));
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(5_000);
    in = new DataInputStream(socket.getInputStream());
  }

  void send(byte[] bytes) throws IOException {
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException alreadyClosed) {
      // what comes back says the rest
    }
  }

  /** Sends while the test goes on. */
  void sendAside(byte[] bytes) {
    Thread.ofVirtual()
        .start(() -> {
          try {
            send(bytes);
          } catch (IOException closed) {
            // what comes back says the rest
          }
        });
  }

  byte[] read(int bytes) throws IOException {
    byte[] read = in.readNBytes(bytes);
    if (read.length < bytes) {
      throw new EOFException(read.length + " of " + bytes + " B");
    }
    return read;
  }

  /** {@return the next reply of a form that has a length in front} */
  Answered receive() throws IOException {
    int length = in.readInt();
    byte[] rest = in.readNBytes(length);
    if (rest.length < length) {
      throw new EOFException();
    }
    return Answered.of(bytes(out -> out.writeInt(length).writeBytes(rest)));
  }

  /** {@return all that comes until the server closes} */
  byte[] receiveAll() throws IOException {
    try {
      return in.readAllBytes();
    } catch (java.net.SocketException reset) {
      return new byte[0];
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  /** A reply as it came. */
  record Answered(Frame frame, ThriftMessage envelope) {
    static Answered of(byte[] bytes) {
      Frame frame = WireBytes.frame(bytes);
      return new Answered(frame, ThriftMessage.read(WireBytes.reader(frame)));
    }

    private ThriftReader body() {
      ThriftReader reader = WireBytes.reader(frame);
      ThriftMessage.read(reader);
      return reader;
    }

    ApplicationError error() {
      return ApplicationError.read(body());
    }

    String text() throws Exception {
      return EchoService.ECHO.result().read(body());
    }

    String header(String name) {
      return frame.header().value(name);
    }
  }

  static byte[] bytes(Consumer<ByteBuf> writing) {
    ByteBuf out = Unpooled.buffer();
    writing.accept(out);
    return ByteBufUtil.getBytes(out);
  }

  /** {@return a bare call of echo whose argument struct is what {@code fields} writes} */
  static byte[] bare(int sequence, Consumer<ThriftWriter> fields) {
    return bytes(out -> {
      ThriftWriter writer = new ThriftWriter(out);
      ThriftMessage.write(writer, ThriftMessage.CALL, "echo", sequence);
      fields.accept(writer);
    });
  }

  static byte[] framed(byte[] message) {
    return bytes(out -> out.writeInt(message.length).writeBytes(message));
  }

  static byte[] headed(int flags, byte[] payload) {
    return headed(header -> header.flags(flags), payload);
  }

  static byte[] headed(Consumer<TtHeader> setting, byte[] payload) {
    return bytes(out -> {
      TtHeader header = new TtHeader();
      setting.accept(header);
      int start = header.write(out);
      out.writeBytes(payload);
      TtHeader.finish(out, start);
    });
  }

  static byte[] echo(int sequence, String text) {
    return bare(sequence, out -> argument(out, text));
  }

  static void argument(ThriftWriter out, String text) {
    out.writeFieldBegin(TType.STRING, 1);
    out.writeString(text);
    out.writeFieldStop();
  }
}
