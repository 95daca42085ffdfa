package io.volare.transport.thrift;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.motore.Layer;
import io.volare.motore.Service;
import io.volare.motore.ServiceBuilder;
import io.volare.rpc.Address;
import io.volare.rpc.InboundRequest;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcContext;
import io.volare.rpc.ServiceBinding;
import io.volare.transport.netty.Execution;
import io.volare.transport.netty.Loops;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What may not stand in a server that answers on its event loops. */
@Timeout(60)
class ThriftServerInlineTest {
  private static final Layer<RpcContext, Object, @Nullable Object> SLEEPING =
      new Layer<>() {
        @Override
        public Service<RpcContext, Object, @Nullable Object> wrap(
            Service<RpcContext, Object, @Nullable Object> inner) {
          return inner;
        }

        @Override
        public boolean blocks() {
          return true;
        }

        @Override
        public String toString() {
          return "Sleeping";
        }
      };

  private static ThriftServer.Builder server(Execution execution, ServiceBinding service) {
    return ThriftServer.builder(Address.tcp("127.0.0.1", 0)).execution(execution).service(service);
  }

  private static ServiceBinding echo() {
    return EchoService.binding((context, request) -> request);
  }

  @Test
  void aLayerThatBlocksIsRefusedWhenTheServerIsBuilt() {
    ThriftServer.Builder server = server(Execution.inline(), echo()).layer(SLEEPING);

    assertThatThrownBy(server::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("Sleeping may block or interrupt its thread, which the stack");
  }

  @Test
  void andSoIsOneAroundTheHandlerAloneHoweverDeep() {
    ServiceBinding service = echo().with(SLEEPING).with(ServiceBuilder.create());

    assertThatThrownBy(server(Execution.inline(), service)::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("Sleeping may block");
  }

  @Test
  void virtualThreadsTakeItAndALayerThatDoesNotBlockStandsAnywhere() {
    assertThat(server(Execution.virtualThreads(), echo().with(SLEEPING)).layer(SLEEPING).build())
        .isNotNull();
    assertThat(server(Execution.inline(), echo().with(inner -> inner)).layer(i -> i).build())
        .isNotNull();
  }

  @Test
  void oneMethodMayBeInlineWhileTheOthersAreNot() throws Exception {
    Map<String, Boolean> onLoop = new ConcurrentHashMap<>();
    ServiceBinding service =
        EchoService.binding((context, request) -> {
          onLoop.put(context.method().name(), Loops.isLoopThread());
          return request;
        });
    try (ThriftServer server =
            server(Execution.virtualThreads(), service)
                .execution("Echo/echo", Execution.inline())
                .build();
        ThriftClient transport = client(server)) {
      RpcClient client = RpcClient.builder("echo").caller("test").transport(transport);

      client.call(EchoService.ECHO, "x");
      client.call(EchoService.LOG, "x");
      while (onLoop.size() < 2) {
        Thread.onSpinWait();
      }

      assertThat(onLoop).containsEntry("echo", true).containsEntry("log", false);
    }
  }

  private static ThriftClient client(ThriftServer server) {
    server.start();
    return ThriftClient.to(server.endpoint(), ThriftClientConfig.DEFAULT);
  }

  @Test
  void aLayerThatBlocksIsRefusedWhereOneMethodIsInline() {
    ThriftServer.Builder server =
        server(Execution.virtualThreads(), echo())
            .execution("Echo", Execution.inline())
            .execution("Echo/log", Execution.virtualThreads())
            .layer(SLEEPING);

    assertThatThrownBy(server::build).hasMessageStartingWith("Sleeping may block");
  }

  @Test
  void anExecutionOfWhatIsNotOfferedIsRefused() {
    ThriftServer.Builder server =
        server(Execution.virtualThreads(), echo()).execution("Echo/ecco", Execution.inline());

    assertThatThrownBy(server::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "execution of [Echo/ecco] is set, which is not offered"
                + " (expected: of [Echo, Echo/echo, Echo/log])");
  }

  @ParameterizedTest
  @MethodSource("executionsAndLengths")
  void aPeerThatTakesLessThanIsAnsweredGetsEveryReplyInTheEnd(Execution execution, int length)
      throws Exception {
    String text = "t".repeat(length);
    int calls = 6_000_000 / length;
    byte[] requests =
        RawPeer.bytes(out -> {
          for (int i = 0; i < calls; i++) {
            out.writeBytes(RawPeer.framed(RawPeer.echo(i, text)));
          }
        });
    try (ThriftServer server = server(execution, echo()).build()) {
      server.start();
      try (RawPeer peer = new RawPeer(server.endpoint(), 16 * 1024)) {
        peer.sendAside(requests);

        for (int i = 0; i < calls; i++) {
          RawPeer.Answered answer = peer.receive();
          assertThat(answer.envelope().sequence()).isEqualTo(i);
          assertThat(answer.text()).isEqualTo(text);
        }
      }
    }
  }

  @Test
  void shortAndLongRepliesOfRequestsThatCameAtOnceKeepTheirOrder() throws Exception {
    List<String> texts = List.of("a", "b".repeat(10_000), "c", "d", "e".repeat(5_000), "f");
    byte[] requests =
        RawPeer.bytes(out -> {
          for (int i = 0; i < texts.size(); i++) {
            out.writeBytes(RawPeer.framed(RawPeer.echo(i, texts.get(i))));
          }
        });
    try (ThriftServer server = server(Execution.inline(), echo()).build()) {
      server.start();
      try (RawPeer peer = new RawPeer(server.endpoint())) {
        peer.send(requests);

        for (String text : texts) {
          assertThat(peer.receive().text()).isEqualTo(text);
        }
      }
    }
  }

  @Test
  void whatWasAnsweredIsSentAlthoughBytesCameBehindItThatAreNotThrift() throws Exception {
    byte[] bytes =
        RawPeer.bytes(out ->
            out.writeBytes(RawPeer.framed(RawPeer.echo(1, "first")))
                .writeBytes(RawPeer.framed(RawPeer.echo(2, "second")))
                .writeBytes("GET / HTTP/1.1\r\n\r\n".getBytes(US_ASCII)));
    try (ThriftServer server = server(Execution.inline(), echo()).build()) {
      server.start();
      try (RawPeer peer = new RawPeer(server.endpoint())) {
        peer.send(bytes);

        assertThat(peer.receive().text()).isEqualTo("first");
        assertThat(peer.receive().text()).isEqualTo("second");
        assertThat(peer.receiveAll()).isEmpty();
      }
    }
  }

  static Stream<Arguments> executionsAndLengths() {
    return executions()
        .flatMap(execution ->
            Stream.of(3_000, 20_000, 60_000, 600_000)
                .map(length -> Arguments.of(execution, length)));
  }

  static Stream<Execution> executions() {
    return Stream.of(Execution.inline(), Execution.loopAffine(), Execution.virtualThreads());
  }

  @ParameterizedTest
  @MethodSource("executions")
  void whatALayerKeepsWithoutDecodingItIsNotReadLaterFromTheBytesOfAnotherCall(Execution execution)
      throws Exception {
    List<InboundRequest> kept = new CopyOnWriteArrayList<>();
    Layer<RpcContext, Object, @Nullable Object> keeping =
        inner ->
            (context, request) -> {
              kept.add((InboundRequest) request);
              return kept.size() == 1 ? "refused" : inner.call(context, request);
            };
    try (ThriftServer server = server(execution, echo()).layer(keeping).build();
        ThriftClient transport = client(server)) {
      RpcClient client = RpcClient.builder("echo").caller("test").transport(transport);

      assertThat(client.call(EchoService.ECHO, "first")).isEqualTo("refused");
      assertThat(client.call(EchoService.ECHO, "second")).isEqualTo("second");
    }
    assertThatThrownBy(kept.getFirst()::decode)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("echo: decoded after the call has ended (expected: before that)");
    assertThat(kept.getLast().decode()).isEqualTo("second");
  }
}
