package io.volare.transport.thrift;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.volare.codec.thrift.ThriftMessage;
import io.volare.codec.thrift.ThriftWriter;
import io.volare.rpc.Address;
import io.volare.transport.netty.Execution;
import java.net.InetAddress;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OnewayTest {
  private static byte[] message() {
    ByteBuf out = Unpooled.buffer();
    ThriftWriter writer = new ThriftWriter(out);
    ThriftMessage.write(writer, ThriftMessage.ONEWAY, "log", 1);
    EchoService.LOG.args().write("x", writer);
    return ByteBufUtil.getBytes(out);
  }

  /** Kitex's clients close the connection half a millisecond after a oneway call. */
  @Test
  void aOnewayCallRunsThoughItsConnectionWasClosedBeforeItBegan() throws Exception {
    CountDownLatch arrived = new CountDownLatch(1);
    CountDownLatch mayRun = new CountDownLatch(1);
    try (var worker = Executors.newSingleThreadExecutor();
        ThriftServer server =
            ThriftServer.builder(Address.tcp("127.0.0.1", 0))
                .service(
                    EchoService.binding((context, request) -> {
                      arrived.countDown();
                      return null;
                    }))
                .execution(Execution.on(worker))
                .build()) {
      server.start();
      worker.execute(() -> {
        try {
          mayRun.await();
        } catch (InterruptedException stopped) {
          Thread.currentThread().interrupt();
        }
      });
      int port = ((Address.Tcp) server.endpoint().address()).port();
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.getOutputStream().write(message());
        while (server.connections() == 0) {
          Thread.sleep(1);
        }
      }
      while (server.connections() > 0) {
        Thread.sleep(1);
      }

      mayRun.countDown();

      assertThat(arrived.await(5, TimeUnit.SECONDS)).isTrue();
    }
  }
}
