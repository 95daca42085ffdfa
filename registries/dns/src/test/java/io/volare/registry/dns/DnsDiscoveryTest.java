package io.volare.registry.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import io.netty.handler.codec.dns.DnsResponseCode;
import io.volare.registry.dns.ScriptedDns.Entry;
import io.volare.registry.dns.ScriptedDns.Reply;
import io.volare.rpc.Address;
import io.volare.rpc.Discovery.Watch;
import io.volare.rpc.Endpoint;
import io.volare.rpc.EndpointHealth;
import io.volare.rpc.EndpointHealth.Signal;
import io.volare.rpc.SnapshotConfig;
import io.volare.rpc.SnapshotDiscovery;
import io.volare.rpc.testing.HeardEndpoints;
import io.volare.transport.contract.LeakExtension;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
@ExtendWith(LeakExtension.class)
class DnsDiscoveryTest {
  private static final RefreshConfig OFTEN =
      new RefreshConfig(Duration.ofMillis(20), Duration.ofMillis(20), Duration.ofMillis(300));

  private final ScriptedDns dns = new ScriptedDns();
  private final EndpointHealth health = EndpointHealth.create();
  private final HeardEndpoints heard = new HeardEndpoints();
  private final BlockingQueue<String> failures = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> doubts = new LinkedBlockingQueue<>();
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable one : opened.reversed()) {
      one.close();
    }
    dns.close();
  }

  private DnsConfig config(InetSocketAddress... nameServers) {
    return DnsConfig.of(nameServers)
        .withTimeout(Duration.ofSeconds(1), 1)
        .withHealth(health)
        .withRefresh(OFTEN)
        .withListener(
            new DnsListener() {
              @Override
              public void failed(String service, Exception failure) {
                failures.add(failure.getMessage());
              }

              @Override
              public void doubted(String service, int known, int answered) {
                doubts.add(known + " -> " + answered);
              }
            });
  }

  private DnsDiscovery discovery(DnsConfig config) {
    DnsDiscovery discovery = DnsDiscovery.of(config);
    opened.add(discovery);
    return discovery;
  }

  private Watch watch(DnsConfig config, String service) {
    return discovery(config).watch(service, heard);
  }

  private static String next(BlockingQueue<String> events) throws InterruptedException {
    String event = events.poll(10, TimeUnit.SECONDS);
    assertThat(event).as("an event within 10 s").isNotNull();
    return event;
  }

  @Test
  void findsAllAddressesOfBothFamilies() throws Exception {
    dns.says("orders.example A", Entry.a(60, "10.0.0.1"), Entry.a(60, "10.0.0.2"));
    dns.says("orders.example AAAA", Entry.aaaa(60, "fd00::1"));

    watch(config(dns.address()), "orders.example:9000");

    assertThat(heard.next()).containsExactly("10.0.0.1:9000", "10.0.0.2:9000", "[fd00::1]:9000");
  }

  @Test
  void aStartWhileNoNameServerAnswersGoesByTheSnapshotOfWhatWasFoundBefore(@TempDir Path folder)
      throws Exception {
    SnapshotConfig snapshots = SnapshotConfig.of(folder);
    dns.hosts("orders.example", 60, "10.0.0.1", "10.0.0.2");
    SnapshotDiscovery.of(discovery(config(dns.address())), snapshots)
        .watch("orders.example:9000", heard);
    assertThat(heard.next()).containsExactly("10.0.0.1:9000", "10.0.0.2:9000");
    while (!Files.exists(folder.resolve("orders.example%3A9000.endpoints"))) {
      Thread.onSpinWait();
    }

    try (DatagramSocket silent = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
      DnsConfig away = config((InetSocketAddress) silent.getLocalSocketAddress());
      SnapshotDiscovery.of(discovery(away), snapshots).watch("orders.example:9000", heard);

      assertThat(heard.next()).containsExactly("10.0.0.1:9000", "10.0.0.2:9000");
    }
  }

  @Test
  void asksForOneFamilyOnlyIfToldSo() throws Exception {
    dns.hosts("orders.example", 60, "10.0.0.1");

    watch(config(dns.address()).withFamily(IpFamily.IPV4), "orders.example:9000");

    assertThat(heard.next()).containsExactly("10.0.0.1:9000");
    assertThat(dns.questions()).allMatch(question -> question.equals("orders.example A UDP"));
  }

  @Test
  void findsWhatSrvRecordsListWithTheWeightsOfTheLowestPriority() throws Exception {
    dns.says(
        "_rpc._tcp.orders SRV",
        Entry.srv(60, 10, 60, 9001, "a.example"),
        Entry.srv(60, 10, 0, 9002, "b.example"),
        Entry.srv(60, 20, 5, 9003, "c.example"));
    dns.says("a.example A", Entry.a(60, "10.0.0.1"), Entry.a(60, "10.0.0.2"));
    dns.says("a.example AAAA", Entry.aaaa(60, "fd00::1"));
    dns.hosts("b.example", 60, "10.0.0.3");
    dns.hosts("c.example", 60, "10.0.0.4");

    watch(config(dns.address()), "_rpc._tcp.orders");

    List<Endpoint> endpoints = heard.nextSet().endpoints();
    assertThat(endpoints)
        .extracting(Endpoint::address, Endpoint::weight)
        .containsExactlyInAnyOrder(
            tuple(Address.tcp("10.0.0.1", 9001), 20),
            tuple(Address.tcp("10.0.0.2", 9001), 20),
            tuple(Address.tcp("fd00::1", 9001), 20),
            tuple(Address.tcp("10.0.0.3", 9002), 1));
    assertThat(endpoints.getFirst().tags())
        .containsEntry(DnsDiscovery.HOST, "a.example")
        .containsEntry(DnsDiscovery.PRIORITY, "10");
  }

  @Test
  void srvRecordsThatAllWeighNothingShareTheLoad() throws Exception {
    dns.says(
        "_rpc._tcp.orders SRV",
        Entry.srv(60, 0, 0, 1, "a.example"),
        Entry.srv(60, 0, 0, 2, "a.example"));
    dns.hosts("a.example", 60, "10.0.0.1");

    watch(config(dns.address()), "_rpc._tcp.orders");

    assertThat(heard.nextSet().endpoints())
        .extracting(Endpoint::weight)
        .containsExactly(Endpoint.DEFAULT_WEIGHT, Endpoint.DEFAULT_WEIGHT);
  }

  @Test
  void theNextPriorityTakesOverWhileTheLowerOneRefuses() throws Exception {
    dns.says(
        "_rpc._tcp.orders SRV",
        Entry.srv(60, 1, 1, 9001, "a.example"),
        Entry.srv(60, 2, 1, 9002, "a.example"));
    dns.hosts("a.example", 60, "10.0.0.1");
    watch(config(dns.address()), "_rpc._tcp.orders");
    assertThat(heard.next()).containsExactly("10.0.0.1:9001");

    health.report(Endpoint.tcp("10.0.0.1", 9001), Signal.REFUSED);
    assertThat(heard.next()).containsExactly("10.0.0.1:9001", "10.0.0.1:9002");

    health.report(Endpoint.tcp("10.0.0.1", 9001), Signal.CONNECTED);
    assertThat(heard.next()).containsExactly("10.0.0.1:9001");
  }

  @Test
  void aDotAsSrvTargetMeansThatThereIsNoService() throws Exception {
    dns.says("_rpc._tcp.orders SRV", Entry.srv(60, 0, 0, 0, "."));

    watch(config(dns.address()), "_rpc._tcp.orders");

    assertThat(next(doubts)).isEqualTo("0 -> 0");
    assertThat(heard.next()).isEmpty();
  }

  @Test
  void followsAliasesInTheAnswerAndBeyondIt() throws Exception {
    dns.says(
        "orders.example A",
        Entry.alias(60, "front.example"),
        Entry.a(60, "10.0.0.1").of("front.example"));
    dns.says("orders.example AAAA", Entry.alias(60, "front.example"));
    dns.says("front.example AAAA", Entry.aaaa(60, "fd00::1"));

    watch(config(dns.address()), "orders.example:9000");

    assertThat(heard.next()).containsExactly("10.0.0.1:9000", "[fd00::1]:9000");
  }

  @Test
  void doesNotAskAgainWhenTheEndOfAnAliasHasNoSuchRecord() throws Exception {
    dns.says(
        "orders.example A",
        Entry.alias(60, "front.example"),
        Entry.a(60, "10.0.0.1").of("front.example"));
    dns.says("orders.example AAAA", Entry.alias(60, "front.example"), Entry.soa());

    watch(config(dns.address()), "orders.example:9000");

    assertThat(heard.next()).containsExactly("10.0.0.1:9000");
    assertThat(dns.questions()).noneMatch(question -> question.startsWith("front"));
  }

  @Test
  void givesUpOnAliasesThatLeadInACircle() throws Exception {
    dns.says(
        "a.example A", Entry.alias(60, "b.example"), Entry.alias(60, "a.example").of("b.example"));
    dns.says("a.example AAAA", Entry.alias(60, "b.example"));
    dns.says("b.example AAAA", Entry.alias(60, "a.example"));

    watch(config(dns.address()), "a.example:9000");

    assertThat(List.of(next(failures), next(failures)))
        .allMatch(failure -> failure.endsWith("more than 16 aliases"));
  }

  @Test
  void takesNoAddressOfAnotherNameFromAnAnswer() throws Exception {
    dns.says(
        "orders.example A",
        Entry.a(60, "10.0.0.1"),
        Entry.a(60, "10.6.6.6").of("elsewhere.example"));
    dns.says("orders.example AAAA");

    watch(config(dns.address()), "orders.example:9000");

    assertThat(heard.next()).containsExactly("10.0.0.1:9000");
  }

  @Test
  void readsLongAnswersOverTcp() throws Exception {
    Entry[] many =
        IntStream.range(0, 200).mapToObj(n -> Entry.a(60, "10.0.1." + n)).toArray(Entry[]::new);
    dns.says("orders.example A", Reply.of(many).overTcp());
    dns.says("orders.example AAAA");

    watch(config(dns.address()), "orders.example:9000");

    assertThat(heard.next()).hasSize(200);
    assertThat(dns.questions()).contains("orders.example A UDP", "orders.example A TCP");
  }

  @Test
  void aTruncatedAnswerIsNoAnswer() throws Exception {
    dns.says("orders.example A", Reply.of(Entry.a(60, "10.0.0.1")).overTcp());
    dns.says("orders.example AAAA");
    dns.closeTcp();

    watch(config(dns.address()), "orders.example:9000");

    assertThat(next(failures)).endsWith(": truncated, and no answer over TCP");
    assertThat(heard.isQuiet()).isTrue();
  }

  @Test
  void usesANewSetOnceTheTtlIsOver() throws Exception {
    dns.hosts("orders.example", 1, "10.0.0.1");
    watch(
        config(dns.address()).withRefresh(RefreshConfig.DEFAULT.withFloor(Duration.ofMillis(20))),
        "orders.example:9000");
    assertThat(heard.next()).containsExactly("10.0.0.1:9000");

    dns.hosts("orders.example", 1, "10.0.0.2");
    long changed = System.nanoTime();

    assertThat(heard.next()).containsExactly("10.0.0.2:9000");
    assertThat(Duration.ofNanos(System.nanoTime() - changed)).isLessThan(Duration.ofSeconds(3));
  }

  @Test
  void anAnswerInAnotherOrderIsNoChange() throws Exception {
    dns.hosts("orders.example", 0, "10.0.0.1", "10.0.0.2");
    watch(config(dns.address()), "orders.example:9000");
    heard.next();

    dns.hosts("orders.example", 0, "10.0.0.2", "10.0.0.1");
    dns.questions();
    for (int i = 0; i < 6; i++) {
      dns.nextQuestion();
    }

    assertThat(heard.isQuiet()).isTrue();
  }

  @Test
  void keepsTheLastGoodAnswerThroughServfailNxdomainAndSilence() throws Exception {
    dns.hosts("orders.example", 0, "10.0.0.1");
    watch(config(dns.address()), "orders.example:9000");
    heard.next();

    for (Reply trouble :
        List.of(Reply.SERVFAIL, Reply.code(DnsResponseCode.NXDOMAIN), Reply.SILENCE)) {
      dns.says("orders.example A", trouble).says("orders.example AAAA", trouble);
      failures.clear();
      next(failures);
      next(failures);
      assertThat(heard.isQuiet()).as(trouble.toString()).isTrue();
    }

    dns.hosts("orders.example", 0, "10.0.0.2");
    assertThat(heard.next()).containsExactly("10.0.0.2:9000");
  }

  @Test
  void saysWhichQuestionFailedWhereAndHow() throws Exception {
    dns.says("orders.example A", Reply.SERVFAIL).says("orders.example AAAA", Reply.SERVFAIL);

    watch(config(dns.address()), "orders.example:9000");

    assertThat(next(failures))
        .isEqualTo("orders.example A at 127.0.0.1:" + dns.address().getPort() + ": ServFail(2)");
  }

  @Test
  void keepsTheAddressesOfAFamilyThatFails() throws Exception {
    dns.hosts("orders.example", 0, "10.0.0.1");
    dns.says("orders.example AAAA", Entry.aaaa(0, "fd00::1"));
    watch(config(dns.address()), "orders.example:9000");
    heard.next();

    dns.says("orders.example AAAA", Reply.SERVFAIL);
    dns.says("orders.example A", Entry.a(0, "10.0.0.2"));

    assertThat(heard.next()).containsExactly("10.0.0.2:9000", "[fd00::1]:9000");
  }

  @Test
  void aNameServerThatDeniesANameForLackOfAaaaIsNotBelieved() throws Exception {
    dns.says("orders.example A", Entry.a(60, "10.0.0.1"));

    watch(config(dns.address()), "orders.example:9000");

    assertThat(heard.next()).containsExactly("10.0.0.1:9000");
    assertThat(failures).isEmpty();
  }

  @Test
  void anEmptyAnswerIsTakenOnlyAfterItWasRepeated() throws Exception {
    dns.hosts("orders.example", 0, "10.0.0.1", "10.0.0.2");
    watch(config(dns.address()), "orders.example:9000");
    heard.next();

    dns.hosts("orders.example", 0);
    long emptied = System.nanoTime();

    assertThat(next(doubts)).isEqualTo("2 -> 0");
    assertThat(heard.next()).isEmpty();
    assertThat(Duration.ofNanos(System.nanoTime() - emptied)).isGreaterThan(OFTEN.doubt());
    assertThat(doubts).hasSizeGreaterThanOrEqualTo(2);
  }

  @Test
  void asksTheNextNameServerWhenOneFailsAndStaysThere() throws Exception {
    try (ScriptedDns second = new ScriptedDns()) {
      dns.says("orders.example A", Reply.SERVFAIL).says("orders.example AAAA", Reply.SILENCE);
      second.hosts("orders.example", 0, "10.0.0.1");

      watch(config(dns.address(), second.address()), "orders.example:9000");

      assertThat(heard.next()).containsExactly("10.0.0.1:9000");
      dns.questions();
      second.questions();
      for (int i = 0; i < 6; i++) {
        second.nextQuestion();
      }
      assertThat(dns.questions()).isEmpty();
    }
  }

  @Test
  void asksASilentNameServerAgain() throws Exception {
    dns.says("orders.example A", Reply.SILENCE).says("orders.example AAAA");

    watch(
        config(dns.address()).withTimeout(Duration.ofMillis(300), 3).withFamily(IpFamily.IPV4),
        "orders.example:9000");
    for (int i = 0; i < 3; i++) {
      assertThat(dns.nextQuestion()).isEqualTo("orders.example A UDP");
      assertThat(failures).isEmpty();
    }

    assertThat(next(failures)).endsWith(": no answer (limit: 300 ms)");
  }

  @Test
  void eachQuestionLeavesFromAPortOfItsOwn() throws Exception {
    dns.hosts("orders.example", 0, "10.0.0.1");

    watch(config(dns.address()), "orders.example:9000");
    for (int i = 0; i < 20; i++) {
      dns.nextQuestion();
    }

    assertThat(dns.ports()).hasSizeGreaterThan(10);
  }

  @Test
  void searchesNoDomainUnlessToldTo() throws Exception {
    dns.hosts("orders.example", 60, "10.0.0.1");

    watch(config(dns.address()), "orders:9000");

    assertThat(next(failures)).contains("no such name");
    assertThat(dns.questions()).allMatch(question -> question.startsWith("orders "));
  }

  @Test
  void searchesTheDomainsItIsToldInTheirOrder() throws Exception {
    dns.hosts("orders.two.example", 60, "10.0.0.1");

    watch(config(dns.address()).withSearchDomains("one.example", "two.example"), "orders:9000");

    assertThat(heard.next()).containsExactly("10.0.0.1:9000");
    assertThat(dns.questions()).noneMatch(question -> question.startsWith("orders "));
  }

  @Test
  void doesNotSearchOnWhereANameServerFailed() throws Exception {
    dns.says("orders.one.example A", Reply.SERVFAIL);
    dns.says("orders.one.example AAAA", Reply.SERVFAIL);
    dns.hosts("orders.two.example", 60, "10.6.6.6");

    watch(config(dns.address()).withSearchDomains("one.example", "two.example"), "orders:9000");

    next(failures);
    assertThat(heard.isQuiet()).isTrue();
    assertThat(dns.questions()).noneMatch(question -> question.contains("two"));
  }

  @Test
  void anAddressIsNotLookedUp() throws Exception {
    watch(config(dns.address()), "10.0.0.7:9000");

    assertThat(heard.next()).containsExactly("10.0.0.7:9000");
    assertThat(dns.questions()).isEmpty();
  }

  @Test
  void looksUpAtOnceWhenATransportLosesAnInstanceButNoMoreOftenThanTheFloor() throws Exception {
    SteppedTime time = new SteppedTime();
    dns.hosts("orders.example", 60, "10.0.0.1");
    watch(
        config(dns.address()).withRefresh(RefreshConfig.DEFAULT).withTime(time),
        "orders.example:9000");
    assertThat(heard.next()).containsExactly("10.0.0.1:9000");
    assertThat(time.nextSleep()).isBetween(Duration.ofSeconds(60), Duration.ofMillis(60_500));
    dns.hosts("orders.example", 60, "10.0.0.2");
    dns.questions();

    health.report(Endpoint.tcp("10.9.9.9", 9000), Signal.REFUSED); // somebody else's
    time.pass(Duration.ofMillis(400));
    health.report(Endpoint.tcp("10.0.0.1", 9000), Signal.REFUSED);

    assertThat(time.nextSleep()).isEqualTo(Duration.ofMillis(600));
    assertThat(dns.questions()).isEmpty();
    time.advance(Duration.ofMillis(600));
    assertThat(heard.next()).containsExactly("10.0.0.2:9000");

    time.nextSleep();
    time.pass(Duration.ofSeconds(5));
    dns.hosts("orders.example", 60, "10.0.0.3");
    health.report(Endpoint.tcp("10.0.0.2", 9000), Signal.LOST);
    assertThat(heard.next()).containsExactly("10.0.0.3:9000");
  }

  @Test
  void aStormOfSignalsCausesOneLookup() throws Exception {
    SteppedTime time = new SteppedTime();
    dns.hosts("orders.example", 60, "10.0.0.1");
    watch(
        config(dns.address())
            .withRefresh(RefreshConfig.DEFAULT)
            .withFamily(IpFamily.IPV4)
            .withTime(time),
        "orders.example:9000");
    heard.next();
    time.nextSleep();
    dns.questions();
    time.pass(Duration.ofSeconds(5));

    for (int i = 0; i < 1_000; i++) {
      health.report(Endpoint.tcp("10.0.0.1", 9000), Signal.LOST);
    }

    assertThat(dns.nextQuestion()).isEqualTo("orders.example A UDP");
    time.nextSleep();
    health.report(Endpoint.tcp("10.0.0.1", 9000), Signal.LOST);
    assertThat(time.nextSleep()).isEqualTo(Duration.ofSeconds(1));
    assertThat(dns.questions()).isEmpty();
  }

  @Test
  void oneLookupServesAllWhoWatchAService() throws Exception {
    dns.hosts("orders.example", 60, "10.0.0.1");
    DnsDiscovery discovery = discovery(config(dns.address()).withRefresh(RefreshConfig.DEFAULT));
    discovery.watch("orders.example:9000", heard);
    heard.next();
    dns.questions();
    HeardEndpoints second = new HeardEndpoints();

    discovery.watch("orders.example:9000", second);

    assertThat(second.isQuiet()).as("told before watch returned").isFalse();
    assertThat(second.next()).containsExactly("10.0.0.1:9000");
    assertThat(dns.questions()).isEmpty();
  }

  @Test
  void lookupsEndWithTheLastWatch() throws Exception {
    dns.hosts("orders.example", 0, "10.0.0.1");
    DnsDiscovery discovery = discovery(config(dns.address()));
    Watch first = discovery.watch("orders.example:9000", heard);
    HeardEndpoints second = new HeardEndpoints();
    Watch other = discovery.watch("orders.example:9000", second);
    heard.next();
    second.next();

    first.close();
    first.close();
    dns.hosts("orders.example", 0, "10.0.0.2");
    assertThat(second.next()).containsExactly("10.0.0.2:9000");
    assertThat(heard.isQuiet()).isTrue();

    other.close();
    dns.hosts("orders.example", 0, "10.0.0.3");
    HeardEndpoints third = new HeardEndpoints();
    discovery.watch("orders.example:9000", third);
    assertThat(third.next()).as("nothing old").containsExactly("10.0.0.3:9000");
    assertThat(second.isQuiet()).isTrue();
  }

  @Test
  void nothingIsHeardOnceClosingAWatchHasReturned() throws Exception {
    dns.hosts("orders.example", 0, "10.0.0.1");
    CountDownLatch telling = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    List<String> order = new CopyOnWriteArrayList<>();
    Watch watch =
        discovery(config(dns.address()))
            .watch(
                "orders.example:9000",
                set -> {
                  telling.countDown();
                  await(goOn);
                  order.add("told");
                });
    telling.await();

    Thread closing =
        Thread.startVirtualThread(() -> {
          watch.close();
          order.add("closed");
        });
    goOn.countDown();
    closing.join();

    assertThat(order).containsExactly("told", "closed");
  }

  @Test
  void nothingIsHeardOnceClosingTheDiscoveryHasReturned() throws Exception {
    dns.hosts("orders.example", 0, "10.0.0.1");
    CountDownLatch telling = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    List<String> order = new CopyOnWriteArrayList<>();
    DnsDiscovery discovery = discovery(config(dns.address()));
    discovery.watch(
        "orders.example:9000",
        set -> {
          telling.countDown();
          await(goOn);
          order.add("told");
        });
    telling.await();

    Thread closing =
        Thread.startVirtualThread(() -> {
          discovery.close();
          order.add("closed");
        });
    Thread.sleep(1_500); // longer than closing waits for a thread that does not end
    goOn.countDown();
    closing.join();

    assertThat(order).containsExactly("told", "closed");
  }

  private static void await(CountDownLatch latch) {
    boolean interrupted = false;
    while (true) {
      try {
        latch.await();
        break;
      } catch (InterruptedException later) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aListenerThatThrowsDoesNotEndTheLookups() throws Exception {
    dns.hosts("orders.example", 0, "10.0.0.1");
    DnsDiscovery discovery = discovery(config(dns.address()));
    BlockingQueue<String> told = new LinkedBlockingQueue<>();
    discovery.watch(
        "orders.example:9000",
        set -> {
          told.add(set.endpoints().toString());
          throw new IllegalStateException("a listener must not throw");
        });
    assertThat(next(told)).isEqualTo("[10.0.0.1:9000]");

    dns.hosts("orders.example", 0, "10.0.0.2");

    assertThat(next(told)).isEqualTo("[10.0.0.2:9000]");
  }

  @Test
  void watchingDoesNotWaitForDns() {
    dns.says("orders.example A", Reply.SILENCE).says("orders.example AAAA", Reply.SILENCE);
    DnsDiscovery discovery =
        discovery(config(dns.address()).withTimeout(Duration.ofSeconds(20), 1));

    long started = System.nanoTime();
    discovery.watch("orders.example:9000", heard);

    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(10));
  }

  @Test
  void closesWithinAMomentWhileNobodyAnswers() throws Exception {
    dns.says("orders.example A", Reply.SILENCE).says("orders.example AAAA", Reply.SILENCE);
    DnsDiscovery discovery =
        DnsDiscovery.of(config(dns.address()).withTimeout(Duration.ofSeconds(20), 1));
    discovery.watch("orders.example:9000", heard);
    dns.nextQuestion();
    dns.nextQuestion();

    long started = System.nanoTime();
    discovery.close();
    discovery.close();

    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(3));
    assertThatThrownBy(() -> discovery.watch("orders.example:9000", heard))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("DNS at 127.0.0.1:" + dns.address().getPort() + " is closed");
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (thread.getName().equals("volare-dns")) { // its loop has ended, it is on its way out
        assertThat(thread.join(Duration.ofSeconds(3))).as("%s ends", thread).isTrue();
      }
    }
  }

  @Test
  void refusesANameThatMeansNothing() {
    DnsDiscovery discovery = discovery(config(dns.address()));

    assertThatThrownBy(() -> discovery.watch("orders", heard))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("service: orders (expected: host:port");
  }
}
