package io.volare.registry.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResolvConfTest {
  @TempDir Path folder;

  private ResolvConf file(String content) throws Exception {
    return new ResolvConf(Files.writeString(folder.resolve("resolv.conf"), content));
  }

  @Test
  void readsNameServersInTheirOrder() throws Exception {
    ResolvConf file =
        file("# made by hand\nsearch example\n nameserver 10.0.0.2\nnameserver\tfd00::2\n");

    assertThat(file.nameServers())
        .extracting(server -> server.getAddress().getHostAddress() + " " + server.getPort())
        .containsExactly("10.0.0.2 53", "fd00:0:0:0:0:0:0:2 53");
  }

  @Test
  void makesNoNameServerUp() throws Exception {
    ResolvConf file = file("search example\n");

    assertThatThrownBy(file::nameServers)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageEndingWith("names no name server; name them with DnsConfig.of(address…)");
  }

  @Test
  void saysWhatIsWrong() throws Exception {
    assertThatThrownBy(file("nameserver dns.example\n")::nameServers)
        .hasMessageEndingWith("nameserver dns.example (expected: an address)");
    assertThatThrownBy(new ResolvConf(folder.resolve("none"))::nameServers)
        .hasMessageContaining("cannot be read");
  }
}
