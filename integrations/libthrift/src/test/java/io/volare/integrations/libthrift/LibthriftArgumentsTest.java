package io.volare.integrations.libthrift;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.rpc.RpcClient;
import org.junit.jupiter.api.Test;

class LibthriftArgumentsTest {
  private final RpcClient client =
      RpcClient.builder("inventory").transport((context, request) -> request);

  private interface NotGenerated {
    void ping();
  }

  @Test
  void saysWhatAnInterfaceShouldBe() {
    assertThatThrownBy(() -> Libthrift.client(Runnable.class, client))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("java.lang.Runnable (expected: the Iface inside a generated service)");
    assertThatThrownBy(() -> Libthrift.client(NotGenerated.class, client))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith(
            "no class ping_args (expected: a service that Apache's compiler generated)");
  }
}
