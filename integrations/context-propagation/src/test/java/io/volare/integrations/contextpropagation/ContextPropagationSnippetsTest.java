package io.volare.integrations.contextpropagation;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ContextSnapshot;
import io.micrometer.context.ContextSnapshotFactory;
import io.volare.metainfo.MetaInfo;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class ContextPropagationSnippetsTest {
  private final MetaInfo mine = MetaInfo.create();

  private static String tenant() {
    return MetaInfo.current().persistent("tenant");
  }

  @Test
  void throughAnExecutor() {
    mine.setPersistent("tenant", "blue");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      String seen =
          MetaInfo.call(
              mine,
              () -> {
                // @start region="use"
                ContextSnapshotFactory snapshots = ContextSnapshotFactory.builder().build();
                Executor executor = MetaInfoSnapshots.executor(snapshots, threads);

                CompletableFuture<String> tenant =
                    CompletableFuture.supplyAsync(() -> tenant(), executor);
                // @end
                return tenant.join();
              });

      assertThat(seen).isEqualTo("blue");
    }
  }

  @Test
  void asThreadLocals() {
    ThreadLocal<String> tenant = new ThreadLocal<>();
    mine.setPersistent("tenant", "blue");
    // @start region="keys"
    ContextRegistry registry =
        new ContextRegistry()
            .registerThreadLocalAccessor("tenant", tenant)
            .registerContextAccessor(PersistentAccessor.of("tenant"));
    ContextSnapshotFactory snapshots =
        ContextSnapshotFactory.builder().contextRegistry(registry).build();

    try (ContextSnapshot.Scope open = snapshots.setThreadLocalsFrom(mine)) {
      assertThat(tenant.get()).isEqualTo("blue");
    }
    // @end
    assertThat(tenant.get()).isNull();
  }
}
