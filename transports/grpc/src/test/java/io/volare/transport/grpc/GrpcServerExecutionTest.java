package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.BytesValue;
import com.google.protobuf.MessageLite;
import com.google.protobuf.StringValue;
import io.volare.codec.protobuf.ProtobufMethod;
import io.volare.motore.Layer;
import io.volare.motore.Service;
import io.volare.motore.ServiceBuilder;
import io.volare.rpc.Address;
import io.volare.rpc.CallOptions;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcContext;
import io.volare.rpc.ServiceBinding;
import io.volare.transport.netty.Execution;
import io.volare.transport.netty.Loops;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** On which thread the calls of a server, a service and a method are answered. */
@Timeout(60)
class GrpcServerExecutionTest {
  private static final ProtobufMethod<StringValue, StringValue> OTHER =
      new ProtobufMethod<>(
          "test.Other",
          "Unary",
          MethodDescriptor.Kind.UNARY,
          false,
          StringValue.parser(),
          StringValue.parser());

  private static final Layer<RpcContext, Object, @Nullable Object> SLEEPING =
      new Layer<>() {
        @Override
        public Service<RpcContext, Object, @Nullable Object> wrap(
            Service<RpcContext, Object, @Nullable Object> inner) {
          return inner;
        }

        @Override
        public boolean blocks() {
          return true;
        }

        @Override
        public String toString() {
          return "Sleeping";
        }
      };

  private static ExecutorService mine;

  /** Method by method, where it was answered. */
  private final Map<String, Place> seen = new ConcurrentHashMap<>();

  private enum Place {
    LOOP,
    CARRIED_BY_LOOP,
    POOL,
    MINE;

    /** A virtual thread names its carrier. */
    static Place here() {
      Thread thread = Thread.currentThread();
      if (Loops.isLoopThread()) {
        return LOOP;
      }
      if (!thread.isVirtual()) {
        assertThat(thread.getName()).isEqualTo("mine");
        return MINE;
      }
      String carrier = thread.toString();
      if (carrier.contains("@ForkJoinPool-1")) {
        return POOL;
      }
      assertThat(carrier).contains("@volare-");
      return CARRIED_BY_LOOP;
    }
  }

  @BeforeAll
  static void start() {
    mine =
        Executors.newSingleThreadExecutor(
            task -> Thread.ofPlatform().name("mine").daemon().unstarted(task));
  }

  @AfterAll
  static void end() {
    mine.shutdownNow();
  }

  private ServiceBinding echo() {
    return EchoService.binding(this::answer);
  }

  private @Nullable Object answer(RpcContext context, Object request) throws InterruptedException {
    seen.put(context.method().fullName(), Place.here());
    return EchoService.answer(context, request);
  }

  private static GrpcServer.Builder server(Execution execution, ServiceBinding service) {
    return GrpcServer.builder(Address.tcp("127.0.0.1", 0)).execution(execution).service(service);
  }

  private void callAll(GrpcServer.Builder builder, ProtobufMethod<?, ?>... methods)
      throws Exception {
    GrpcServer server = builder.build();
    server.start();
    GrpcClientConfig patient = GrpcClientConfig.DEFAULT.withConnectTimeout(Duration.ofSeconds(20));
    try (GrpcClient transport = GrpcClient.to(server.endpoint(), patient)) {
      RpcClient client =
          RpcClient.builder("echo")
              .caller("test")
              .options(CallOptions.DEFAULT.withTimeout(Duration.ofSeconds(20)))
              .transport(transport);
      for (ProtobufMethod<?, ?> method : methods) {
        MessageLite request =
            method == EchoService.BYTES ? BytesValue.getDefaultInstance() : StringValue.of("x");
        assertThat(client.call(method, request)).isEqualTo(request);
      }
    } finally {
      server.stop();
    }
  }

  @Test
  void aServerAServiceAndAMethodMayDiffer() throws Exception {
    ServiceBinding other = new ServiceBinding("test.Other", Map.of("Unary", OTHER), this::answer);

    callAll(
        server(Execution.on(mine), echo())
            .service(other)
            .execution("test.Echo", Execution.loopAffine())
            .execution("test.Echo/Bytes", Execution.inline()),
        OTHER,
        EchoService.UNARY,
        EchoService.BYTES);

    assertThat(seen)
        .containsEntry("test.Other/Unary", Place.MINE)
        .containsEntry("test.Echo/Unary", Place.CARRIED_BY_LOOP)
        .containsEntry("test.Echo/Bytes", Place.LOOP);
  }

  @Test
  void oneMethodMayLeaveTheLoopThatTheOthersAreAnsweredOn() throws Exception {
    callAll(
        server(Execution.inline(), echo()).execution("test.Echo/Bytes", Execution.virtualThreads()),
        EchoService.UNARY,
        EchoService.BYTES);

    assertThat(seen)
        .containsEntry("test.Echo/Unary", Place.LOOP)
        .containsEntry("test.Echo/Bytes", Place.POOL);
  }

  @Test
  void whereNothingIsSaidItIsThePool() throws Exception {
    callAll(GrpcServer.builder(Address.tcp("127.0.0.1", 0)).service(echo()), EchoService.UNARY);

    assertThat(seen).containsEntry("test.Echo/Unary", Place.POOL);
  }

  @Test
  void aLayerThatBlocksIsRefusedWhereTheServerIsInline() {
    GrpcServer.Builder server = server(Execution.inline(), echo()).layer(SLEEPING);

    assertThatThrownBy(server::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("Sleeping may block or interrupt its thread, which the stack");
  }

  @Test
  void andSoIsOneAroundTheHandlerAloneHoweverDeep() {
    ServiceBinding service = echo().with(SLEEPING).with(ServiceBuilder.create());

    assertThatThrownBy(server(Execution.inline(), service)::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("Sleeping may block");
  }

  @Test
  void andWhereOneMethodIs() {
    GrpcServer.Builder server =
        server(Execution.virtualThreads(), echo())
            .execution("test.Echo/Unary", Execution.inline())
            .layer(SLEEPING);

    assertThatThrownBy(server::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("Sleeping may block");
  }

  @Test
  void virtualThreadsTakeItAndALayerThatDoesNotBlockStandsAnywhere() {
    assertThat(server(Execution.virtualThreads(), echo().with(SLEEPING)).layer(SLEEPING).build())
        .isNotNull();
    assertThat(server(Execution.inline(), echo().with(inner -> inner)).layer(i -> i).build())
        .isNotNull();
  }

  @Test
  void anExecutionOfWhatIsNotOfferedIsRefused() {
    GrpcServer.Builder server =
        server(Execution.virtualThreads(), echo()).execution("test.Echo/Unray", Execution.inline());

    assertThatThrownBy(server::build)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith(
            "execution of [test.Echo/Unray] is set, which is not offered"
                + " (expected: of [test.Echo, ");
  }
}
