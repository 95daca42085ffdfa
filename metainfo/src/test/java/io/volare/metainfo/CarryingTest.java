package io.volare.metainfo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class CarryingTest {
  private final MetaInfo mine = MetaInfo.create();

  CarryingTest() {
    mine.setPersistent("tenant", "blue");
  }

  private static String tenant() {
    MetaInfo bound = MetaInfo.currentOrNull();
    return bound == null ? "nothing bound" : bound.persistent("tenant");
  }

  @Test
  void executorsAndFuturesCarryIt() throws Exception {
    try (ExecutorService executor = Carrying.executor(Executors.newFixedThreadPool(1))) {
      String inTask = MetaInfo.call(mine, () -> executor.submit(CarryingTest::tenant).get());
      String inFuture =
          MetaInfo.call(
              mine, () -> CompletableFuture.supplyAsync(CarryingTest::tenant, executor).join());

      assertThat(inTask).isEqualTo("blue");
      assertThat(inFuture).isEqualTo("blue");
      assertThat(executor.submit(CarryingTest::tenant).get()).isEqualTo("nothing bound");
    }
  }

  @Test
  void threadsOfAFactoryHaveForksOfTheirOwn() throws Exception {
    MetaInfo.call(
        mine,
        () -> {
          Thread thread =
              Carrying.virtualThreads()
                  .newThread(() -> MetaInfo.current().setPersistent("tenant", "changed there"));
          thread.start();
          thread.join();
          return null;
        });

    assertThat(mine.persistent("tenant")).isEqualTo("blue");
  }

  @Test
  void aTaskSeesWhatWasBoundWhenItWasHandedOver() throws Exception {
    var task = MetaInfo.call(mine, () -> Carrying.wrapCallable(CarryingTest::tenant));
    mine.setPersistent("tenant", "later");

    assertThat(task.call()).isEqualTo("blue");
    assertThat(MetaInfo.call(mine, () -> Carrying.wrapSupplier(CarryingTest::tenant)).get())
        .isEqualTo("later");
  }
}
