package io.volare.registry.dns;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class DnsConfigTest {
  private static final DnsConfig CONFIG = DnsConfig.of(new InetSocketAddress("127.0.0.1", 53));

  @Test
  void needsNameServersThatAreAddresses() {
    assertThatThrownBy(DnsConfig::of).hasMessage("nameServers: [] (expected: at least one)");
    assertThatThrownBy(() -> DnsConfig.of(InetSocketAddress.createUnresolved("dns.example", 53)))
        .hasMessageEndingWith("(expected: an address, not a name, and a port)");
  }

  @Test
  void checksTimes() {
    RefreshConfig refresh = RefreshConfig.DEFAULT;
    assertThatThrownBy(() -> CONFIG.withTimeout(Duration.ofNanos(1), 1))
        .hasMessage("timeout: PT0.000000001S (expected: 1 ms to 1 min)");
    assertThatThrownBy(() -> CONFIG.withTimeout(Duration.ofSeconds(1), 0))
        .hasMessage("rounds: 0 (expected: 1..10)");
    assertThatThrownBy(() -> refresh.withFloor(Duration.ZERO))
        .hasMessage("floor: PT0S (expected: > 0)");
    assertThatThrownBy(() -> refresh.withCeiling(Duration.ofMillis(1)))
        .hasMessage("ceiling: PT0.001S (expected: PT1S..PT24H, the floor to a day)");
    assertThatThrownBy(() -> refresh.withDoubt(Duration.ofSeconds(-1)))
        .hasMessage("doubt: PT-1S (expected: PT0S..PT24H)");
  }
}
