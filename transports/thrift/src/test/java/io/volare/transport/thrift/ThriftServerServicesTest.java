package io.volare.transport.thrift;

import static io.volare.transport.thrift.RawPeer.bare;
import static io.volare.transport.thrift.RawPeer.bytes;
import static io.volare.transport.thrift.RawPeer.echo;
import static io.volare.transport.thrift.RawPeer.framed;
import static io.volare.transport.thrift.RawPeer.headed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.codec.thrift.ThriftMessage;
import io.volare.codec.thrift.ThriftMethod;
import io.volare.codec.thrift.ThriftWriter;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.Address;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcException;
import io.volare.rpc.ServiceBinding;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several services on one port, two of which have a method of the same name. */
@Timeout(30)
class ThriftServerServicesTest {
  private static final ThriftMethod<String, String> AUDITED = method("Audit", "echo");
  private static final ThriftMethod<String, String> COUNT = method("Audit", "count");

  private ThriftServer server;

  private static ThriftMethod<String, String> method(String service, String name) {
    return new ThriftMethod<>(
        service,
        name,
        EchoService.ECHO.kind(),
        true,
        EchoService.ECHO.args(),
        EchoService.ECHO.result());
  }

  @BeforeEach
  void start() {
    server =
        ThriftServer.builder(Address.tcp("127.0.0.1", 0))
            .service(EchoService.binding((context, request) -> "Echo: " + request))
            .service(
                new ServiceBinding(
                    "Audit",
                    Map.of("echo", AUDITED, "count", COUNT),
                    (context, request) -> "Audit: " + request))
            .build();
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop();
  }

  private static byte[] asking(String service, byte[] message) {
    return headed(header -> header.value("isn", service), message);
  }

  private static byte[] count(String text) {
    return bytes(out -> {
      ThriftWriter writer = new ThriftWriter(out);
      ThriftMessage.write(writer, ThriftMessage.CALL, "count", 1);
      RawPeer.argument(writer, text);
    });
  }

  @Test
  void aRequestThatNamesAServiceIsAnsweredByThatOne() throws Exception {
    try (RawPeer peer = new RawPeer(server.endpoint())) {
      peer.send(asking("Echo", echo(1, "x")));
      assertThat(peer.receive().text()).isEqualTo("Echo: x");

      peer.send(asking("Audit", echo(2, "x")));
      assertThat(peer.receive().text()).isEqualTo("Audit: x");
    }
  }

  @Test
  void oneThatNamesNoneIsAnsweredByTheFirstThatHasTheMethod() throws Exception {
    try (RawPeer peer = new RawPeer(server.endpoint())) {
      for (byte[] request :
          new byte[][] {framed(echo(1, "x")), headed(0, echo(1, "x")), asking("", echo(1, "x"))}) {
        peer.send(request);
        assertThat(peer.receive().text()).isEqualTo("Echo: x");
      }
      peer.send(framed(count("x")));
      assertThat(peer.receive().text()).isEqualTo("Audit: x");
    }
  }

  @Test
  void aServiceThatIsNotOfferedIsRefusedAndItsMethodNotGuessed() throws Exception {
    try (RawPeer peer = new RawPeer(server.endpoint())) {
      peer.send(asking("Nobody", echo(1, "x")));
      RawPeer.Answered unknown = peer.receive();
      assertThat(unknown.error().type()).isEqualTo(20);
      assertThat(unknown.error().message()).contains("service Nobody (offered: [Echo, Audit])");

      peer.send(asking("Echo", count("x")));
      RawPeer.Answered elsewhere = peer.receive();
      assertThat(elsewhere.error().type()).isEqualTo(1);
      assertThat(elsewhere.error().message()).contains("method count of service Echo");

      peer.send(framed(bare(3, out -> RawPeer.argument(out, "still there"))));
      assertThat(peer.receive().text()).isEqualTo("Echo: still there");
    }
  }

  @Test
  void ourClientNamesTheServiceWhereTheFormHasRoomForIt() throws Exception {
    try (ThriftClient named = ThriftClient.to(server.endpoint(), ThriftClientConfig.DEFAULT);
        ThriftClient bare =
            ThriftClient.to(
                server.endpoint(), ThriftClientConfig.DEFAULT.withForm(WireForm.FRAMED))) {
      RpcClient client = RpcClient.builder("audit").caller("test").transport(named);
      RpcClient unnamed = RpcClient.builder("audit").caller("test").transport(bare);

      assertThat(client.call(AUDITED, "x")).isEqualTo("Audit: x");
      assertThat(unnamed.call(AUDITED, "x")).isEqualTo("Echo: x");
      assertThat(unnamed.call(COUNT, "x")).isEqualTo("Audit: x");
      assertThatThrownBy(() -> client.call(method("Nobody", "echo"), "x"))
          .isInstanceOfSatisfying(
              RpcException.class,
              refused -> {
                assertThat(refused.kind()).isEqualTo(Kind.UNIMPLEMENTED);
                assertThat(refused.mayHaveExecuted()).isFalse();
              });
    }
  }
}
