package io.volare.layers.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.volare.motore.Time;
import io.volare.rpc.Discovery;
import io.volare.rpc.Endpoint;
import io.volare.rpc.EndpointSet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class FileDiscoveryTest {
  @TempDir Path folder;
  private final BlockingQueue<EndpointSet> sets = new LinkedBlockingQueue<>();

  @Test
  void followsTheFileAndKeepsTheLastGoodContent() throws Exception {
    Path file = folder.resolve("instances");
    Files.writeString(file, "# two services\ninventory 10.0.0.7:9000 300\norders 10.0.0.9:1\n");
    Discovery discovery = FileDiscovery.of(file, Duration.ofMillis(20), Time.SYSTEM);

    try (Discovery.Watch watch = discovery.watch("inventory", sets::add)) {
      assertThat(sets.poll(5, TimeUnit.SECONDS).endpoints())
          .isEqualTo(List.of(Endpoint.tcp("10.0.0.7", 9000).withWeight(300)));

      Files.writeString(file, "inventory nonsense\n");
      assertThat(sets.poll(100, TimeUnit.MILLISECONDS)).isNull();

      Files.writeString(file, "inventory 10.0.0.7:9000\ninventory 10.0.0.8:9000\n");
      assertThat(sets.poll(5, TimeUnit.SECONDS).endpoints()).hasSize(2);
    }
  }
}
