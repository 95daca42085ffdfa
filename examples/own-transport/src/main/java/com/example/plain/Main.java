package com.example.plain;

import io.volare.layers.retry.RetryConfig;
import io.volare.layers.retry.RetryLayer;
import io.volare.metainfo.MetaInfo;
import io.volare.rpc.MethodDescriptor.Kind;
import io.volare.rpc.RpcClient;
import io.volare.rpc.ServiceBinding;
import java.util.Map;
import java.util.function.Function;

/** A greeting over a transport that Volare has never heard of, with its layers and its metainfo. */
public final class Main {
  private static final Codec<String> TEXT = Codec.text(Function.identity(), Function.identity());
  private static final PlainMethod<String, String, Exception> GREET =
      new PlainMethod<>("Greeter", "greet", Kind.UNARY, true, TEXT, TEXT, null);

  private Main() {}

  /** Serves, calls, and prints what came back. */
  public static void main(String[] arguments) throws Exception {
    ServiceBinding greeter =
        new ServiceBinding(
            "Greeter",
            Map.of("greet", GREET),
            (context, name) -> {
              MetaInfo.current().setBackward("greeted-by", context.callee());
              return "Hello, " + name + " of " + MetaInfo.current().persistent("tenant");
            });
    try (PlainServer server = PlainServer.of(greeter)) {
      server.start();
      RpcClient client =
          RpcClient.builder("greeter")
              .caller("main")
              .layer(RetryLayer.of(RetryConfig.create()))
              .transport(PlainClient.to(server.endpoint()));
      MetaInfo mine = MetaInfo.create();
      mine.setPersistent("tenant", "blue");

      Object greeting = MetaInfo.call(mine, () -> client.call(GREET, "Ada"));

      System.out.println(client);
      System.out.println(greeting);
      System.out.println("greeted by: " + mine.downstream("greeted-by"));
    }
  }
}
