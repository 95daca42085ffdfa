package io.volare.interop;

import io.volare.interop.testing.TestServiceServer;
import io.volare.rpc.Address;
import io.volare.transport.grpc.GrpcChannelz;
import io.volare.transport.grpc.GrpcServer;
import io.volare.transport.grpc.GrpcServerConfig;
import io.volare.transport.grpc.GrpcWebConfig;
import io.volare.transport.netty.TlsServerConfig;
import java.util.concurrent.CountDownLatch;

/**
 * The program for gRPC: {@code server} or {@code client}, with the command line of every gRPC peer.
 */
public final class GrpcPeer {
  /** What the suites of all implementations allow: one case sends 10 MiB. */
  static final int MESSAGE_BYTES = 16 * 1024 * 1024;

  private GrpcPeer() {}

  /** Serves until SIGTERM, or runs cases and says how each went. */
  public static void main(String[] args) throws Exception {
    GrpcPeerOptions options = Arguments.orExit(() -> GrpcPeerOptions.parse(args));
    if (options.role().equals("server")) {
      serve(options);
    } else {
      System.exit(runCases(options) ? 0 : 1);
    }
  }

  private static void serve(GrpcPeerOptions options) throws InterruptedException {
    GrpcServer server = server(options);
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

  static GrpcServer server(GrpcPeerOptions options) {
    GrpcServer.Builder server =
        GrpcServer.builder(Address.tcp("127.0.0.1", options.port()))
            .config(GrpcServerConfig.DEFAULT.withMessageBytes(MESSAGE_BYTES))
            .service(TestServiceServer.bind(new TestServiceHandler()))
            .channelz(GrpcChannelz.create());
    if (options.web()) {
      server.web(GrpcWebConfig.DEFAULT);
    }
    TlsServerConfig tls = options.serverTls();
    return (tls == null ? server : server.tls(tls)).build();
  }

  private static boolean runCases(GrpcPeerOptions options) {
    boolean passed = true;
    for (String name : options.cases().split(",")) {
      String result = "ok";
      try (GrpcCases cases = new GrpcCases(options)) {
        cases.run(name);
      } catch (Exception | AssertionError failure) {
        passed = false;
        result = String.valueOf(failure).replace('\n', ' ');
      }
      System.out.println(name + " " + result);
    }
    return passed;
  }
}
