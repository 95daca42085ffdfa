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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
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

  @Test
  void closingWaitsForTheListenerThatIsBeingTold() throws Exception {
    Path file = Files.writeString(folder.resolve("instances"), "inventory 10.0.0.7:9000\n");
    CountDownLatch telling = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    List<String> order = new CopyOnWriteArrayList<>();
    Discovery.Watch watch =
        FileDiscovery.of(file, Duration.ofMillis(5), Time.SYSTEM)
            .watch(
                "inventory",
                set -> {
                  sets.add(set);
                  if (set.endpoints().size() == 2) {
                    telling.countDown();
                    awaited(goOn);
                    order.add("told");
                  }
                });
    Files.writeString(file, "inventory 10.0.0.7:9000\ninventory 10.0.0.8:9000\n");
    telling.await();

    Thread closing =
        Thread.startVirtualThread(() -> {
          watch.close();
          order.add("closed");
        });
    while (closing.getState() == Thread.State.NEW || closing.getState() == Thread.State.RUNNABLE) {
      Thread.onSpinWait();
    }
    goOn.countDown();
    closing.join();

    assertThat(order).containsExactly("told", "closed");
  }

  private static void awaited(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aFileThatIsNotThereYetIsFoundOnceItIs() throws Exception {
    Path file = folder.resolve("later");
    Discovery discovery = FileDiscovery.of(file, Duration.ofMillis(5), Time.SYSTEM);

    try (Discovery.Watch watch = discovery.watch("inventory", sets::add)) {
      assertThat(sets).isEmpty();
      Files.move(Files.writeString(folder.resolve("written"), "inventory 10.0.0.7:9000\n"), file);

      assertThat(sets.poll(10, TimeUnit.SECONDS)).isNotNull();
    }
  }
}
