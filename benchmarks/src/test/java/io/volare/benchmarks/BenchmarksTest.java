package io.volare.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.volare.metainfo.MetaInfo;
import io.volare.metainfo.Names;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What JMH runs does what its name says; nothing is timed. */
class BenchmarksTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 32})
  void aChainAnswers(int layers) throws Exception {
    LayersBenchmark benchmark = new LayersBenchmark();
    benchmark.layers = layers;
    benchmark.build();

    assertThat(benchmark.call()).isEqualTo("request");
  }

  @ParameterizedTest
  @EnumSource
  void everyStackReachesItsTransport(StackBenchmark.Stack stack) throws Exception {
    StackBenchmark benchmark = new StackBenchmark();
    benchmark.stack = stack;
    benchmark.build();

    assertThat(benchmark.call()).isNotNull();
  }

  @ParameterizedTest
  @EnumSource
  void everyTargetAnswersACall(UnaryCallBenchmark.Target target) throws Exception {
    UnaryCallBenchmark benchmark = new UnaryCallBenchmark();
    benchmark.target = target;
    benchmark.start();
    try {
      assertThat(benchmark.call().msg()).isEqualTo("text");
      assertThat(benchmark.callWithMetaInfo().msg()).isEqualTo("text");
    } finally {
      benchmark.stop();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 128})
  void metainfoHoldsAsManyEntriesAsItSays(int entries) {
    MetaInfoBenchmark benchmark = new MetaInfoBenchmark();
    benchmark.entries = entries;
    benchmark.fill();

    assertThat(benchmark.get()).isEqualTo(entries == 0 ? null : "value-" + (entries - 1));
    assertThat(sent(benchmark.fork())).hasSize(entries);
    assertThat(sent(benchmark.forkAndSet())).containsValue("other").hasSize(Math.max(1, entries));
    assertThat(sent(benchmark.receive())).hasSize(entries);
    assertThat(sent(benchmark.bind())).hasSize(entries);
  }

  private static Map<String, String> sent(MetaInfo metaInfo) {
    Map<String, String> sent = new HashMap<>();
    metaInfo.forEachForward(Names.RPC, sent::put);
    return sent;
  }
}
