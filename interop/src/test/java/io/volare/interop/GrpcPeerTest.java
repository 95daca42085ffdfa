package io.volare.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.rpc.Address;
import io.volare.transport.grpc.GrpcServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The cases of the gRPC matrix, Volare with itself, in one process. */
class GrpcPeerTest {
  private GrpcServer server;

  @BeforeEach
  void start() {
    server = GrpcPeer.server(GrpcPeerOptions.parse("server"));
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop();
  }

  private GrpcPeerOptions options() {
    int port = ((Address.Tcp) server.endpoint().address()).port();
    return GrpcPeerOptions.parse(
        "client", "--port", Integer.toString(port), "--soak_iterations=80", "--soak_num_threads=4");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "empty_unary",
        "large_unary",
        "client_compressed_unary",
        "client_compressed_unary_noprobe",
        "server_compressed_unary",
        "client_streaming",
        "client_compressed_streaming",
        "client_compressed_streaming_noprobe",
        "server_streaming",
        "server_compressed_streaming",
        "ping_pong",
        "empty_stream",
        "custom_metadata",
        "status_code_and_message",
        "special_status_message",
        "unimplemented_method",
        "unimplemented_service",
        "cancel_after_begin",
        "cancel_after_first_response",
        "timeout_on_sleeping_server",
        "very_large_request",
        "pick_first_unary",
        "rpc_soak",
        "channel_soak"
      })
  void everyCaseHolds(String name) throws Exception {
    try (GrpcCases cases = new GrpcCases(options())) {
      cases.run(name);
    }
  }

  @Test
  void aCaseThatDoesNotExistIsTold() {
    try (GrpcCases cases = new GrpcCases(options())) {
      assertThatThrownBy(() -> cases.run("no_such"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("case: no_such (expected: a case)");
    }
  }

  @Test
  void optionsOfTheOfficialSuitesAreUnderstood() {
    GrpcPeerOptions options =
        GrpcPeerOptions.parse(
            "client", "--soak_iterations=7", "--soak_max_failures=0", "--case", "a,b");

    assertThat(options.soakCalls()).isEqualTo(7);
    assertThat(options.cases()).isEqualTo("a,b");
    assertThatThrownBy(() -> GrpcPeerOptions.parse("client", "--case"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--case: nothing follows");
    assertThatThrownBy(() -> GrpcPeerOptions.parse("client", "--zip"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("argument: --zip (expected: --host");
    assertThatThrownBy(() -> GrpcPeerOptions.parse("client", "--tls"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--tls: no --certs FOLDER with it");
  }
}
