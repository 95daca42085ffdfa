package io.volare.examples.threads;

import io.volare.metainfo.Carrying;
import io.volare.metainfo.MetaInfo;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** A tenant's name on its way through executors, virtual threads, forks and futures. */
public final class Threads {
  private Threads() {}

  /** Prints what each thread sees. */
  public static void main(String[] arguments) throws Exception {
    MetaInfo call = MetaInfo.create();
    call.setPersistent("tenant", "blue");

    MetaInfo.call(
        call,
        () -> {
          say("this thread", tenant());
          executors();
          virtualThreads();
          forks();
          futures();
          say("this thread, after all", tenant());
          return null;
        });

    say("the response carries served-by", String.valueOf(call.backward("served-by")));
    say("outside the scope", tenant());
  }

  private static void executors() throws Exception {
    Callable<String> task = Threads::tenant;
    try (ExecutorService pool = Executors.newFixedThreadPool(1)) {
      say("an executor as it is", pool.submit(task).get());
      say("the same executor, wrapped", Carrying.executor(pool).submit(task).get());
      say("the same executor, one task wrapped", pool.submit(Carrying.wrapCallable(task)).get());
    }
  }

  private static void virtualThreads() throws InterruptedException {
    Thread plain = Thread.startVirtualThread(() -> say("a virtual thread as it is", tenant()));
    plain.join();
    Thread carried =
        Thread.startVirtualThread(
            Carrying.wrap(() -> say("a virtual thread with its task wrapped", tenant())));
    carried.join();
  }

  /** Each fork writes to its own copy; what goes back with the response is one for all. */
  private static void forks() throws Exception {
    try (ExecutorService forks = Executors.newThreadPerTaskExecutor(Carrying.virtualThreads())) {
      Future<String> red = forks.submit(() -> rename("red"));
      Future<String> green = forks.submit(() -> rename("green"));
      say("a fork that renames", red.get());
      say("another fork that renames", green.get());
    }
    say("the thread that forked them", tenant());
  }

  private static String rename(String tenant) {
    MetaInfo.current().setPersistent("tenant", tenant);
    MetaInfo.current().setBackward("served-by", "a fork");
    return tenant();
  }

  /** Every stage that is to see it names the executor. */
  private static void futures() {
    try (ExecutorService pool = Executors.newFixedThreadPool(1)) {
      ExecutorService carrying = Carrying.executor(pool);
      String seen =
          CompletableFuture.supplyAsync(Threads::tenant, carrying)
              .thenApplyAsync(before -> before + ", then " + tenant(), carrying)
              .join();
      say("a future's two stages on a wrapped executor", seen);
    }
  }

  private static String tenant() {
    MetaInfo bound = MetaInfo.currentOrNull();
    return bound == null ? "nothing is bound" : "tenant " + bound.persistent("tenant");
  }

  private static void say(String where, String what) {
    System.out.printf("%-45s %s%n", where + ":", what);
  }
}
