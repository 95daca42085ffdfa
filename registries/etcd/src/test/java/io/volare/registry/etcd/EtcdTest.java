package io.volare.registry.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.volare.rpc.Discovery.Watch;
import io.volare.rpc.Endpoint;
import io.volare.rpc.testing.HeardEndpoints;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole way to a real etcd. */
@Timeout(60)
class EtcdTest {
  private static final String KEY = "kitex/registry-etcd/orders/10.0.0.%d:9000";
  private static final String VALUE =
      "{\"network\":\"tcp\",\"address\":\"10.0.0.%d:9000\",\"weight\":10,\"tags\":null}";

  @TempDir Path folder;
  private final HeardEndpoints heard = new HeardEndpoints();
  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private EtcdServer etcd;

  @BeforeEach
  void start() throws Exception {
    etcd = new EtcdServer(folder);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : opened.reversed()) {
      one.close();
    }
    if (etcd != null) {
      etcd.close();
    }
  }

  private EtcdConfig config() {
    return EtcdConfig.of(etcd.address())
        .withTimeout(Duration.ofSeconds(2))
        .withLeaseTime(Duration.ofSeconds(3))
        .withDoubt(Duration.ofMillis(600))
        .withListener(
            new EtcdListener() {
              @Override
              public void failed(String service, Exception failure) {
                events.add("failed " + failure.getMessage());
              }

              @Override
              public void doubted(String service, int known, int found) {
                events.add("doubted " + known + " -> " + found);
              }

              @Override
              public void registered(String service, Endpoint endpoint) {
                events.add("registered " + endpoint);
              }

              @Override
              public void expired(String service, Endpoint endpoint) {
                events.add("expired " + endpoint);
              }
            });
  }

  private Watch watch(EtcdConfig config) {
    EtcdDiscovery discovery = EtcdDiscovery.of(config);
    opened.add(discovery);
    return discovery.watch("orders", heard);
  }

  private EtcdRegistration register(int host) {
    EtcdRegistration registration =
        EtcdRegistration.of(config(), "orders", Endpoint.tcp("10.0.0." + host, 9000));
    opened.add(registration);
    return registration;
  }

  private void put(int host) throws Exception {
    etcd.put(KEY.formatted(host), VALUE.formatted(host));
  }

  private void awaitEvent(String text) throws InterruptedException {
    String event = "";
    while (!event.contains(text)) {
      event = events.poll(15, TimeUnit.SECONDS);
      assertThat(event).as("an event with " + text).isNotNull();
    }
  }

  @Test
  void findsWhatIsRegisteredAndFollowsIt() throws Exception {
    register(1);
    awaitEvent("registered 10.0.0.1:9000");
    watch(config());
    assertThat(heard.next()).containsExactly("10.0.0.1:9000");

    EtcdRegistration second =
        EtcdRegistration.of(
            config().withLeaseTime(Duration.ofHours(1)), "orders", Endpoint.tcp("10.0.0.2", 9000));
    opened.add(second);
    assertThat(heard.next()).containsExactly("10.0.0.1:9000", "10.0.0.2:9000");

    second.close();
    assertThat(heard.next()).containsExactly("10.0.0.1:9000");
    assertThat(etcd.value(KEY.formatted(2))).isEmpty();
  }

  @Test
  void readsWhatKitexWritesAndLeavesOutWhatIsNoInstance() throws Exception {
    put(1);
    etcd.put("kitex/registry-etcd/orders/nonsense", "nonsense");
    etcd.put("kitex/registry-etcd/orders-of-others/10.0.0.9:9000", VALUE.formatted(9));
    etcd.put("kitex/registry-etcd/orders2/10.0.0.9:9000", VALUE.formatted(9));

    watch(config());

    assertThat(heard.nextSet().endpoints())
        .containsExactly(Endpoint.tcp("10.0.0.1", 9000).withWeight(10));
    awaitEvent("failed kitex/registry-etcd/orders/nonsense: no instance");
  }

  @Test
  void dropsAnInstanceWhoseLeaseIsOver() throws Exception {
    put(1);
    etcd.putForASecond(KEY.formatted(2), VALUE.formatted(2));
    watch(config());
    assertThat(heard.next()).hasSize(2);

    assertThat(heard.next()).containsExactly("10.0.0.1:9000");
  }

  @Test
  void aLeaseIsRenewedInTime() throws Exception {
    register(1);
    awaitEvent("registered");

    assertThat(events.poll(7, TimeUnit.SECONDS)).as("more than two leases later").isNull();
    assertThat(etcd.value(KEY.formatted(1))).contains("10.0.0.1:9000");
  }

  @Test
  void registersAgainWhenItsLeaseIsOver() throws Exception {
    register(1);
    awaitEvent("registered");

    etcd.revokeLeaseOf(KEY.formatted(1));

    awaitEvent("expired 10.0.0.1:9000");
    awaitEvent("registered 10.0.0.1:9000");
    assertThat(etcd.value(KEY.formatted(1))).contains("10.0.0.1:9000");
  }

  @Test
  void keepsTheLastGoodSetWhileEtcdIsDownAndCatchesUp() throws Exception {
    register(1);
    put(2);
    awaitEvent("registered");
    watch(config());
    assertThat(heard.next()).hasSize(2);

    etcd.kill();
    awaitEvent("failed");
    awaitEvent("failed kv/range");
    assertThat(heard.isQuiet()).isTrue();
    etcd.start();
    put(3);

    assertThat(heard.next()).containsExactly("10.0.0.1:9000", "10.0.0.2:9000", "10.0.0.3:9000");
  }

  @Test
  void catchesUpWhenWhatItMissedWasCompactedAway() throws Exception {
    put(1);
    put(2);
    EtcdConfig often = config().withReread(Duration.ofMillis(200));
    watch(often);
    assertThat(heard.next()).hasSize(2);
    etcd.freeze(true);
    awaitEvent("failed");
    etcd.freeze(false);

    put(3);
    etcd.delete(KEY.formatted(1));
    etcd.compact();

    List<String> set = heard.next();
    while (!set.equals(List.of("10.0.0.2:9000", "10.0.0.3:9000"))) {
      set = heard.next();
    }
  }

  @Test
  void noticesThatEtcdHasGoneSilentAndKeepsWhatItKnows() throws Exception {
    put(1);
    watch(config().withReread(Duration.ofMillis(200)));
    assertThat(heard.next()).hasSize(1);

    etcd.freeze(true);
    awaitEvent("failed kv/range");
    assertThat(heard.isQuiet()).isTrue();
    etcd.freeze(false);
    put(2);

    assertThat(heard.next()).hasSize(2);
  }

  @Test
  void doubtsThatAllAreGoneUntilItWasReadAgain() throws Exception {
    put(1);
    put(2);
    watch(config());
    assertThat(heard.next()).hasSize(2);

    etcd.delete(KEY.formatted(2));
    assertThat(heard.next()).containsExactly("10.0.0.1:9000");
    etcd.delete(KEY.formatted(1));
    long emptied = System.nanoTime();

    awaitEvent("doubted 1 -> 0");
    assertThat(heard.next()).isEmpty();
    assertThat(Duration.ofNanos(System.nanoTime() - emptied)).isGreaterThan(Duration.ofMillis(600));
  }

  @Test
  void asksAnotherMemberWhenOneIsGone() throws Exception {
    put(1);
    EtcdConfig two =
        new EtcdConfig(
            List.of(java.net.URI.create("http://127.0.0.1:1"), java.net.URI.create(etcd.address())),
            config().prefix(),
            config().timeout(),
            config().leaseTime(),
            config().reread(),
            config().doubt(),
            config().tls(),
            config().listener(),
            config().time());

    watch(two);

    assertThat(heard.next()).containsExactly("10.0.0.1:9000");
    assertThat(events).isEmpty();
  }

  @Test
  void lookupsEndWithTheLastWatch() throws Exception {
    put(1);
    EtcdDiscovery discovery = EtcdDiscovery.of(config());
    opened.add(discovery);
    Watch first = discovery.watch("orders", heard);
    HeardEndpoints second = new HeardEndpoints();
    Watch other = discovery.watch("orders", second);
    heard.next();
    second.next();

    first.close();
    put(2);
    assertThat(second.next()).hasSize(2);
    assertThat(heard.isQuiet()).isTrue();

    other.close();
    put(3);
    HeardEndpoints third = new HeardEndpoints();
    discovery.watch("orders", third);
    assertThat(third.next()).hasSize(3);
    assertThat(second.isQuiet()).isTrue();
  }
}
