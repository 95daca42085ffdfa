package io.volare.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.metainfo.MetaInfo;
import io.volare.motore.Attribute;
import io.volare.motore.Deadline;
import io.volare.motore.Failure.Kind;
import io.volare.motore.testing.ManualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RpcClientTest {
  private final ManualTime time = ManualTime.create();
  private final List<RpcContext> seen = new ArrayList<>();

  private RpcClient client() {
    return RpcClient.builder("inventory")
        .caller("orders")
        .time(time)
        .transport((context, request) -> {
          seen.add(context);
          return "answer to " + request;
        });
  }

  @Test
  void makesTheContextOfACall() throws Exception {
    assertThat(client().call(Methods.unary("GetItem"), "1")).isEqualTo("answer to 1");

    RpcContext context = seen.getFirst();
    assertThat(context.caller()).isEqualTo("orders");
    assertThat(context.callee()).isEqualTo("inventory");
    assertThat(context.target()).isEqualTo("Inventory/GetItem");
    assertThat(context.role()).isEqualTo(RpcContext.Role.CLIENT);
    assertThat(context.attempt()).isEqualTo(1);
  }

  @Test
  void aUnaryCallHasFiveSecondsAndAStreamHasNoTotal() throws Exception {
    client().call(Methods.unary("GetItem"), "1");
    client().call(Methods.stream("Watch"), Duplex.NO_REQUEST);

    assertThat(seen.get(0).deadline().remainingNanos()).isEqualTo(TimeUnit.SECONDS.toNanos(5));
    assertThat(seen.get(1).deadline().isFinite()).isFalse();
  }

  @Test
  void attributesOfTheOptionsAreInTheContextOfEveryAttempt() throws Exception {
    Attribute<String> hint = Attribute.perCall("hint");

    client().with(CallOptions.DEFAULT.withAttribute(hint, "warm")).call(Methods.unary("A"), "1");

    assertThat(seen.getFirst().get(hint)).isEqualTo("warm");
    assertThat(seen.getFirst().fork(2).get(hint)).isEqualTo("warm");
    assertThatThrownBy(
            () -> CallOptions.DEFAULT.withAttribute(Attribute.perAttempt("once"), "lost"))
        .hasMessage("attribute: once (expected: one that all attempts of a call share)");
  }

  @Test
  void aCallInsideAHandlerEndsWithTheHandlersDeadlineAtTheLatest() throws Exception {
    RpcContext serving =
        RpcContext.server(
            Methods.unary("PlaceOrder"),
            "edge",
            "orders",
            MetaInfo.create(),
            Endpoint.tcp("10.0.0.1", 4000));
    serving.deadline(Deadline.after(Duration.ofMillis(300), time));

    serving.serve(() ->
        client()
            .with(CallOptions.DEFAULT.withTimeout(Duration.ofSeconds(2)))
            .call(Methods.unary("GetItem"), "1"));

    assertThat(seen.getFirst().deadline().remainingNanos())
        .isEqualTo(TimeUnit.MILLISECONDS.toNanos(300));
  }

  @Test
  void takesTheCallersMetainfoAlongAndBringsDownstreamValuesHome() throws Exception {
    MetaInfo mine = MetaInfo.create();
    mine.setPersistent("tenant", "blue");
    RpcClient client =
        RpcClient.builder("inventory")
            .transport((context, request) -> {
              context
                  .metaInfo()
                  .receiveBackward(
                      io.volare.metainfo.Names.RPC, "RPC_BACKWARD_served-by", "inventory-2");
              return context.metaInfo().persistent("tenant");
            });

    Object tenant = MetaInfo.call(mine, () -> client.call(Methods.unary("GetItem"), "1"));

    assertThat(tenant).isEqualTo("blue");
    assertThat(mine.downstream("served-by")).isEqualTo("inventory-2");
  }

  @Test
  void whatComesWithTheEndOfAStreamGoesHomeFromTheAttemptThatCounted() throws Exception {
    MetaInfo mine = MetaInfo.create();
    RpcClient client =
        RpcClient.builder("inventory")
            .layer(inner ->
                (context, request) -> {
                  RpcContext second = context.fork(2);
                  RpcContext nested = second.fork(1);
                  Object response = inner.call(nested, request);
                  second.adopt(nested);
                  context.adopt(second);
                  return response;
                })
            .transport((context, request) -> context);

    MetaInfo.call(
        mine,
        () -> {
          RpcContext streaming =
              (RpcContext)
                  java.util.Objects.requireNonNull(
                      client.call(Methods.stream("Watch"), Duplex.NO_REQUEST));
          assertThat(mine.downstream("served-by")).isNull();
          streaming
              .metaInfo()
              .receiveBackward(
                  io.volare.metainfo.Names.RPC, "RPC_BACKWARD_served-by", "inventory-2");
          streaming.end(null);
          return null;
        });

    assertThat(mine.downstream("served-by")).isEqualTo("inventory-2");
  }

  @Test
  void endsTheCallWhenTheResponseIsThereAndWhenItFails() throws Exception {
    List<String> ended = new ArrayList<>();
    RpcClient client =
        RpcClient.builder("inventory")
            .layer(inner ->
                (context, request) -> {
                  context.onEnd(failure -> ended.add(request + " " + failure));
                  return inner.call(context, request);
                })
            .transport(RpcClientTest::failingOnTwo);

    client.call(Methods.unary("GetItem"), "1");
    assertThatThrownBy(() -> client.call(Methods.unary("GetItem"), "2"))
        .isInstanceOf(RpcException.class);

    assertThat(ended).hasSize(2);
    assertThat(ended.get(0)).isEqualTo("1 null");
    assertThat(ended.get(1)).contains("connection refused");
  }

  private static @Nullable Object failingOnTwo(RpcContext context, Object request) {
    if (request.equals("2")) {
      throw RpcException.notExecuted(Kind.UNAVAILABLE, context.target() + ": connection refused");
    }
    return null;
  }

  @Test
  void optionsOverrideWhatTheIdlSays() throws Exception {
    Endpoint endpoint = Endpoint.tcp("10.0.0.7", 9000);

    client()
        .with(
            CallOptions.DEFAULT
                .withIdempotent(true)
                .withEndpoint(endpoint)
                .withTransient("probe", "1"))
        .call(Methods.unary("GetItem"), "1");

    assertThat(seen.getFirst().idempotent()).isTrue();
    assertThat(seen.getFirst().target()).isEqualTo("Inventory/GetItem at 10.0.0.7:9000");
  }
}
