package io.volare.transport.grpc;

import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A way to a server on which everything takes its time, in both directions, and nothing is lost.
 */
final class SlowRoad implements AutoCloseable {
  private static final int CHUNK_BYTES = 64 * 1024;

  private final ServerSocket listening;
  private final Address.Tcp server;
  private final long delayNanos;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  /** A road to {@code server} on which a byte takes {@code delay}. */
  SlowRoad(Endpoint server, Duration delay) throws IOException {
    this.server = (Address.Tcp) server.address();
    delayNanos = delay.toNanos();
    listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  Endpoint endpoint() {
    return Endpoint.tcp("127.0.0.1", listening.getLocalPort());
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket near = listening.accept();
        Socket far = new Socket(server.host(), server.port());
        near.setTcpNoDelay(true);
        far.setTcpNoDelay(true);
        sockets.add(near);
        sockets.add(far);
        carry(near, far);
        carry(far, near);
      } catch (IOException closed) {
        // no more connections
      }
    }
  }

  private record Load(byte[] bytes, int length, long due) {}

  private void carry(Socket from, Socket to) throws IOException {
    LinkedBlockingQueue<Load> road = new LinkedBlockingQueue<>();
    InputStream in = from.getInputStream();
    OutputStream out = to.getOutputStream();
    Thread.ofVirtual().start(() -> load(in, road));
    Thread.ofVirtual()
        .start(() -> {
          deliver(road, out);
          close(from);
          close(to);
        });
  }

  private void load(InputStream in, LinkedBlockingQueue<Load> road) {
    int length;
    do {
      byte[] bytes = new byte[CHUNK_BYTES];
      try {
        length = in.read(bytes);
      } catch (IOException broken) {
        length = -1;
      }
      road.add(new Load(bytes, length, System.nanoTime() + delayNanos));
    } while (length >= 0);
  }

  private static void deliver(LinkedBlockingQueue<Load> road, OutputStream out) {
    try {
      for (Load load = road.poll(1, TimeUnit.HOURS);
          load != null && load.length >= 0;
          load = road.poll(1, TimeUnit.HOURS)) {
        for (long left = load.due - System.nanoTime(); left > 0; ) {
          LockSupport.parkNanos(left);
          left = load.due - System.nanoTime();
        }
        out.write(load.bytes, 0, load.length);
      }
    } catch (IOException | InterruptedException broken) {
      // both ends hear of it
    }
  }

  private static void close(Closeable socket) {
    try {
      socket.close();
    } catch (IOException ignored) {
      // it is closed
    }
  }

  @Override
  public void close() {
    close(listening);
    sockets.forEach(SlowRoad::close);
  }
}
