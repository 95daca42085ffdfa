package io.volare.transport.thrift;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.volare.codec.thrift.ThriftMessage;
import io.volare.codec.thrift.ThriftReader;
import io.volare.codec.thrift.ThriftWriter;
import io.volare.rpc.Endpoint;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A server on loopback that does what a test says, byte by byte, and nothing else. */
final class ScriptedPeer implements AutoCloseable {
  private final ServerSocket listener;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final AtomicInteger accepted = new AtomicInteger();

  ScriptedPeer(Script script) throws IOException {
    listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(() -> acceptAll(script));
  }

  private void acceptAll(Script script) {
    try {
      while (true) {
        Socket socket = listener.accept();
        socket.setTcpNoDelay(true);
        sockets.add(socket);
        int number = accepted.incrementAndGet();
        Thread.ofVirtual().start(() -> play(script, new Line(socket, number)));
      }
    } catch (IOException closed) {
      // the test is over
    }
  }

  private static void play(Script script, Line line) {
    try (Socket socket = line.socket) {
      script.play(line);
    } catch (IOException gone) {
      // the client has left
    } catch (Exception unexpected) {
      throw new IllegalStateException(unexpected);
    }
  }

  Endpoint endpoint() {
    return Endpoint.tcp("127.0.0.1", listener.getLocalPort());
  }

  int accepted() {
    return accepted.get();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  @FunctionalInterface
  interface Script {
    void play(Line line) throws Exception;
  }

  /** One connection, as the peer sees it. */
  static final class Line {
    private final Socket socket;
    private final DataInputStream in;
    final int number;

    Line(Socket socket, int number) {
      this.socket = socket;
      this.number = number;
      try {
        in = new DataInputStream(socket.getInputStream());
      } catch (IOException broken) {
        throw new java.io.UncheckedIOException(broken);
      }
    }

    /** {@return the next request, whatever has a length in front} */
    Call read() throws IOException {
      int length = in.readInt();
      byte[] rest = new byte[length];
      in.readFully(rest);
      ByteBuf all = Unpooled.buffer(length + 4, length + 4).writeInt(length).writeBytes(rest);
      Frame frame = WireBytes.frame(all.array());
      return new Call(frame, ThriftMessage.read(WireBytes.reader(frame)));
    }

    void send(byte[] bytes) throws IOException {
      socket.getOutputStream().write(bytes);
      socket.getOutputStream().flush();
    }

    /** Asks for other connections, unasked, as a draining server does. */
    void sendConnectionReset() throws IOException {
      ByteBuf frame = ControlFrame.connectionReset(UnpooledByteBufAllocator.DEFAULT);
      byte[] bytes = ByteBufUtil.getBytes(frame);
      frame.release();
      send(bytes);
    }

    /** {@return true once the client has closed} */
    boolean ends() throws IOException {
      return in.read() < 0;
    }

    void reset() throws IOException {
      socket.setSoLinger(true, 0);
      socket.close();
    }

    void limitReceiveBuffer() throws IOException {
      socket.setReceiveBufferSize(4096);
    }
  }

  /** A request as it came. */
  record Call(Frame frame, ThriftMessage envelope) {
    int sequence() {
      return envelope.sequence();
    }

    /** {@return the text of an {@link EchoService} request} */
    String text() {
      ThriftReader reader = WireBytes.reader(frame);
      ThriftMessage.read(reader);
      return EchoService.ECHO.args().read(reader);
    }

    /** {@return the right answer, in the form of the request} */
    byte[] answer() {
      return reply().text(text()).bytes();
    }

    Answering reply() {
      return new Answering(frame.form(), envelope.name(), envelope.sequence());
    }
  }

  /** A reply whose every part can be wrong. */
  static final class Answering {
    private final WireForm form;
    private String name;
    private byte type = ThriftMessage.REPLY;
    private int sequence;
    private int headerSequence;
    private String text;
    private Map<String, String> strings = Map.of();
    private String messageType = "2";

    Answering(WireForm form, String name, int sequence) {
      this.form = form;
      this.name = name;
      this.sequence = sequence;
      this.headerSequence = sequence;
    }

    Answering text(String text) {
      this.text = text;
      return this;
    }

    Answering name(String name) {
      this.name = name;
      return this;
    }

    Answering type(byte type) {
      this.type = type;
      return this;
    }

    Answering sequence(int sequence) {
      this.sequence = sequence;
      return this;
    }

    Answering headerSequence(int sequence) {
      this.headerSequence = sequence;
      return this;
    }

    Answering strings(Map<String, String> strings) {
      this.strings = strings;
      return this;
    }

    Answering messageType(String messageType) {
      this.messageType = messageType;
      return this;
    }

    byte[] bytes() {
      ByteBuf out = Unpooled.buffer();
      int start = -1;
      if (form.hasHeader()) {
        TtHeader header = new TtHeader();
        header.sequence(headerSequence);
        header.value(IntKey.MESSAGE_TYPE, messageType);
        strings.forEach(header::value);
        start = header.write(out);
      }
      int lengthAt = out.writerIndex();
      if (form.isFramed()) {
        out.writeInt(0);
      }
      ThriftWriter writer = new ThriftWriter(out);
      ThriftMessage.write(writer, type, name, sequence);
      if (type == ThriftMessage.EXCEPTION) {
        new io.volare.codec.thrift.ApplicationError(String.valueOf(text), 6).write(writer);
      } else {
        EchoService.ECHO.result().write(text, writer);
      }
      if (form.isFramed()) {
        out.setInt(lengthAt, out.writerIndex() - lengthAt - 4);
      }
      if (start >= 0) {
        TtHeader.finish(out, start);
      }
      return ByteBufUtil.getBytes(out);
    }
  }
}
