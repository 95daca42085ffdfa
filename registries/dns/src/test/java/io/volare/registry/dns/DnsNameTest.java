package io.volare.registry.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DnsNameTest {
  @Test
  void readsAHostWithItsPort() {
    assertThat(DnsName.parse("orders.example:9000"))
        .isEqualTo(DnsName.hosts("orders.example", 9000));
    assertThat(DnsName.parse("[::1]:9000")).isEqualTo(DnsName.hosts("::1", 9000));
  }

  @Test
  void readsTheNameOfSrvRecords() {
    assertThat(DnsName.parse("_thrift._tcp.orders.example"))
        .isEqualTo(DnsName.srv("_thrift._tcp.orders.example"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"orders", "orders:", "orders:http", ":9000", ""})
  void saysWhatItExpects(String service) {
    assertThatThrownBy(() -> DnsName.parse(service))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "service: "
                + service
                + " (expected: host:port, or an SRV name such as _thrift._tcp.orders.example)");
  }

  @Test
  void checksPortsAndLabels() {
    assertThatThrownBy(() -> DnsName.hosts("orders", 0)).hasMessage("port: 0 (expected: 1..65535)");
    assertThatThrownBy(() -> DnsName.hosts("orders..example", 1))
        .hasMessage("name: orders..example (expected: labels of 1 to 63 characters, not '')");
    assertThatThrownBy(() -> DnsName.srv("_x." + "a".repeat(64)))
        .hasMessageContaining("labels of 1 to 63 characters");
    assertThatThrownBy(() -> DnsName.srv("a.".repeat(127) + "b"))
        .hasMessageEndingWith("(expected: 1 to 253 characters, has 255)");
  }
}
