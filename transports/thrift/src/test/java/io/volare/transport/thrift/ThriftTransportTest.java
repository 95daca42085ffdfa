package io.volare.transport.thrift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.metainfo.MetaInfo;
import io.volare.motore.AsyncCall;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Services;
import io.volare.rpc.Address;
import io.volare.rpc.BusinessException;
import io.volare.rpc.CallOptions;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import io.volare.transport.netty.Execution;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.api.Test;

/** Client and server over real sockets, in every wire form and both ways to use connections. */
@Timeout(30)
@ParameterizedClass
@MethodSource("forms")
class ThriftTransportTest {
  static Stream<ThriftClientConfig> forms() {
    return Stream.of(WireForm.values())
        .map(ThriftClientConfig.DEFAULT::withForm)
        .flatMap(config -> Stream.of(config.withPool(8), config.withMultiplexed(2)));
  }

  @Parameter ThriftClientConfig config;

  private final BlockingQueue<String> logged = new LinkedBlockingQueue<>();
  private final ThriftServer server = serve();
  private ThriftClient transport;

  private ThriftServer serve() {
    ThriftServer started =
        ThriftServer.builder(Address.tcp("127.0.0.1", 0))
            .service(EchoService.binding(this::answer))
            .build();
    started.start();
    return started;
  }

  private RpcClient client() {
    if (transport == null) {
      transport = ThriftClient.to(server.endpoint(), config);
    }
    return RpcClient.builder("echo").caller("test").transport(transport);
  }

  private Object answer(RpcContext context, Object request) throws Exception {
    String text = (String) request;
    if (context.method() == EchoService.LOG) {
      logged.add(text);
      return null;
    }
    switch (text) {
      case "oops" -> throw new EchoService.Oops("declared");
      case "biz" -> throw new BusinessException(404, "not found", Map.of("id", "\"7\""));
      case "defect" -> throw new IllegalStateException("secret detail");
      case "void" -> {
        return null;
      }
      case "sleep" -> {
        try {
          Thread.sleep(10_000);
        } catch (InterruptedException interrupted) {
          logged.add("interrupted");
          throw interrupted;
        }
      }
      case "meta" -> {
        MetaInfo mine = MetaInfo.current();
        mine.setBackward("served-by", "echo-1");
        return mine.persistent("tenant") + " " + mine.upstream("hop") + " " + context.caller();
      }
      case "deadline" -> {
        return Long.toString(context.deadline().remainingNanos() / 1_000_000);
      }
      default -> {}
    }
    return text;
  }

  @AfterEach
  void stop() {
    if (transport != null) {
      transport.stop();
    }
    server.stop();
  }

  @Test
  void echoesSmallAndLarge() throws Exception {
    String large = "ü".repeat(1_500_000);

    assertThat(client().call(EchoService.ECHO, "hello")).isEqualTo("hello");
    assertThat(client().call(EchoService.ECHO, "")).isEqualTo("");
    assertThat(client().call(EchoService.ECHO, large)).isEqualTo(large);
  }

  @Test
  void aDeclaredExceptionArrivesAsItself() {
    assertThatThrownBy(() -> client().call(EchoService.ECHO, "oops"))
        .isInstanceOf(EchoService.Oops.class)
        .hasMessage("declared");
  }

  @Test
  void aDefectTellsThePeerNothingOfItsInside() {
    assertThatThrownBy(() -> client().call(EchoService.ECHO, "defect"))
        .isInstanceOfSatisfying(
            RpcException.class, failure -> assertThat(failure.kind()).isEqualTo(Kind.INTERNAL))
        .hasMessageContaining("Echo/echo at 127.0.0.1:")
        .hasMessageNotContaining("secret")
        .hasMessageNotContaining("IllegalState");
  }

  @Test
  void anUnknownMethodWasNeverRun() {
    assertThatThrownBy(() -> client().call(EchoService.MISSING, "x"))
        .isInstanceOfSatisfying(
            RpcException.class,
            failure -> {
              assertThat(failure.kind()).isEqualTo(Kind.UNIMPLEMENTED);
              assertThat(failure.mayHaveExecuted()).isFalse();
            })
        .hasMessageContaining("unknown method missing");
  }

  @Test
  void aMissingResultIsAProtocolError() {
    assertThatThrownBy(() -> client().call(EchoService.ECHO, "void"))
        .isInstanceOfSatisfying(
            RpcException.class, failure -> assertThat(failure.kind()).isEqualTo(Kind.PROTOCOL))
        .hasMessageContaining("echo_result.success");
  }

  @Test
  void aBusinessErrorCarriesItsStatusWhereThereIsAHeader() {
    assertThatThrownBy(() -> client().call(EchoService.ECHO, "biz"))
        .satisfies(failure -> {
          if (config.form().hasHeader()) {
            BusinessException business = (BusinessException) failure;
            assertThat(business.status()).isEqualTo(404);
            assertThat(business).hasMessage("not found");
            assertThat(business.extra()).isEqualTo(Map.of("id", "\"7\""));
          } else {
            assertThat(failure).hasMessageContaining("not found");
          }
        });
  }

  @Test
  void metainfoCrossesTheHopAndBackWhereThereIsAHeader() throws Exception {
    MetaInfo mine = MetaInfo.create();
    mine.setPersistent("tenant", "blue");
    mine.setTransient("hop", "1");

    Object seen = MetaInfo.call(mine, () -> client().call(EchoService.ECHO, "meta"));

    boolean header = config.form().hasHeader();
    assertThat(seen).isEqualTo(header ? "blue 1 test" : "null null ");
    assertThat(mine.downstream("served-by")).isEqualTo(header ? "echo-1" : null);
  }

  @Test
  void aLateCallEndsAtItsDeadlineOnBothSides() throws Exception {
    RpcClient hasty = client().with(CallOptions.DEFAULT.withTimeout(Duration.ofMillis(150)));

    assertThatThrownBy(() -> hasty.call(EchoService.ECHO, "sleep"))
        .isInstanceOfSatisfying(
            RpcException.class,
            late -> {
              assertThat(late.kind()).isEqualTo(Kind.DEADLINE_EXCEEDED);
              assertThat(late.mayHaveExecuted()).isTrue();
            })
        .hasMessageMatching(
            "Echo/echo at 127.0.0.1:\\d+: no response after \\d+ ms \\(limit: 1\\d\\d ms\\)");
    if (config.form().hasHeader() || !config.multiplexed()) {
      assertThat(logged.poll(5, TimeUnit.SECONDS)).isEqualTo("interrupted");
    }
    assertThat(client().call(EchoService.ECHO, "next")).isEqualTo("next");
  }

  @Test
  void theServerSeesWhatIsLeftOfTheDeadline() throws Exception {
    if (config.form().hasHeader()) {
      Object left =
          client()
              .with(CallOptions.DEFAULT.withTimeout(Duration.ofSeconds(2)))
              .call(EchoService.ECHO, "deadline");

      assertThat(Long.parseLong((String) left)).isBetween(1_000L, 2_000L);
    }
  }

  @Test
  void onewayReturnsWithoutAnAnswer() throws Exception {
    client().call(EchoService.LOG, "noted");

    assertThat(logged.poll(5, TimeUnit.SECONDS)).isEqualTo("noted");
    assertThat(client().call(EchoService.ECHO, "still there")).isEqualTo("still there");
  }

  @Test
  void everyCallerGetsItsOwnAnswer() throws Exception {
    RpcClient client = client();
    List<AsyncCall<Object>> calls = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      String text = "call " + i;
      calls.add(Services.callAsync(() -> client.call(EchoService.ECHO, text)));
    }

    for (int i = 0; i < calls.size(); i++) {
      assertThat(calls.get(i).join()).isEqualTo("call " + i);
    }
    assertThat(transport.connections()).isLessThanOrEqualTo(config.connections());
  }

  @Test
  void cancellingInterruptsTheHandlerWhereTheConnectionIsItsOwn() throws Exception {
    RpcClient client = client();
    AsyncCall<Object> call = Services.callAsync(() -> client.call(EchoService.ECHO, "sleep"));
    while (server.connections() == 0) {
      Thread.onSpinWait();
    }
    Thread.sleep(100);

    call.cancel();

    if (!config.multiplexed()) {
      assertThat(logged.poll(5, TimeUnit.SECONDS)).isEqualTo("interrupted");
    }
    assertThat(client.call(EchoService.ECHO, "next")).isEqualTo("next");
  }

  @Test
  void aRefusedConnectionSaysThatNothingRan() {
    RpcClient client = client();
    server.stop();

    assertThatThrownBy(() -> client.call(EchoService.ECHO, "x"))
        .isInstanceOfSatisfying(
            RpcException.class,
            refused -> {
              assertThat(refused.kind()).isEqualTo(Kind.UNAVAILABLE);
              assertThat(refused.mayHaveExecuted()).isFalse();
            });
  }

  @Test
  void drainingFailsNoCall() throws Exception {
    RpcClient client = client();
    List<AsyncCall<Object>> calls = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      calls.add(Services.callAsync(() -> client.call(EchoService.ECHO, "running")));
    }
    for (AsyncCall<Object> call : calls) {
      assertThat(call.join()).isEqualTo("running");
    }

    server.drain(Duration.ofSeconds(5));

    assertThat(server.connections()).isZero();
    assertThat(server.isReady()).isFalse();
  }

  @Test
  void anInlineHandlerMustNotCallThroughALoop() {
    ThriftServer[] self = new ThriftServer[1];
    ThriftServer inline =
        ThriftServer.builder(Address.tcp("127.0.0.1", 0))
            .execution(Execution.inline())
            .service(
                EchoService.binding((context, request) -> client().call(EchoService.ECHO, request)))
            .build();
    self[0] = inline;
    inline.start();
    try (ThriftClient toInline = ThriftClient.to(inline.endpoint(), config)) {
      RpcClient client = RpcClient.builder("echo").transport(toInline);

      assertThatThrownBy(() -> client.call(EchoService.ECHO, "x")).isInstanceOf(RpcException.class);
    } finally {
      inline.stop();
    }
  }
}
