package io.volare.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every server of the comparison with every client that speaks to it; nothing is timed. */
class EveryPairTest {
  private static final double SECONDS = 0.05;

  private static RunningServer start(String server) throws Exception {
    Options options = Options.of("--threads", "1").with("mode", server);
    return switch (server) {
      case "bare" -> EchoServers.bare(options);
      case "bare-h2" -> EchoServers.bareHttp2(options);
      case "virtual", "inline", "executor" -> ThriftEcho.start(options);
      case "layers" -> ThriftEcho.start(options.with("mode", "inline").with("layers", 3));
      case "grpc" -> GrpcEcho.start(options.with("mode", "default"));
      case "grpc-inline" -> GrpcEcho.start(options.with("mode", "inline"));
      default -> EchoServers.libthrift(options);
    };
  }

  private static void assertAnswers(Load opened) throws Exception {
    try (Load load = opened) {
      LoadResult result = load.run(SECONDS);

      assertThat(result.calls()).isPositive().isEqualTo(load.answered());
      assertThat(result.latency().getTotalCount()).isEqualTo(result.calls());
      assertThat(load.run(SECONDS).calls()).isPositive();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "bare, ttheader",
    "bare, ttheader_framed",
    "bare, framed",
    "bare, bare",
    "virtual, ttheader",
    "virtual, bare",
    "inline, ttheader_framed",
    "executor, framed",
    "selector, framed",
    "workers, framed",
    "pool, framed",
    "bare-h2, grpc",
    "grpc, grpc",
    "grpc-inline, grpc",
  })
  void theLoadProgramIsAnswered(String server, String protocol) throws Exception {
    try (RunningServer running = start(server)) {
      assertAnswers(
          FrameLoad.open(
              Options.of("--connections", "3", "--in-flight", "5", "--protocol", protocol)
                  .with("port", Integer.toString(running.port()))));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "bare, ttheader, no",
    "bare, framed, yes",
    "virtual, ttheader, yes",
    "inline, bare, no",
    "selector, framed, no",
  })
  void ourClientIsAnswered(String server, String protocol, String multiplexed) throws Exception {
    try (RunningServer running = start(server)) {
      assertAnswers(
          BlockingLoad.volare(
              Options.of("--concurrency", "4", "--protocol", protocol, "--threads", "1")
                  .with("multiplexed", multiplexed)
                  .with("port", Integer.toString(running.port()))));
    }
  }

  @ParameterizedTest
  @CsvSource({"bare-h2", "grpc"})
  void ourClientOfGrpcIsAnswered(String server) throws Exception {
    try (RunningServer running = start(server)) {
      assertAnswers(
          BlockingLoad.grpc(
              Options.of("--concurrency", "4", "--threads", "1")
                  .with("connections", 2)
                  .with("port", running.port())));
    }
  }

  @ParameterizedTest
  @CsvSource({"bare", "virtual", "selector", "pool"})
  void apachesClientIsAnswered(String server) throws Exception {
    try (RunningServer running = start(server)) {
      assertAnswers(
          BlockingLoad.libthrift(
              Options.of("--concurrency", "4").with("port", Integer.toString(running.port()))));
    }
  }

  @Test
  void anOpenLoopSendsAtItsRate() throws Exception {
    try (RunningServer running = start("bare");
        Load load =
            FrameLoad.open(
                Options.of("--connections", "2", "--in-flight", "200", "--rate", "1000")
                    .with("port", Integer.toString(running.port())))) {
      LoadResult result = load.run(0.2);

      assertThat(result.calls()).isBetween(1L, (long) (result.seconds() * 1000) + 1);
    }
  }

  @ParameterizedTest
  @CsvSource({"bare, ttheader", "layers, ttheader", "bare-h2, grpc", "grpc, grpc"})
  void callsWithMetaInfoAreAnsweredToo(String server, String protocol) throws Exception {
    try (RunningServer running = start(server)) {
      assertAnswers(
          FrameLoad.open(
              Options.of("--metainfo", "64", "--deadline", "5000", "--protocol", protocol)
                  .with("port", running.port())));
    }
  }

  @ParameterizedTest
  @CsvSource({"grpc, up", "grpc, down", "grpc, both", "bare-h2, both"})
  void messagesOfStreamsAreCounted(String server, String call) throws Exception {
    try (RunningServer running = start(server);
        Load load =
            FrameLoad.open(
                Options.of("--in-flight", "2", "--messages", "100", "--protocol", "grpc")
                    .with("call", call)
                    .with("port", running.port()))) {
      assertThat(load.run(SECONDS).calls()).isPositive().isEqualTo(load.answered() * 100);
    }
  }

  @Test
  void heldStreamsStayOpen() throws Exception {
    try (RunningServer running = start("grpc");
        Load load =
            FrameLoad.open(
                Options.of("--in-flight", "10", "--call", "hold", "--protocol", "grpc")
                    .with("port", running.port()))) {
      assertThat(load.run(0).calls()).isGreaterThanOrEqualTo(10);
    }
  }

  @ParameterizedTest
  @CsvSource({"bare-h2, 0", "bare-h2, 200000", "grpc, 0", "grpc, 200000"})
  void callsLargerThanTheWindowsAreAnsweredToo(String server, int size) throws Exception {
    try (RunningServer running = start(server)) {
      assertAnswers(
          FrameLoad.open(
              Options.of("--connections", "1", "--in-flight", "20", "--protocol", "grpc")
                  .with("size", Integer.toString(size))
                  .with("port", Integer.toString(running.port()))));
    }
  }
}
