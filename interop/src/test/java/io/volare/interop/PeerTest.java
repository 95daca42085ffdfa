package io.volare.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.rpc.Address;
import io.volare.transport.thrift.ThriftServer;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The cases of the matrix, Volare with itself, in one process. */
class PeerTest {
  private static final List<String> PLAIN =
      List.of("echo", "all", "big", "declared", "application", "unknown", "oneway", "timeout");
  private static final List<String> WITH_HEADER =
      List.of("biz", "meta", "backward", "caller", "deadline");

  private ThriftServer server;

  @BeforeEach
  void start() {
    server = Peer.server(0, () -> {});
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop();
  }

  private PeerOptions options(String... more) {
    int port = ((Address.Tcp) server.endpoint().address()).port();
    String[] first = {"client", "--port", Integer.toString(port)};
    return PeerOptions.parse(
        Stream.concat(Stream.of(first), Stream.of(more)).toArray(String[]::new));
  }

  private static void run(String name, PeerOptions options) throws Exception {
    new ClientCases(options.port(), options.config(), Duration.ofSeconds(20)).run(name, options);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bare", "framed", "ttheader", "ttheaderframed"})
  void everyCaseWorksInEveryForm(String wire) throws Exception {
    for (String name : PLAIN) {
      run(name, options("--wire", wire));
      run(name, options("--wire", wire, "--mux"));
    }
    if (wire.startsWith("ttheader")) {
      for (String name : WITH_HEADER) {
        run(name, options("--wire", wire));
      }
    }
  }

  @Test
  void aChainHandsTheBackwardValueHome() throws Exception {
    String port = Integer.toString(options().port());

    run(
        "chain",
        options("--chain", port, "--expect", "volare:T=t,P=p|volare:T=,P=p#volare>volare"));
  }

  @Test
  void aWrongAnswerIsTold() {
    PeerOptions wrong = options("--expect", "something else#volare");

    assertThatThrownBy(() -> run("chain", wrong))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("expected something else, got volare:T=t,P=p");
    assertThat(wrong.config().multiplexed()).isFalse();
  }
}
