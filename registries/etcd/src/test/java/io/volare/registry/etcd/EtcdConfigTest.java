package io.volare.registry.etcd;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class EtcdConfigTest {
  private static final EtcdConfig CONFIG = EtcdConfig.of("http://127.0.0.1:2379");

  @Test
  void needsMembersOverHttp() {
    assertThatThrownBy(EtcdConfig::of).hasMessage("members: [] (expected: at least one)");
    assertThatThrownBy(() -> EtcdConfig.of("grpc://10.0.0.1:2379"))
        .hasMessage("members: grpc://10.0.0.1:2379 (expected: http or https, a host, and no path)");
    assertThatThrownBy(() -> EtcdConfig.of("http://10.0.0.1:2379/v3"))
        .hasMessageEndingWith("and no path)");
  }

  @Test
  void checksPrefixAndTimes() {
    assertThatThrownBy(() -> CONFIG.withPrefix("a/"))
        .hasMessage("prefix: a/ (expected: not empty, no slash at either end)");
    assertThatThrownBy(() -> CONFIG.withLeaseTime(Duration.ofMillis(999)))
        .hasMessage("leaseTime: PT0.999S (expected: PT1S..PT1H)");
    assertThatThrownBy(() -> CONFIG.withDoubt(Duration.ofSeconds(-1)))
        .hasMessage("doubt: PT-1S (expected: PT0S..PT24H)");
  }
}
