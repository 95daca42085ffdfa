package io.volare.registry.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InstanceTextTest {
  @Test
  void writesAsKitexDoes() {
    Endpoint endpoint =
        Endpoint.tcp("10.0.0.7", 9000).withWeight(10).withTags(Map.of("zone", "a\"b", "cell", "1"));

    assertThat(InstanceText.written(endpoint))
        .isEqualTo(
            "{\"network\":\"tcp\",\"address\":\"10.0.0.7:9000\",\"weight\":10,"
                + "\"tags\":{\"cell\":\"1\",\"zone\":\"a\\\"b\"}}");
  }

  @Test
  void readsWhatItWrites() throws Exception {
    for (Endpoint endpoint :
        new Endpoint[] {
          Endpoint.tcp("10.0.0.7", 9000).withWeight(7).withTags(Map.of("a", "b")),
          Endpoint.tcp("fd00::1", 9000),
          Endpoint.of(Address.unix(Path.of("/run/orders")))
        }) {
      assertThat(InstanceText.read("k", InstanceText.written(endpoint))).isEqualTo(endpoint);
    }
  }

  @Test
  void readsWhatKitexWrites() throws Exception {
    Endpoint endpoint =
        InstanceText.read(
            "k", "{\"network\":\"tcp\",\"address\":\"10.0.0.7:9000\",\"weight\":0,\"tags\":null}");

    assertThat(endpoint).isEqualTo(Endpoint.tcp("10.0.0.7", 9000));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{}",
        "10.0.0.7:9000",
        "{\"address\":\"10.0.0.7\"}",
        "{\"address\":\"10.0.0.7:http\"}",
        "{\"address\":\"10.0.0.7:99999\"}",
        "{\"address\":\"10.0.0.7:1\",\"weight\":99999999999}"
      })
  void saysWhichKeyHoldsNoInstance(String text) {
    assertThatThrownBy(() -> InstanceText.read("kitex/x/y", text))
        .isInstanceOf(EtcdException.class)
        .hasMessageStartingWith("kitex/x/y: no instance, ")
        .hasMessageEndingWith(", in " + text);
  }
}
