package io.volare.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.motore.Failure;
import io.volare.motore.Failure.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ValuesTest {
  @Test
  void addressesPrintAsPeopleWriteThem() {
    assertThat(Address.tcp("10.0.0.7", 9000)).hasToString("10.0.0.7:9000");
    assertThat(Address.tcp("::1", 9000)).hasToString("[::1]:9000");
    assertThat(Address.inProcess("inventory")).hasToString("in-process:inventory");
  }

  @Test
  void refusesWhatCannotBeAPort() {
    assertThatThrownBy(() -> Address.tcp("localhost", 65_536))
        .hasMessage("port: 65536 (expected: 0..65535)");
  }

  @Test
  void anEndpointSetHoldsEachAddressOnce() {
    Endpoint endpoint = Endpoint.tcp("10.0.0.1", 1);

    assertThatThrownBy(
            () -> new EndpointSet("inventory", List.of(endpoint, endpoint.withWeight(7))))
        .hasMessageContaining("expected: each address once");
  }

  @Test
  void aBusinessErrorCarriesItsStatusAndExtras() {
    BusinessException error = new BusinessException(404, "not found", Map.of("id", "7"));

    assertThat(error.status()).isEqualTo(404);
    assertThat(error.extra()).containsEntry("id", "7");
    assertThat(error.kind()).isEqualTo(Kind.APPLICATION);
    assertThatThrownBy(() -> new BusinessException(0, "fine"))
        .hasMessage("status: 0 (expected: not 0, which means success)");
  }

  @Test
  void aLayersRefusalKeepsItsAnswersWhenItBecomesUnchecked() {
    RuntimeException unchecked =
        RpcException.unchecked("Inventory/GetItem", new Refusal("over 10 calls/s"));

    assertThat(unchecked)
        .hasMessage("over 10 calls/s")
        .isInstanceOfSatisfying(
            RpcException.class,
            refused -> {
              assertThat(refused.kind()).isEqualTo(Kind.RESOURCE_EXHAUSTED);
              assertThat(refused.mayHaveExecuted()).isFalse();
              assertThat(refused.retryAfter()).isEqualTo(Duration.ofSeconds(1));
            });
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void everyKindComesBackFromGrpcAsItselfOrAsADefect(Kind kind) {
    Kind back = StatusCodes.ofGrpc(StatusCodes.grpc(kind));

    assertThat(back).isEqualTo(kind == Kind.PROTOCOL ? Kind.INTERNAL : kind);
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void everyKindHasAThriftType(Kind kind) {
    assertThat(StatusCodes.ofThrift(StatusCodes.thrift(kind)))
        .isIn(Kind.UNIMPLEMENTED, Kind.PROTOCOL, Kind.INTERNAL);
  }

  private static final class Refusal extends Exception implements Failure {
    private static final long serialVersionUID = 1;

    Refusal(String message) {
      super(message);
    }

    @Override
    public Kind kind() {
      return Kind.RESOURCE_EXHAUSTED;
    }

    @Override
    public boolean mayHaveExecuted() {
      return false;
    }

    @Override
    public @Nullable Duration retryAfter() {
      return Duration.ofSeconds(1);
    }
  }
}
