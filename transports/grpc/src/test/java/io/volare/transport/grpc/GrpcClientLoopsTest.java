package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import io.netty.channel.EventLoop;
import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import io.volare.rpc.RpcClient;
import io.volare.transport.netty.Execution;
import io.volare.transport.netty.Loops;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which connections callers use that event loops carry. */
@Timeout(30)
class GrpcClientLoopsTest {
  private static final int CONNECTIONS = 4;

  /** Where calls came from: one port for each connection. */
  private final Set<String> peers = new ConcurrentSkipListSet<>();

  @Test
  void whoALoopCarriesCallsThroughConnectionsOfThatLoop() throws Exception {
    GrpcServer server =
        GrpcServer.builder(Address.tcp("127.0.0.1", 0))
            .service(
                EchoService.binding((context, request) -> {
                  Endpoint peer = context.endpoint();
                  peers.add(String.valueOf(peer));
                  return request;
                }))
            .build();
    server.start();
    GrpcClientConfig config = GrpcClientConfig.DEFAULT.withConnections(CONNECTIONS, CONNECTIONS);
    try (Loops loops = Loops.create(2);
        GrpcClient transport = GrpcClient.to(server.endpoint(), config).with(loops)) {
      RpcClient client = RpcClient.builder("echo").caller("test").transport(transport);
      while (transport.connections() < CONNECTIONS) {
        call(client);
      }

      Set<String> ofOne = peersCalledFrom(loops.group().next(), client);
      Set<String> ofOther = peersCalledFrom(loops.group().next(), client);

      assertThat(ofOne).isNotEmpty();
      assertThat(ofOther).isNotEmpty().doesNotContainAnyElementsOf(ofOne);
      assertThat(ofOne.size() + ofOther.size()).isEqualTo(CONNECTIONS);
    } finally {
      server.stop();
    }
  }

  private static void call(RpcClient client) throws Exception {
    assertThat(client.call(EchoService.UNARY, StringValue.of("x"))).isEqualTo(StringValue.of("x"));
  }

  private Set<String> peersCalledFrom(EventLoop loop, RpcClient client) throws Exception {
    peers.clear();
    FutureTask<Void> calls =
        new FutureTask<>(() -> {
          for (int i = 0; i < 20; i++) {
            call(client);
          }
          return null;
        });
    loop.execute(() -> Execution.loopAffine().run(calls));
    calls.get();
    return Set.copyOf(peers);
  }
}
