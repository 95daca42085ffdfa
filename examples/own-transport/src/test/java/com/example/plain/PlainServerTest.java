package com.example.plain;

import static org.assertj.core.api.Assertions.assertThat;

import io.volare.rpc.Address;
import io.volare.rpc.ServiceBinding;
import java.io.IOException;
import java.net.Socket;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class PlainServerTest {
  /** Lengths that nobody should believe: the first text of a request. */
  @ParameterizedTest
  @ValueSource(strings = {"7fffffff61", "ffffffff", "0040000161"})
  void closesWhereALengthIsALie(String hex) throws Exception {
    try (PlainServer server = PlainServer.of(new ServiceBinding("Empty", Map.of(), (c, r) -> r))) {
      server.start();

      assertThat(sentAndAnswered(server, HexFormat.of().parseHex(hex))).isEmpty();
    }
  }

  @Test
  void listensOnlyOnceItIsStarted() {
    try (PlainServer server = PlainServer.of(new ServiceBinding("Empty", Map.of(), (c, r) -> r))) {
      assertThat(server.isReady()).isFalse();
      server.start();
      assertThat(server.isReady()).isTrue();
    }
  }

  private static byte[] sentAndAnswered(PlainServer server, byte[] bytes) throws IOException {
    Address.Tcp address = (Address.Tcp) server.endpoint().address();
    try (Socket socket = new Socket(address.host(), address.port())) {
      socket.getOutputStream().write(bytes);
      return socket.getInputStream().readAllBytes();
    }
  }
}
