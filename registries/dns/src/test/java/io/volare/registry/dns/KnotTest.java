package io.volare.registry.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.volare.layers.discovery.DiscoveryConfig;
import io.volare.layers.discovery.DiscoveryLayer;
import io.volare.rpc.Address;
import io.volare.rpc.Discovery.Watch;
import io.volare.rpc.Endpoint;
import io.volare.rpc.EndpointHealth;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcClient;
import io.volare.rpc.testing.HeardEndpoints;
import io.volare.transport.contract.LeakExtension;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The whole way to a real DNS server: Knot. */
@Timeout(60)
@ExtendWith(LeakExtension.class)
class KnotTest {
  @TempDir Path folder;
  private final HeardEndpoints heard = new HeardEndpoints();
  private final BlockingQueue<String> failures = new LinkedBlockingQueue<>();
  private final EndpointHealth health = EndpointHealth.create();
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : opened.reversed()) {
      one.close();
    }
  }

  private Knot knot(String... records) throws Exception {
    Knot knot = new Knot(folder.resolve("knot" + opened.size()), records);
    opened.add(knot);
    return knot;
  }

  private DnsDiscovery discovery(InetSocketAddress... nameServers) {
    DnsDiscovery discovery =
        DnsDiscovery.of(
            DnsConfig.of(nameServers)
                .withTimeout(Duration.ofSeconds(1), 2)
                .withHealth(health)
                .withRefresh(
                    RefreshConfig.DEFAULT
                        .withFloor(Duration.ofMillis(100))
                        .withCeiling(Duration.ofSeconds(1)))
                .withListener(
                    new DnsListener() {
                      @Override
                      public void failed(String service, Exception failure) {
                        failures.add(failure.getMessage());
                      }

                      @Override
                      public void doubted(String service, int known, int answered) {
                        failures.add(answered + " of " + known + " are left");
                      }
                    }));
    opened.add(discovery);
    return discovery;
  }

  private Watch watch(String service, InetSocketAddress... nameServers) {
    return discovery(nameServers).watch(service, heard);
  }

  private void awaitFailure(String text) throws InterruptedException {
    String failure = "";
    while (!failure.contains(text)) {
      failure = failures.poll(10, TimeUnit.SECONDS);
      assertThat(failure).as("a failure with " + text).isNotNull();
    }
  }

  @Test
  void findsAllAddresses() throws Exception {
    Knot knot = knot("orders 60 A 10.0.0.1", "orders 60 A 10.0.0.2", "orders 60 AAAA fd00::1");

    watch("orders.example:9000", knot.address());

    assertThat(heard.next()).containsExactly("10.0.0.1:9000", "10.0.0.2:9000", "[fd00::1]:9000");
  }

  @Test
  void findsInstancesBySrvRecordsAndFollowsAliases() throws Exception {
    Knot knot =
        knot(
            "_rpc._tcp.orders 60 SRV 10 30 9001 a",
            "_rpc._tcp.orders 60 SRV 10 70 9002 b",
            "_rpc._tcp.orders 60 SRV 20 50 9003 a",
            "a 60 A 10.0.0.1",
            "b 60 A 10.0.0.2",
            "_alias._tcp 60 CNAME _rpc._tcp.orders");

    watch("_alias._tcp.example", knot.address());

    assertThat(heard.nextSet().endpoints())
        .extracting(Endpoint::address, Endpoint::weight)
        .containsExactlyInAnyOrder(
            tuple(Address.tcp("10.0.0.1", 9001), 30), tuple(Address.tcp("10.0.0.2", 9002), 70));
  }

  @Test
  void readsWhatDoesNotFitIntoAPacket() throws Exception {
    String[] many =
        IntStream.range(0, 250).mapToObj(n -> "orders 60 A 10.0.1." + n).toArray(String[]::new);
    Knot knot = knot(many);

    watch("orders.example:9000", knot.address());

    assertThat(heard.next()).hasSize(250);
  }

  @Test
  void usesANewSetSoonAfterTheTtl() throws Exception {
    Knot knot = knot("orders 1 A 10.0.0.1");
    watch("orders.example:9000", knot.address());
    assertThat(heard.next()).containsExactly("10.0.0.1:9000");

    knot.zone("orders 1 A 10.0.0.2", "orders 1 A 10.0.0.3");
    long changed = System.nanoTime();

    assertThat(heard.next()).containsExactly("10.0.0.2:9000", "10.0.0.3:9000");
    assertThat(Duration.ofNanos(System.nanoTime() - changed)).isLessThan(Duration.ofSeconds(3));
  }

  @Test
  void asksTheSecondNameServerWhenTheFirstIsGone() throws Exception {
    Knot first = knot("orders 1 A 10.0.0.1");
    Knot second = knot("orders 1 A 10.0.0.2");
    watch("orders.example:9000", first.address(), second.address());
    assertThat(heard.next()).containsExactly("10.0.0.1:9000");

    first.stop();

    assertThat(heard.next()).containsExactly("10.0.0.2:9000");
    assertThat(failures).isEmpty();
  }

  @Test
  void noCallFailsWhileDnsFailsInEveryWay() throws Exception {
    Knot knot = knot("orders 1 A 10.0.0.1", "orders 1 A 10.0.0.2");
    Set<String> used = ConcurrentHashMap.newKeySet();
    AtomicBoolean done = new AtomicBoolean();
    AtomicReference<Exception> failed = new AtomicReference<>();
    DiscoveryLayer<Object, Object> layer =
        DiscoveryLayer.of(DiscoveryConfig.of(discovery(knot.address())).withHealth(health));
    opened.add(layer);
    RpcClient client =
        RpcClient.builder("orders.example:9000")
            .layer(layer)
            .transport((context, request) -> {
              used.add(String.valueOf(context.endpoint()));
              return request;
            });
    Thread caller = Thread.startVirtualThread(() -> callUntil(done, client, failed));
    awaitUse(used, "10.0.0.1:9000");
    awaitUse(used, "10.0.0.2:9000");

    knot.zone("other 1 A 10.0.0.9");
    awaitFailure("no such name");
    knot.zone("orders 1 TXT nothing-else"); // the name is there, its addresses are not
    awaitFailure("0 of 2 are left");
    knot.stop();
    awaitFailure("no answer");
    knot.start();
    knot.restartBroken();
    awaitFailure("ServFail");
    assertThat(used).containsExactlyInAnyOrder("10.0.0.1:9000", "10.0.0.2:9000");
    knot.zone("orders 1 A 10.0.0.3");
    awaitUse(used, "10.0.0.3:9000");
    done.set(true);
    caller.join();

    assertThat(failed).hasNullValue();
  }

  private static void awaitUse(Set<String> used, String endpoint) {
    while (!used.contains(endpoint)) {
      Thread.onSpinWait();
    }
  }

  private static void callUntil(
      AtomicBoolean done, RpcClient client, AtomicReference<Exception> failed) {
    try {
      while (!done.get()) {
        client.call(new Method("Orders", "Get", MethodDescriptor.Kind.UNARY, true), "?");
        Thread.sleep(1);
      }
    } catch (Exception failure) {
      failed.set(failure);
    }
  }

  private record Method(String service, String name, Kind kind, boolean idempotent)
      implements MethodDescriptor {}
}
