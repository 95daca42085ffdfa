package io.volare.interop;

import io.volare.rpc.Address;
import io.volare.transport.thrift.ThriftServer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** The program: {@code server} or {@code client}, with the command line of every peer. */
public final class Peer {
  private Peer() {}

  /** Serves until SIGTERM, or runs cases and says how each went. */
  public static void main(String[] args) throws Exception {
    PeerOptions options = PeerOptions.parse(args);
    if (options.role().equals("server")) {
      serve(options);
    } else {
      System.exit(runCases(options) ? 0 : 1);
    }
  }

  private static void serve(PeerOptions options) throws InterruptedException {
    ThriftServer server = server(options.port(), () -> System.exit(0));
    server.start();
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> {
              server.close();
              ended.countDown();
            }));
    System.out.println("READY");
    ended.await();
  }

  static ThriftServer server(int port, Runnable end) {
    return ThriftServer.builder(Address.tcp("127.0.0.1", port))
        .service(io.volare.interop.cases.CasesServer.bind(new CasesHandler(end)))
        .build();
  }

  private static boolean runCases(PeerOptions options) {
    boolean passed = true;
    for (String name : options.cases().split(",")) {
      String result = "ok";
      try {
        new ClientCases(options.port(), options.config(), Duration.ofSeconds(20))
            .run(name, options);
      } catch (Exception | AssertionError failure) {
        passed = false;
        result = String.valueOf(failure).replace('\n', ' ');
      }
      System.out.println(name + " " + result);
    }
    return passed;
  }
}
