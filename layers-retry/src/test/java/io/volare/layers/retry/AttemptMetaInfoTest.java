package io.volare.layers.retry;

import static org.assertj.core.api.Assertions.assertThat;

import io.volare.metainfo.Carrying;
import io.volare.metainfo.MetaInfo;
import io.volare.metainfo.Names;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Layer;
import io.volare.motore.testing.ManualTime;
import io.volare.rpc.CallOptions;
import io.volare.rpc.Endpoint;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What attempts of a remote call see of each other, and what comes home. */
@Timeout(10)
class AttemptMetaInfoTest {
  private final ManualTime time = ManualTime.create();
  private final List<String> seen = new CopyOnWriteArrayList<>();
  private final CountDownLatch never = new CountDownLatch(1);

  private Object answer(RpcContext context, Object request) throws Exception {
    int number = context.attempt();
    seen.add(number + " sees " + context.metaInfo().transientValue("attempt"));
    context.metaInfo().setTransient("attempt", "of " + number);
    context.metaInfo().receiveBackward(Names.RPC, "RPC_BACKWARD_only-" + number, "here");
    context.metaInfo().receiveBackward(Names.RPC, "RPC_BACKWARD_by", "attempt " + number);
    if (number == 1) {
      if (request.equals("fail")) {
        throw RpcException.of(Kind.UNAVAILABLE, "lost");
      }
      time.advance(Duration.ofMillis(50)); // now a backup is due
      never.await();
    }
    return MetaInfo.currentOrNull() == null ? "unbound" : MetaInfo.current().persistent("tenant");
  }

  private RpcClient client(Layer<RpcContext, Object, Object> layer) {
    return RpcClient.builder("inventory").time(time).layer(layer).transport(this::answer);
  }

  private static HedgeConfig hedging(ManualTime time) {
    return HedgeConfig.of(HedgeDelay.fixed(Duration.ofMillis(50))).withTime(time);
  }

  private static RetryConfig retrying(ManualTime time) {
    return RetryConfig.create().withTime(time).withBackoff(Backoff.constant(Duration.ZERO));
  }

  private MetaInfo after(RpcClient client, Object request, Object expected) throws Exception {
    MetaInfo mine = MetaInfo.create();
    mine.setPersistent("tenant", "blue");
    Object answer = MetaInfo.call(mine, () -> client.call(new Idempotent("Count"), request));
    assertThat(answer).isEqualTo(expected);
    return mine;
  }

  @Test
  void ofAHedgedCallOnlyTheWinnersValuesComeHome() throws Exception {
    MetaInfo mine = after(client(HedgeLayer.of(hedging(time))), "slow", "unbound");

    assertThat(seen).containsExactly("1 sees null", "2 sees null");
    assertThat(mine.downstream("by")).isEqualTo("attempt 2");
    assertThat(mine.downstream("only-2")).isEqualTo("here");
    assertThat(mine.downstream("only-1")).isNull();
    assertThat(mine.transientValue("attempt")).isNull();
  }

  @Test
  void ofARetriedCallOnlyTheLastAttemptsValuesComeHome() throws Exception {
    MetaInfo mine = after(client(RetryLayer.of(retrying(time))), "fail", "blue");

    assertThat(seen).containsExactly("1 sees null", "2 sees null");
    assertThat(mine.downstream("by")).isEqualTo("attempt 2");
    assertThat(mine.downstream("only-1")).isNull();
  }

  @Test
  void whatIsBoundToTheCallersThreadGoesAlongWhereTheThreadsCarryIt() throws Exception {
    HedgeConfig carrying = hedging(time).withThreads(Carrying.virtualThreads());

    after(client(HedgeLayer.of(carrying)), "slow", "blue");
  }

  @Test
  void everyAttemptKeepsTheEndpointThatTheCallWasGiven() throws Exception {
    Endpoint given = Endpoint.tcp("10.0.0.7", 9000);
    RpcClient client =
        RpcClient.builder("inventory")
            .layer(RetryLayer.of(retrying(time)))
            .options(CallOptions.DEFAULT.withEndpoint(given))
            .transport((context, request) -> {
              seen.add(context.attempt() + " at " + context.endpoint());
              if (context.attempt() == 1) {
                throw RpcException.of(Kind.UNAVAILABLE, "lost");
              }
              return request;
            });

    client.call(new Idempotent("Count"), "x");

    assertThat(seen).containsExactly("1 at 10.0.0.7:9000", "2 at 10.0.0.7:9000");
  }

  private record Idempotent(String name) implements MethodDescriptor {
    @Override
    public String service() {
      return "Inventory";
    }

    @Override
    public Kind kind() {
      return Kind.UNARY;
    }

    @Override
    public boolean idempotent() {
      return true;
    }
  }
}
