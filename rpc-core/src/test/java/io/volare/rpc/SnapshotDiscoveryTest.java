package io.volare.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.motore.Deadline;
import io.volare.motore.Time;
import io.volare.rpc.testing.HeardEndpoints;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class SnapshotDiscoveryTest {
  private static final Endpoint A = Endpoint.tcp("10.0.0.1", 9000);
  private static final Endpoint B = Endpoint.tcp("10.0.0.2", 9000);

  @TempDir Path folder;
  private final HeldTime time = new HeldTime();
  private final Registry registry = new Registry();
  private final HeardEndpoints heard = new HeardEndpoints();

  private SnapshotConfig config() {
    return SnapshotConfig.of(folder).withTime(time);
  }

  private final List<Discovery.Watch> watches = new ArrayList<>();

  /** What is still being written would be in the way of the folder's end. */
  @AfterEach
  void closeWatches() {
    watches.forEach(Discovery.Watch::close);
  }

  private Discovery.Watch watch() {
    Discovery.Watch watch = SnapshotDiscovery.of(registry, config()).watch("inventory", heard);
    watches.add(watch);
    return watch;
  }

  private EndpointSnapshot snapshot() {
    return new EndpointSnapshot(folder, "inventory", 10_000);
  }

  private static EndpointSet set(Endpoint... endpoints) {
    return new EndpointSet("inventory", List.of(endpoints));
  }

  private void remember(Endpoint... endpoints) throws IOException {
    snapshot().write(set(endpoints));
  }

  private void awaitFile(String text) throws IOException {
    Path file = folder.resolve("inventory.endpoints");
    while (!Files.exists(file) || !Files.readString(file).contains(text)) {
      Thread.onSpinWait();
    }
  }

  @Test
  void aStartWhileTheRegistryIsAwayGoesByWhatWasHeardLast() throws Exception {
    watch();
    registry.tell(set(A));
    registry.tell(set(A, B));
    assertThat(heard.next()).containsExactly("10.0.0.1:9000");
    assertThat(heard.next()).containsExactly("10.0.0.1:9000", "10.0.0.2:9000");
    awaitFile("end 2");

    Registry silent = new Registry();
    HeardEndpoints afterwards = new HeardEndpoints();
    // @start region="use"
    Discovery discovery = SnapshotDiscovery.of(silent, SnapshotConfig.of(folder));
    // @end
    try (Discovery.Watch unused = discovery.watch("inventory", afterwards)) {
      assertThat(afterwards.nextSet().endpoints()).containsExactly(A, B);
    }
  }

  @Test
  void goesByASnapshotAfterItsPatienceAndByTheRegistryAsSoonAsThatSpeaks() throws Exception {
    remember(A);
    watch();
    assertThat(time.asked.take()).isEqualTo(Duration.ofMillis(500));
    assertThat(heard.isQuiet()).isTrue();
    time.pass();
    assertThat(heard.next()).containsExactly("10.0.0.1:9000");

    registry.tell(set(B));

    assertThat(heard.next()).containsExactly("10.0.0.2:9000");
  }

  @Test
  void whatWasHeardIsOnDiskOnceTheWatchIsClosed() throws Exception {
    Discovery.Watch watch = watch();
    registry.tell(set(A));
    registry.tell(set(A, B));

    watch.close();

    assertThat(snapshot().read()).isEqualTo(set(A, B));
  }

  @Test
  void whereTheRegistrySpeaksInTimeNothingElseIsHeard() throws Exception {
    remember(A);
    watch();
    time.asked.take();
    registry.tell(set(B));
    time.pass();
    awaitFile("10.0.0.2");

    assertThat(heard.next()).containsExactly("10.0.0.2:9000");
    assertThat(heard.isQuiet()).isTrue();
  }

  @Test
  void nothingIsHeardOnceTheWatchIsClosed() throws Exception {
    remember(A);
    Discovery.Watch watch = watch();
    time.asked.take();
    watch.close();
    watch.close();
    time.pass();
    registry.tell(set(B));

    assertThat(heard.isQuiet()).isTrue();
    assertThat(registry.listeners).isEmpty();
  }

  @Test
  void keepsWeightsAndTagsAndEveryAddressThatAnotherProcessCanReach() throws Exception {
    List<Endpoint> endpoints =
        List.of(
            Endpoint.tcp("::1", 1).withWeight(0),
            Endpoint.tcp("höst.example", 65_535).withTags(Map.of("a b&=%\n", "ü*+", "", "")),
            Endpoint.of(Address.unix(Path.of("/run/a b/ünix"))).withWeight(7));
    List<Endpoint> withMine = new ArrayList<>(endpoints);
    withMine.add(Endpoint.of(Address.inProcess("mine")));

    snapshot().write(new EndpointSet("inventory", withMine));

    assertThat(snapshot().read()).isEqualTo(new EndpointSet("inventory", endpoints));
  }

  @Test
  void anEmptySetDoesNotReplaceWhatIsRemembered() throws Exception {
    remember(A);
    remember();

    assertThat(snapshot().read()).isEqualTo(set(A));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "..", "ünï*code", "host:9000", ""})
  void eachServiceHasAFileOfItsOwnInTheFolder(String service) throws Exception {
    EndpointSnapshot other = new EndpointSnapshot(folder, service, 10);
    other.write(new EndpointSet(service, List.of(A)));

    assertThat(other.read()).isEqualTo(new EndpointSet(service, List.of(A)));
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(1).allMatch(file -> file.toString().endsWith(".endpoints"));
    }
  }

  @Test
  void remembersNoMoreThanItMayAndReadsNoMoreThanItMayHaveWritten() throws Exception {
    EndpointSnapshot small = new EndpointSnapshot(folder, "inventory", 2);
    small.write(set(A, B, Endpoint.tcp("10.0.0.3", 9000)));
    assertThat(small.read()).isEqualTo(set(A, B));

    Files.writeString(folder.resolve("inventory.endpoints"), "x".repeat(5_000));
    assertThatThrownBy(small::read).hasMessageEndingWith("5000 B (limit: 4096 B)");
  }

  @Test
  void aSnapshotThatWasCutOrChangedIsOfNoUse() throws Exception {
    remember(A, B.withTags(Map.of("zone", "a")));
    Path file = folder.resolve("inventory.endpoints");
    String whole = Files.readString(file);

    for (int cut = 0; cut < whole.length() - 1; cut++) {
      Files.writeString(file, whole.substring(0, cut));
      assertThatThrownBy(() -> snapshot().read()).isInstanceOf(IOException.class);
    }
    for (String wrong :
        List.of(
            whole.replace("endpoints 1", "endpoints 2"),
            whole.replace("inventory", "orders"),
            whole.replace("tcp", "udp"),
            whole.replace(" 9000 ", " 90000 "),
            whole.replace(" 100", " -1"),
            whole.replace("zone=a", "zone"),
            whole.replace("10.0.0.2", "10.0.0.1"))) {
      Files.writeString(file, wrong);
      assertThatThrownBy(() -> snapshot().read())
          .isInstanceOf(IOException.class)
          .hasMessageContaining(file.toString());
    }
    Files.write(file, new byte[] {(byte) 0xff, '\n', (byte) 0xff});
    assertThatThrownBy(() -> snapshot().read()).isInstanceOf(IOException.class);
  }

  @Test
  void withASnapshotOfNoUseTheRegistryIsWaitedFor() throws Exception {
    Files.writeString(folder.resolve("inventory.endpoints"), "nothing");
    watch();
    time.pass();

    registry.tell(set(B));

    assertThat(heard.next()).containsExactly("10.0.0.2:9000");
    awaitFile("10.0.0.2");
  }

  @Test
  void aFolderThatCannotBeWrittenToDisturbsNobody() throws Exception {
    Path noFolder = Files.writeString(folder.resolve("file"), "x");
    SnapshotDiscovery.of(registry, SnapshotConfig.of(noFolder).withTime(time))
        .watch("inventory", heard);

    registry.tell(set(A));
    registry.tell(set(B));

    assertThat(heard.next()).containsExactly("10.0.0.1:9000");
    assertThat(heard.next()).containsExactly("10.0.0.2:9000");
    assertThat(Files.readString(noFolder)).isEqualTo("x");
  }

  @Test
  void whoReadsWhileOthersWriteSeesOneOfThemWhole() throws Exception {
    EndpointSet few = set(A);
    EndpointSet many =
        new EndpointSet(
            "inventory",
            IntStream.range(0, 500).mapToObj(i -> Endpoint.tcp("10.0.1.1", 1_000 + i)).toList());
    snapshot().write(few);
    Thread[] writers = {
      Thread.ofVirtual().start(() -> writeOften(few)),
      Thread.ofVirtual().start(() -> writeOften(many))
    };

    while (writers[0].isAlive() || writers[1].isAlive()) {
      assertThat(snapshot().read()).isIn(few, many);
    }
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(1);
    }
  }

  private void writeOften(EndpointSet set) {
    try {
      for (int i = 0; i < 50; i++) {
        snapshot().write(set);
      }
    } catch (IOException failure) {
      throw new java.io.UncheckedIOException(failure);
    }
  }

  @Test
  void refusesSettingsThatMakeNoSense() {
    assertThatThrownBy(() -> config().withPatience(Duration.ofMillis(-1)))
        .hasMessage("patience: PT-0.001S (expected: >= 0)");
    assertThatThrownBy(() -> config().withEndpoints(0))
        .hasMessage("endpoints: 0 (expected: 1..100000)");
    assertThat(SnapshotDiscovery.of(registry, config()))
        .hasToString("a registry, remembered in " + folder);
  }

  /** Nobody's sleep ends before the test says so. */
  private static final class HeldTime implements Time {
    private final BlockingQueue<Duration> asked = new LinkedBlockingQueue<>();
    private final Semaphore over = new Semaphore(0);

    void pass() {
      over.release();
    }

    @Override
    public void sleep(Duration duration) throws InterruptedException {
      asked.add(duration);
      over.acquire();
    }

    @Override
    public long nanos() {
      return 0;
    }

    @Override
    public Instant now() {
      return Instant.EPOCH;
    }

    @Override
    public InterruptScope interruptAt(Deadline deadline) {
      return Time.SYSTEM.interruptAt(deadline);
    }

    @Override
    public void park(Object blocker, Deadline deadline) {
      Time.SYSTEM.park(blocker, deadline);
    }
  }

  /** Says what the test says. */
  private static final class Registry implements Discovery {
    private final List<Consumer<? super EndpointSet>> listeners = new CopyOnWriteArrayList<>();

    @Override
    public Watch watch(String service, Consumer<? super EndpointSet> listener) {
      listeners.add(listener);
      return () -> listeners.remove(listener);
    }

    void tell(EndpointSet set) {
      listeners.forEach(listener -> listener.accept(set));
    }

    @Override
    public String toString() {
      return "a registry";
    }
  }
}
