package io.volare.registry.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.volare.rpc.Endpoint;
import io.volare.rpc.testing.HeardEndpoints;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real etcd that speaks TLS and wants to see a certificate. */
@Timeout(60)
class EtcdTlsTest {
  @TempDir Path folder;
  private final BlockingQueue<String> failures = new LinkedBlockingQueue<>();
  private final HeardEndpoints heard = new HeardEndpoints();

  @Test
  void worksOverTlsWithACertificateAndIsRefusedWithoutOne() throws Exception {
    TestTls tls = new TestTls(folder);
    try (EtcdServer etcd = new EtcdServer(folder, tls)) {
      EtcdConfig config = EtcdConfig.of(etcd.address()).withListener(listener());
      try (EtcdRegistration registration =
              EtcdRegistration.of(
                  config.withTls(tls.client(true)), "orders", Endpoint.tcp("10.0.0.1", 9000));
          EtcdDiscovery discovery = EtcdDiscovery.of(config.withTls(tls.client(true)))) {
        discovery.watch("orders", heard);
        assertThat(heard.next()).containsExactly("10.0.0.1:9000");
        assertThat(failures).isEmpty();
        assertThat(registration.toString()).startsWith("orders at 10.0.0.1:9000 in etcd at [https");
      }
      for (EtcdConfig refused : new EtcdConfig[] {config.withTls(tls.client(false)), config}) {
        try (EtcdDiscovery discovery = EtcdDiscovery.of(refused)) {
          failures.clear();
          discovery.watch("orders", heard);
          assertThat(failures.poll(10, TimeUnit.SECONDS)).startsWith("kv/range at https://");
          assertThat(heard.isQuiet()).isTrue();
        }
      }
    }
  }

  private EtcdListener listener() {
    return new EtcdListener() {
      @Override
      public void failed(String service, Exception failure) {
        failures.add(failure.getMessage());
      }
    };
  }
}
