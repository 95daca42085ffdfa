package io.volare.benchmarks;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** The programs behind {@code benchmarks/run}: the first word names one. */
public final class Benchmarks {
  private Benchmarks() {}

  /** Runs one program; servers run until the process is killed. */
  public static void main(String[] arguments) throws Exception {
    if (arguments.length == 0) {
      throw new IllegalArgumentException("expected: a command; see benchmarks/run --help");
    }
    List<String> words = Arrays.asList(arguments).subList(1, arguments.length);
    if (arguments[0].equals("sweep") && !words.isEmpty()) {
      Sweep.Kind kind =
          Options.of("--sweep", words.getFirst()).choice("sweep", Sweep.Kind.CONNECTIONS);
      Sweep.run(kind, Options.of(words.subList(1, words.size())));
      return;
    }
    Options options = Options.of(words);
    switch (arguments[0]) {
      case "thrift-server" -> serve(ThriftEcho.start(options), options);
      case "grpc-server" -> serve(GrpcEcho.start(options), options);
      case "bare-h2-server" -> serve(EchoServers.bareHttp2(options), options);
      case "bare-server" -> serve(EchoServers.bare(options), options);
      case "libthrift-server" -> serve(EchoServers.libthrift(options), options);
      case "thrift-client" -> report(BlockingLoad.volare(options), options);
      case "grpc-client" -> report(BlockingLoad.grpc(options), options);
      case "libthrift-client" -> report(BlockingLoad.libthrift(options), options);
      case "bare-client" -> report(FrameLoad.open(options), options);
      case "compare" -> Comparison.run(options);
      case "clients" -> Clients.run(options);
      case "memory" -> Memory.run(options);
      case "openloop" -> OpenLoop.run(options);
      default ->
          throw new IllegalArgumentException(
              "command: " + arguments[0] + " (expected: one that benchmarks/run --help names)");
    }
  }

  static void serve(RunningServer server, Options options) throws Exception {
    options.requireAllKnown();
    System.out.println("READY " + server.port());
    ProcessFigures.answerOn(System.in, System.out);
    new CountDownLatch(1).await();
  }

  private static void report(Load load, Options options) throws Exception {
    double warmup = options.seconds("warmup", 3);
    double seconds = options.seconds("seconds", 5);
    options.requireAllKnown();
    try (load) {
      load.run(warmup);
      ProcessFigures before = ProcessFigures.own();
      LoadResult result = load.run(seconds);
      System.out.println(result + " client " + ProcessFigures.own().since(before, result.calls()));
    }
  }
}
