package io.volare.examples.executablejar;

import io.volare.examples.executablejar.idl.Place;
import io.volare.examples.executablejar.idl.PlaceClient;
import io.volare.examples.executablejar.idl.PlaceServer;
import io.volare.rpc.Address;
import io.volare.rpc.RpcClient;
import io.volare.transport.netty.Execution;
import io.volare.transport.thrift.ThriftClient;
import io.volare.transport.thrift.ThriftClientConfig;
import io.volare.transport.thrift.ThriftServer;

/** A server on loop-affine virtual threads, for which its jar says all that the JVM must know. */
public final class ExecutableJar {
  private ExecutableJar() {}

  /** Ends with 0 only if a loop has carried the call, and native code may be used. */
  public static void main(String[] arguments) throws Exception {
    // first: once the JVM has warned of a library, it says yes
    boolean mayLoad = ExecutableJar.class.getModule().isNativeAccessEnabled();
    check("native code", mayLoad ? "may be loaded" : "may not be loaded", mayLoad);
    Place place = () -> Thread.currentThread().toString();
    try (ThriftServer server =
        ThriftServer.builder(Address.tcp("127.0.0.1", 0))
            .service(PlaceServer.bind(place))
            .execution(Execution.loopAffine())
            .build()) {
      server.start();
      try (ThriftClient transport =
          ThriftClient.to(server.endpoint(), ThriftClientConfig.DEFAULT)) {
        RpcClient client = RpcClient.builder("place").caller("example").transport(transport);
        String thread = PlaceClient.of(client).answered();

        System.out.println("server: " + server);
        check("answered by", thread, thread.matches("VirtualThread.*@volare-.*"));
      }
    }
  }

  private static void check(String what, String found, boolean holds) {
    System.out.println(what + ": " + found);
    if (!holds) {
      throw new IllegalStateException(
          what + ": " + found + " (expected: what the manifest of the jar asks for)");
    }
  }
}
