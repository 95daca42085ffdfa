package io.volare.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.metainfo.MetaInfo;
import io.volare.metainfo.Names;
import io.volare.motore.CallContext;
import org.junit.jupiter.api.Test;

class RpcContextTest {
  private static RpcContext client() {
    return RpcContext.client(Methods.unary("GetItem"), "orders", "inventory", MetaInfo.create());
  }

  @Test
  void aWinningAttemptBringsItsEndpointAndItsBackwardValuesHome() {
    RpcContext call = client();
    RpcContext loser = CallContext.forkOf(call, 1);
    RpcContext winner = CallContext.forkOf(call, 2);
    loser.endpoint(Endpoint.tcp("10.0.0.1", 1));
    loser.metaInfo().receiveBackward(Names.RPC, "RPC_BACKWARD_from", "loser");
    winner.endpoint(Endpoint.tcp("10.0.0.2", 2));
    winner.metaInfo().receiveBackward(Names.RPC, "RPC_BACKWARD_from", "winner");

    call.adopt(winner);

    assertThat(call.endpoint()).isEqualTo(Endpoint.tcp("10.0.0.2", 2));
    assertThat(call.metaInfo().downstream("from")).isEqualTo("winner");
    assertThat(call.wire()).isSameAs(winner.wire());
  }

  @Test
  void anEndpointThatWasChosenIsForgottenByTheNextAttemptAndOneThatWasGivenIsNot() {
    RpcContext call = client();
    call.endpoint(Endpoint.tcp("10.0.0.1", 1));
    assertThat(CallContext.forkOf(call, 2).endpoint()).isNull();

    call.give(Endpoint.tcp("10.0.0.7", 7));

    assertThat(CallContext.forkOf(call, 2).endpoint()).isEqualTo(Endpoint.tcp("10.0.0.7", 7));
  }

  @Test
  void isCurrentOnlyWhileItIsServed() throws Exception {
    RpcContext serving =
        RpcContext.server(
            Methods.unary("GetItem"),
            "orders",
            "inventory",
            MetaInfo.create(),
            Endpoint.tcp("10.0.0.1", 1));

    RpcContext inside = serving.serve(RpcContext::current);

    assertThat(inside).isSameAs(serving);
    assertThat(RpcContext.currentOrNull()).isNull();
    assertThatThrownBy(RpcContext::current)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("no call is being answered");
  }
}
