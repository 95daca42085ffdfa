package io.volare.transport.grpc;

import io.netty.buffer.ByteBufUtil;
import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A client that writes HTTP/1.1 byte by byte, right or wrong, on a socket that blocks. */
final class Http1Peer implements Closeable {
  private final Socket socket;
  private final InputStream in;

  Http1Peer(Endpoint server) throws IOException {
    Address.Tcp address = (Address.Tcp) server.address();
    socket = new Socket(address.host(), address.port());
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(15_000);
    in = socket.getInputStream();
  }

  /**
   * A response.
   *
   * @param headers by their names in lower case
   */
  record Response(int status, Map<String, String> headers, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }

    /** {@return the messages of the body; the trailers are the last one, if it is whole} */
    List<byte[]> messages() {
      ByteBuffer left = ByteBuffer.wrap(body);
      List<byte[]> messages = new ArrayList<>();
      while (left.hasRemaining()) {
        left.get();
        byte[] message = new byte[left.getInt()];
        left.get(message);
        messages.add(message);
      }
      return messages;
    }

    /** {@return the trailers in the body, if its last message is flagged as such} */
    String trailers() {
      int at = 0;
      for (byte[] message : messages().subList(0, messages().size() - 1)) {
        at += 5 + message.length;
      }
      return (body[at] & 0xff) == 0x80
          ? new String(messages().getLast(), StandardCharsets.US_ASCII)
          : "not flagged";
    }
  }

  /** {@return a message as it is in a body} */
  static byte[] framed(byte[] message) {
    return ByteBuffer.allocate(5 + message.length)
        .put((byte) 0)
        .putInt(message.length)
        .put(message)
        .array();
  }

  static byte[] base64(byte[] bytes) {
    return Base64.getEncoder().encode(bytes);
  }

  /** Sends a call of a method of {@link EchoService}. */
  void call(String method, byte[] body, String... headers) throws IOException {
    StringBuilder head = new StringBuilder();
    head.append("POST /").append(EchoService.SERVICE).append('/').append(method);
    head.append(" HTTP/1.1\r\nHost: test\r\nContent-Length: ").append(body.length).append("\r\n");
    if (String.join("", headers).toLowerCase(java.util.Locale.ROOT).indexOf("content-type") < 0) {
      head.append("Content-Type: application/grpc-web+proto\r\n");
    }
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.write(head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
    all.write(body);
    bytes(all.toByteArray());
  }

  void text(String text) throws IOException {
    bytes(text.getBytes(StandardCharsets.US_ASCII));
  }

  void bytes(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  Response read() throws IOException {
    Response head = head();
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    if ("chunked".equals(head.headers().get("transfer-encoding"))) {
      for (byte[] chunk = chunk(); chunk.length > 0; chunk = chunk()) {
        body.write(chunk);
      }
    } else if (head.status() != 204) {
      int length = Integer.parseInt(head.headers().getOrDefault("content-length", "0"));
      body.write(in.readNBytes(length));
    }
    return new Response(head.status(), head.headers(), body.toByteArray());
  }

  /** Reads a response up to its body. */
  Response head() throws IOException {
    String first = line();
    if (!first.startsWith("HTTP/1.1 ")) {
      throw new IOException("first line: " + first);
    }
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.merge(
          line.substring(0, colon).toLowerCase(java.util.Locale.ROOT),
          line.substring(colon + 1).strip(),
          (one, two) -> one + ", " + two);
    }
    return new Response(Integer.parseInt(first.substring(9, 12)), headers, new byte[0]);
  }

  /** {@return a piece of a body, empty at its end} */
  byte[] chunk() throws IOException {
    byte[] chunk = in.readNBytes(Integer.parseInt(line(), 16));
    line();
    return chunk;
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new EOFException("closed after " + ByteBufUtil.hexDump(line.toByteArray()));
      }
      if (c != '\r') {
        line.write(c);
      }
    }
    return line.toString(StandardCharsets.US_ASCII);
  }

  /** {@return whether the server has closed the connection, waiting for it} */
  boolean isClosed() throws IOException {
    try {
      return in.read() < 0;
    } catch (java.net.SocketTimeoutException open) {
      return false;
    } catch (IOException reset) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
