package io.volare.registry.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import io.volare.rpc.SnapshotConfig;
import io.volare.rpc.SnapshotDiscovery;
import io.volare.rpc.testing.HeardEndpoints;
import java.nio.file.Files;
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

/** What a real etcd does too rarely for a test. */
@Timeout(30)
class EtcdTroubleTest {
  private static final String ONE =
      "{\"header\":{\"revision\":\"7\"},\"kvs\":[{\"key\":%s,\"value\":%s}]}"
          .formatted(
              EtcdClient.base64("kitex/registry-etcd/orders/10.0.0.1:9000"),
              EtcdClient.base64("{\"network\":\"tcp\",\"address\":\"10.0.0.1:9000\"}"));
  private static final String CREATED = "{\"result\":{\"created\":true}}";

  private final HeardEndpoints heard = new HeardEndpoints();
  private final BlockingQueue<String> failures = new LinkedBlockingQueue<>();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private ScriptedEtcd etcd;

  @BeforeEach
  void start() throws Exception {
    etcd = new ScriptedEtcd();
    opened.add(etcd);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : opened.reversed()) {
      one.close();
    }
  }

  private EtcdConfig config() {
    return EtcdConfig.of(etcd.address())
        .withTimeout(Duration.ofSeconds(2))
        .withListener(
            new EtcdListener() {
              @Override
              public void failed(String service, Exception failure) {
                failures.add(failure.getMessage());
              }
            });
  }

  private EtcdDiscovery watching() {
    EtcdDiscovery discovery = EtcdDiscovery.of(config());
    opened.add(discovery);
    discovery.watch("orders", heard);
    return discovery;
  }

  @Test
  void aStartWhileEtcdIsAwayGoesByTheSnapshotOfWhatWasFoundBefore(@TempDir Path folder)
      throws Exception {
    SnapshotConfig snapshots = SnapshotConfig.of(folder);
    etcd.says("kv/range", 200, ONE);
    etcd.saysAndGoesOn("watch", CREATED);
    EtcdDiscovery before = EtcdDiscovery.of(config());
    SnapshotDiscovery.of(before, snapshots).watch("orders", heard);
    assertThat(heard.next()).containsExactly("10.0.0.1:9000");
    while (!Files.exists(folder.resolve("orders.endpoints"))) {
      Thread.onSpinWait();
    }
    before.close();
    etcd.close();

    EtcdDiscovery away = EtcdDiscovery.of(config());
    opened.add(away);
    long start = System.nanoTime();
    SnapshotDiscovery.of(away, snapshots).watch("orders", heard);

    assertThat(heard.next()).containsExactly("10.0.0.1:9000");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
  }

  private String nextFailure() throws InterruptedException {
    String failure = failures.poll(10, TimeUnit.SECONDS);
    assertThat(failure).as("a failure").isNotNull();
    return failure;
  }

  @Test
  void readsAgainAtOnceWhenItsRevisionWasCompactedAway() throws Exception {
    etcd.says("kv/range", 200, ONE);
    etcd.says("watch", 200, CREATED, "{\"result\":{\"canceled\":true,\"compact_revision\":\"9\"}}");
    etcd.saysAndGoesOn("watch", CREATED);

    watching();

    assertThat(List.of(etcd.nextRequest(), etcd.nextRequest(), etcd.nextRequest()))
        .containsExactly("kv/range", "watch", "kv/range");
    assertThat(etcd.nextRequest()).isEqualTo("watch");
    assertThat(failures).isEmpty();
    assertThat(heard.next()).hasSize(1);
  }

  @Test
  void aWatchThatIsRefusedIsAFailure() throws Exception {
    etcd.says("kv/range", 200, ONE);
    etcd.says("watch", 200, "{\"result\":{\"canceled\":true,\"cancel_reason\":\"not allowed\"}}");

    watching();

    assertThat(nextFailure()).isEqualTo("watch at " + etcd.address() + ": cancelled, not allowed");
  }

  @Test
  void aWatchThatEndsIsAFailure() throws Exception {
    etcd.says("kv/range", 200, ONE);
    etcd.says("watch", 200, CREATED);

    watching();

    assertThat(nextFailure()).isEqualTo("watch at " + etcd.address() + ": the answer has ended");
  }

  @Test
  void anAnswerThatStopsHalfWayIsAFailure() throws Exception {
    etcd.saysHalf("kv/range", "{\"header\":");

    watching();

    assertThat(nextFailure())
        .isEqualTo("kv/range at " + etcd.address() + ": the answer stopped half-way (limit: PT2S)");
  }

  @Test
  void anAnswerThatIsNotJsonIsAFailure() throws Exception {
    etcd.says("kv/range", 200, "<html>");

    watching();

    assertThat(nextFailure())
        .isEqualTo(
            "kv/range at "
                + etcd.address()
                + ": malformed JSON at character 0 of 6 (expected: a value)");
  }

  @Test
  void anAnswerIsReadUpToALimit() throws Exception {
    etcd.says("kv/range", 200, "x".repeat(EtcdClient.MOST_BYTES + 1));

    EtcdDiscovery discovery = EtcdDiscovery.of(config().withTimeout(Duration.ofSeconds(10)));
    opened.add(discovery);
    discovery.watch("orders", heard);

    assertThat(nextFailure()).endsWith(": a message of more than 16777216 bytes");
  }

  @Test
  void saysWhatEtcdRefused() throws Exception {
    etcd.says("kv/range", 400, "{\"error\":\"x\",\"message\":\"user name is empty\",\"code\":3}");

    watching();

    assertThat(nextFailure()).isEqualTo("kv/range at " + etcd.address() + ": user name is empty");
  }

  @Test
  void aMemberInTroubleIsLeftForAnother() throws Exception {
    etcd.says("kv/range", 503, "{}");
    ScriptedEtcd other = new ScriptedEtcd();
    opened.add(other);
    other.says("kv/range", 200, ONE).saysAndGoesOn("watch", CREATED);
    EtcdDiscovery discovery = EtcdDiscovery.of(EtcdConfig.of(etcd.address(), other.address()));
    opened.add(discovery);

    discovery.watch("orders", heard);

    assertThat(heard.next()).containsExactly("10.0.0.1:9000");
  }

  @Test
  void closesWithinAMomentWhileEtcdSaysNothing() throws Exception {
    etcd.says("kv/range", 200, ONE);
    etcd.saysAndGoesOn("watch", CREATED);
    EtcdDiscovery discovery = watching();
    heard.next();
    etcd.nextRequest();
    etcd.nextRequest();

    long started = System.nanoTime();
    discovery.close();
    discovery.close();

    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(3));
    assertThat(failures).isEmpty();
    assertThatThrownBy(() -> discovery.watch("orders", heard))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("etcd at [" + etcd.address() + "] is closed");
  }

  @Test
  void refusesWhatOthersCannotReachOrFind() {
    assertThatThrownBy(() -> EtcdRegistration.of(config(), "orders", Endpoint.tcp("0.0.0.0", 9000)))
        .hasMessage("endpoint: 0.0.0.0:9000 (expected: an address that others can connect to)");
    assertThatThrownBy(() -> EtcdRegistration.of(config(), "orders", Endpoint.tcp("10.0.0.1", 0)))
        .hasMessageContaining("10.0.0.1:0");
    assertThatThrownBy(
            () -> EtcdRegistration.of(config(), "orders", Endpoint.of(Address.inProcess("orders"))))
        .hasMessageContaining("in-process:orders");
    assertThatThrownBy(() -> EtcdRegistration.of(config(), "a/b", Endpoint.tcp("10.0.0.1", 1)))
        .hasMessage("service: a/b (expected: not empty, without a slash)");
  }
}
