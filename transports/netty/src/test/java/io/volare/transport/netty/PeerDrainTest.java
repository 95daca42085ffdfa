package io.volare.transport.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.metainfo.MetaInfo;
import io.volare.motore.Failure.Kind;
import io.volare.motore.testing.ManualTime;
import io.volare.rpc.Endpoint;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PeerDrainTest {
  private final ManualTime time = ManualTime.create();
  private final PeerDrain drain = new PeerDrain(time);

  private static RpcContext call(boolean oneOfSeveral) {
    RpcContext context = RpcContext.client(new GetItem(), "orders", "inventory", MetaInfo.create());
    context.endpoint(Endpoint.tcp("10.0.0.7", 9000), oneOfSeveral);
    return context;
  }

  @Test
  void aCallThatMayGoElsewhereDoesNotConnectToAPeerThatIsShuttingDown() {
    drain.begin();

    assertThatThrownBy(() -> drain.checkConnect(call(true)))
        .hasMessage("Inventory/GetItem at 10.0.0.7:9000: not sent: the server is shutting down")
        .isInstanceOfSatisfying(
            RpcException.class,
            unsent -> {
              assertThat(unsent.kind()).isEqualTo(Kind.UNAVAILABLE);
              assertThat(unsent.mayHaveExecuted()).isFalse();
            });
  }

  @Test
  void aCallThatCanGoNowhereElseConnectsAllTheSame() {
    drain.begin();

    assertThatCode(() -> drain.checkConnect(call(false))).doesNotThrowAnyException();
  }

  @Test
  void aSecondLaterItIsAnotherServer() {
    drain.begin();
    time.advance(Duration.ofMillis(999));
    assertThat(drain.isOn()).isTrue();

    time.advance(Duration.ofMillis(1));

    assertThat(drain.isOn()).isFalse();
    assertThatCode(() -> drain.checkConnect(call(true))).doesNotThrowAnyException();
  }

  @Test
  void whoHasSaidNothingIsConnectedTo() {
    assertThat(drain.isOn()).isFalse();
    assertThatCode(() -> drain.checkConnect(call(true))).doesNotThrowAnyException();
  }

  private record GetItem() implements MethodDescriptor {
    @Override
    public String service() {
      return "Inventory";
    }

    @Override
    public String name() {
      return "GetItem";
    }

    @Override
    public MethodDescriptor.Kind kind() {
      return MethodDescriptor.Kind.UNARY;
    }

    @Override
    public boolean idempotent() {
      return true;
    }
  }
}
