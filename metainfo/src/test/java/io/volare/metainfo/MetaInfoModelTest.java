package io.volare.metainfo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/**
 * Ten thousand seeded programs of writes, forks, executors and hops, each beside a model that is
 * two plain maps and their rule.
 */
class MetaInfoModelTest {
  private static final String[] KEYS = {"A", "TENANT_ID", "userId", "x-y", "traceparent", "ä"};

  /** What must be true, said as simply as possible. */
  private static final class Model {
    final Map<String, String> persistent = new HashMap<>();
    final Map<String, String> transients = new HashMap<>();
    final Map<String, String> upstream = new HashMap<>();

    Model fork() {
      Model fork = new Model();
      fork.persistent.putAll(persistent);
      fork.transients.putAll(transients);
      fork.upstream.putAll(upstream);
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

  @Test
  void equalsTheModel() throws Exception {
    try (ExecutorService executor =
        Carrying.executor(Executors.newVirtualThreadPerTaskExecutor())) {
      for (int seed = 0; seed < 10_000; seed++) {
        SplittableRandom random = new SplittableRandom(seed);
        Names names = random.nextBoolean() ? Names.RPC : Names.HTTP;
        run(random, names, MetaInfo.create(), new Model(), executor, 0);
      }
    }
  }

  private void run(
      SplittableRandom random,
      Names names,
      MetaInfo metaInfo,
      Model model,
      ExecutorService executor,
      int depth)
      throws Exception {
    for (int step = 0; step < 6; step++) {
      String key = KEYS[random.nextInt(KEYS.length)];
      String value = "v" + random.nextInt(100);
      switch (random.nextInt(depth < 3 ? 7 : 4)) {
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
        case 4 -> run(random, names, metaInfo.fork(), model.fork(), executor, depth + 1);
        case 5 -> {
          Model forked = model.fork();
          MetaInfo.call(
              metaInfo,
              () ->
                  executor
                      .submit(() -> {
                        run(random, names, MetaInfo.current(), forked, executor, depth + 1);
                        return null;
                      })
                      .get());
        }
        default -> {
          MetaInfo next = MetaInfo.create();
          metaInfo.forEachForward(names, (name, text) -> next.receiveForward(names, name, text));
          run(random, names, next, model.nextHop(), executor, depth + 1);
        }
      }
      check(metaInfo, model);
    }
  }

  private static void check(MetaInfo metaInfo, Model model) {
    Map<String, String> persistent = new HashMap<>();
    Map<String, String> transients = new HashMap<>();
    Map<String, String> upstream = new HashMap<>();
    metaInfo.forEachPersistent(persistent::put);
    metaInfo.forEachTransient(transients::put);
    metaInfo.forEachUpstream(upstream::put);
    assertThat(persistent).isEqualTo(model.persistent);
    assertThat(transients).isEqualTo(model.transients);
    assertThat(upstream).isEqualTo(model.upstream);
  }
}
