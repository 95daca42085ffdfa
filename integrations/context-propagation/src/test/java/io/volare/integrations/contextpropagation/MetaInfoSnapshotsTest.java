package io.volare.integrations.contextpropagation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import io.volare.metainfo.MetaInfo;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Through the real registry, where the accessor registers itself. */
class MetaInfoSnapshotsTest {
  private final ContextSnapshotFactory snapshots = ContextSnapshotFactory.builder().build();
  private final ExecutorService other = Executors.newSingleThreadExecutor();

  private static MetaInfo tenant(String value) {
    MetaInfo metaInfo = MetaInfo.create();
    metaInfo.setPersistent("tenant", value);
    return metaInfo;
  }

  private static String tenantHere() {
    MetaInfo bound = MetaInfo.currentOrNull();
    return bound == null ? "nobody" : bound.persistent("tenant");
  }

  private static String tenantLeftHere() {
    return MetaInfoSnapshots.<String, RuntimeException>call(MetaInfoSnapshotsTest::tenantHere);
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    assertThat(tenantLeftHere()).isEqualTo("nobody");
    Callable<String> there = MetaInfoSnapshotsTest::tenantLeftHere;
    assertThat(other.submit(there).get()).isEqualTo("nobody");
    other.close();
  }

  @Test
  void registersItself() {
    assertThat(ContextRegistry.getInstance().getThreadLocalAccessors())
        .anySatisfy(each -> assertThat(each).isInstanceOf(MetaInfoAccessor.class));
  }

  @Test
  void aWrappedTaskSeesTheMetainfoOfTheSnapshotAndWritesToItsOwn() throws Exception {
    MetaInfo mine = tenant("blue");
    ContextSnapshot snapshot = MetaInfo.call(mine, () -> snapshots.captureAll());
    Callable<String> task =
        MetaInfoSnapshots.wrapCallable(
            snapshot,
            () -> {
              String before = tenantHere();
              MetaInfo.current().setPersistent("tenant", "written there");
              return before;
            });

    assertThat(other.submit(task).get()).isEqualTo("blue");
    assertThat(other.submit(task).get()).as("a fork for each run").isEqualTo("blue");
    assertThat(mine.persistent("tenant")).isEqualTo("blue");
  }

  @Test
  void aSnapshotIsOfTheMomentItWasTaken() throws Exception {
    MetaInfo mine = tenant("before");
    Runnable[] task = new Runnable[1];
    String[] seen = new String[1];
    MetaInfo.run(
        mine,
        () -> {
          task[0] = MetaInfoSnapshots.wrap(snapshots.captureAll(), () -> seen[0] = tenantHere());
          mine.setPersistent("tenant", "after");
        });

    other.submit(task[0]).get();

    assertThat(seen[0]).isEqualTo("before");
  }

  @Test
  void anOpenScopeDoesNotBindButACallWithinItDoes() {
    ContextSnapshot snapshot = MetaInfo.call(tenant("blue"), () -> snapshots.captureAll());

    try (ContextSnapshot.Scope open = snapshot.setThreadLocals()) {
      assertThat(tenantHere()).isEqualTo("nobody");
      assertThat(tenantLeftHere()).isEqualTo("blue");
    }
    assertThat(tenantLeftHere()).isEqualTo("nobody");
  }

  @Test
  void openScopesNestAndAreRestored() {
    ContextSnapshot blue = MetaInfo.call(tenant("blue"), () -> snapshots.captureAll());
    ContextSnapshot red = MetaInfo.call(tenant("red"), () -> snapshots.captureAll());

    try (ContextSnapshot.Scope outer = blue.setThreadLocals()) {
      try (ContextSnapshot.Scope inner = red.setThreadLocals()) {
        assertThat(tenantLeftHere()).isEqualTo("red");
      }
      assertThat(tenantLeftHere()).isEqualTo("blue");
    }
  }

  @Test
  void theLaterOfABindingAndAnOpenScopeWins() {
    ContextSnapshot blue = MetaInfo.call(tenant("blue"), () -> snapshots.captureAll());

    MetaInfo.run(
        tenant("red"),
        () -> {
          assertThat(tenantLeftHere()).isEqualTo("red");
          try (ContextSnapshot.Scope open = blue.setThreadLocals()) {
            assertThat(tenantLeftHere()).isEqualTo("blue");
            MetaInfo.run(
                tenant("green"),
                () -> {
                  assertThat(tenantLeftHere()).isEqualTo("green");
                  assertThat(tenantOf(snapshots.captureAll())).isEqualTo("green");
                });
            assertThat(tenantOf(snapshots.captureAll())).isEqualTo("blue");
          }
          assertThat(tenantLeftHere()).isEqualTo("red");
          assertThat(tenantOf(snapshots.captureAll())).isEqualTo("red");
        });
  }

  private static String tenantOf(ContextSnapshot snapshot) {
    String[] seen = new String[1];
    MetaInfoSnapshots.wrap(snapshot, () -> seen[0] = tenantHere()).run();
    return seen[0];
  }

  @Test
  void aSnapshotTakenOutsideAnyScopeHoldsNone() {
    ContextSnapshot empty = snapshots.captureAll();
    ContextSnapshotFactory clearing = ContextSnapshotFactory.builder().clearMissing(true).build();
    ContextSnapshot clears = clearing.captureAll();
    ContextSnapshot blue = MetaInfo.call(tenant("blue"), () -> snapshots.captureAll());

    try (ContextSnapshot.Scope outer = blue.setThreadLocals()) {
      assertThat(tenantOf(empty)).isEqualTo("blue");
      assertThat(tenantOf(clears)).isEqualTo("nobody");
      assertThat(tenantLeftHere()).isEqualTo("blue");
    }
  }

  @Test
  void backwardValuesOfATaskGoToTheOneResponse() throws Exception {
    MetaInfo mine = tenant("blue");
    MetaInfo.call(
        mine,
        () ->
            other
                .submit(
                    MetaInfoSnapshots.wrap(
                        snapshots.captureAll(),
                        () -> MetaInfo.current().setBackward("served-by", "other")))
                .get());

    assertThat(mine.backward("served-by")).isEqualTo("other");
  }

  @Test
  void aFailureLeavesNothing() {
    ContextSnapshot blue = MetaInfo.call(tenant("blue"), () -> snapshots.captureAll());
    Runnable failing =
        MetaInfoSnapshots.wrap(
            blue,
            () -> {
              throw new IllegalStateException("as it is");
            });

    assertThatThrownBy(failing::run)
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("as it is");
  }

  @Test
  void chosenKeysCrossBothWaysAndOthersDoNot() {
    ThreadLocal<String> tenant = new ThreadLocal<>();
    ThreadLocal<String> password = new ThreadLocal<>();
    ContextRegistry registry =
        new ContextRegistry()
            .registerThreadLocalAccessor("tenant", tenant)
            .registerThreadLocalAccessor("password", password)
            .registerContextAccessor(PersistentAccessor.of("tenant"));
    ContextSnapshotFactory own = ContextSnapshotFactory.builder().contextRegistry(registry).build();
    MetaInfo source = tenant("blue");
    source.setPersistent("password", "not asked for");

    try (ContextSnapshot.Scope open = own.setThreadLocalsFrom(source)) {
      assertThat(tenant.get()).isEqualTo("blue");
      assertThat(password.get()).isNull();
      password.set("secret");
      MetaInfo target = own.captureAll().updateContext(MetaInfo.create());
      assertThat(target.persistent("tenant")).isEqualTo("blue");
      assertThat(target.persistent("password")).isNull();
      password.remove();
    }
    try (ContextSnapshot.Scope open = own.setThreadLocalsFrom(source, "password")) {
      assertThat(tenant.get()).as("another key was asked for").isNull();
    }
    assertThat(tenant.get()).isNull();
  }

  @Test
  void onlyKeysThatAreWantedAreRead() {
    PersistentAccessor accessor = PersistentAccessor.of("tenant", "plan");
    MetaInfo source = tenant("blue");
    source.setPersistent("plan", "gold");
    Map<Object, Object> read = new HashMap<>();

    accessor.readValues(source, key -> key.equals("plan"), read);

    assertThat(read).isEqualTo(Map.of("plan", "gold"));
    assertThat(accessor.<String>readValue(source, "tenant")).isEqualTo("blue");
    assertThat(accessor.<String>readValue(source, "other")).isNull();
  }
}
