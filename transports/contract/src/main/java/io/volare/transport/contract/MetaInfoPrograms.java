package io.volare.transport.contract;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.volare.metainfo.Carrying;
import io.volare.metainfo.MetaInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Seeded programs of writes, forks, threads and hops, each beside a model that is a few maps and
 * the rule of the hop. A hop is a real call: the program goes on in its handler, and comes back
 * with the response. Thread-safe; programs run at the same time.
 */
final class MetaInfoPrograms implements AutoCloseable {
  private static final String[] KEYS = {"A", "TENANT_ID", "userId", "x-y", "traceparent", "ä"};
  private static final int STEPS = 6;
  private static final int MOST_DEPTH = 3;

  private final Map<String, Hop> hops = new ConcurrentHashMap<>();
  private final AtomicLong ids = new AtomicLong();
  private final AtomicLong hopsMade = new AtomicLong();
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Carrying.virtualThreads());
  private final ExecutorService wrapped =
      Carrying.executor(Executors.newVirtualThreadPerTaskExecutor());

  /** Makes a call whose handler hands the text to {@link #arrived}. */
  @FunctionalInterface
  interface Caller {
    void call(String text) throws Exception;
  }

  /** What must be true, said as simply as possible. */
  private static final class Model {
    final Map<String, String> persistent = new HashMap<>();
    final Map<String, String> transients = new HashMap<>();
    final Map<String, String> upstream = new HashMap<>();
    final Map<String, String> downstream = new HashMap<>();
    final Map<String, String> local = new HashMap<>();
    final Map<String, String> response;

    Model() {
      this(new ConcurrentHashMap<>());
    }

    private Model(Map<String, String> response) {
      this.response = response;
    }

    /** All of it in a copy, but for the one response of the call. */
    Model fork() {
      Model fork = new Model(response);
      fork.persistent.putAll(persistent);
      fork.transients.putAll(transients);
      fork.upstream.putAll(upstream);
      fork.downstream.putAll(downstream);
      fork.local.putAll(local);
      return fork;
    }

    Model nextHop() {
      Model next = new Model();
      next.persistent.putAll(persistent);
      String trace = upstream.get("traceparent");
      if (trace != null) {
        next.upstream.put("traceparent", trace);
      }
      next.upstream.putAll(transients);
      return next;
    }
  }

  /** A program on its way to a handler, and how it went there. */
  private static final class Hop {
    final Program program;
    volatile @Nullable Throwable failure;
    volatile boolean done;

    Hop(Program program) {
      this.program = program;
    }
  }

  /** {@return the calls that all programs have made} */
  long hopsMade() {
    return hopsMade.get();
  }

  void run(long seed, Caller caller) throws Exception {
    new Program(new SplittableRandom(seed), caller, new Model(), 0, "r").run(MetaInfo.create());
  }

  /** In the handler: the rest of the program that this text stands for. */
  void arrived(String text) {
    Hop hop = requireNonNull(hops.remove(text), text);
    try {
      hop.program.run(MetaInfo.current());
    } catch (Throwable wrong) {
      hop.failure = wrong;
    }
    hop.done = true;
  }

  @Override
  public void close() {
    threads.close();
    wrapped.close();
  }

  /** One part of a program: what runs on one thread between two hops. */
  private final class Program {
    private final SplittableRandom random;
    private final Caller caller;
    private final Model model;
    private final int depth;

    /** Makes the backward keys of forks that run at the same time differ. */
    private final String path;

    Program(SplittableRandom random, Caller caller, Model model, int depth, String path) {
      this.random = random;
      this.caller = caller;
      this.model = model;
      this.depth = depth;
      this.path = path;
    }

    private Program next(Model model, int branch) {
      return new Program(random.split(), caller, model, depth + 1, path + branch);
    }

    void run(MetaInfo metaInfo) throws Exception {
      for (int step = 0; step < STEPS; step++) {
        String key = KEYS[random.nextInt(KEYS.length)];
        String value = "v" + random.nextInt(100);
        int kind = random.nextInt(depth < MOST_DEPTH ? 9 : 6);
        switch (kind) {
          case 0, 1, 2, 3, 4, 5 -> write(kind, key, value, metaInfo);
          case 6 -> twoForks(metaInfo);
          case 7 -> oneFork(metaInfo);
          default -> hop(metaInfo);
        }
        check(metaInfo);
      }
    }

    private void write(int kind, String key, String value, MetaInfo metaInfo) {
      switch (kind) {
        case 0 -> {
          metaInfo.setPersistent(key, value);
          model.persistent.put(key, value);
        }
        case 1 -> {
          metaInfo.setTransient(key, value);
          model.transients.put(key, value);
        }
        case 2 -> {
          metaInfo.removePersistent(key);
          model.persistent.remove(key);
        }
        case 3 -> {
          metaInfo.removeTransient(key);
          model.transients.remove(key);
        }
        case 4 -> {
          metaInfo.setLocal(key, value);
          model.local.put(key, value);
        }
        default -> {
          metaInfo.setBackward(key + path, value);
          model.response.put(key + path, value);
        }
      }
    }

    /** On two threads at the same time, each with a fork that Carrying made. */
    private void twoForks(MetaInfo metaInfo) throws Exception {
      List<Callable<Void>> forks = List.of(forked(1), forked(2));
      for (Future<Void> fork : MetaInfo.call(metaInfo, () -> threads.invokeAll(forks))) {
        fork.get();
      }
    }

    private Callable<Void> forked(int branch) {
      Program fork = next(model.fork(), branch);
      return () -> {
        fork.run(MetaInfo.current());
        return null;
      };
    }

    /** On an executor that was wrapped, by way of a future. */
    private void oneFork(MetaInfo metaInfo) throws Exception {
      Callable<Void> fork = forked(0);
      MetaInfo.call(
          metaInfo,
          () ->
              CompletableFuture.supplyAsync(
                      () -> {
                        try {
                          return fork.call();
                        } catch (Exception wrong) {
                          throw new IllegalStateException(wrong);
                        }
                      },
                      wrapped)
                  .get());
    }

    private void hop(MetaInfo metaInfo) throws Exception {
      hopsMade.incrementAndGet();
      Model there = model.nextHop();
      Hop hop = new Hop(next(there, 3));
      String id = Long.toHexString(ids.incrementAndGet());
      hops.put(id, hop);
      MetaInfo.call(
          metaInfo,
          () -> {
            caller.call(id);
            return id;
          });
      if (hop.failure != null) {
        throw new AssertionError("in the handler", hop.failure);
      }
      assertThat(hop.done).isTrue();
      model.downstream.putAll(there.response);
    }

    private void check(MetaInfo metaInfo) {
      Map<String, String> persistent = new HashMap<>();
      Map<String, String> transients = new HashMap<>();
      Map<String, String> upstream = new HashMap<>();
      Map<String, String> downstream = new HashMap<>();
      metaInfo.forEachPersistent(persistent::put);
      metaInfo.forEachTransient(transients::put);
      metaInfo.forEachUpstream(upstream::put);
      metaInfo.forEachDownstream(downstream::put);
      assertThat(persistent).as("persistent").isEqualTo(model.persistent);
      assertThat(transients).as("transient").isEqualTo(model.transients);
      assertThat(upstream).as("upstream").isEqualTo(model.upstream);
      assertThat(downstream).as("downstream").isEqualTo(model.downstream);
      for (String key : KEYS) {
        assertThat(metaInfo.local(key)).as("local").isEqualTo(model.local.get(key));
      }
    }
  }
}
