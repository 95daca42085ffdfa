package io.volare.transport.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.StringValue;
import io.volare.motore.AsyncCall;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Services;
import io.volare.rpc.Address;
import io.volare.rpc.CallOptions;
import io.volare.rpc.Duplex;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import io.volare.rpc.ServiceBinding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many calls that end in every way at once, and what is left of them. */
@Timeout(120)
class GrpcClientSoakTest {
  private static final GrpcClientConfig USUAL =
      GrpcClientConfig.DEFAULT.withConnectTimeout(Duration.ofSeconds(10));

  private static final ServiceBinding SERVICE =
      new ServiceBinding(
          "test.Svc",
          Map.of("Echo", GrpcClientTest.ECHO, "Chat", GrpcClientTest.CHAT),
          GrpcClientSoakTest::answer);

  private static Object answer(RpcContext context, Object request) throws InterruptedException {
    if (context.method().kind() == MethodDescriptor.Kind.UNARY) {
      if (ThreadLocalRandom.current().nextInt(4) == 0) {
        Thread.sleep(ThreadLocalRandom.current().nextInt(8));
      }
      return request;
    }
    @SuppressWarnings("unchecked")
    Duplex<StringValue, StringValue> ends = (Duplex<StringValue, StringValue>) request;
    for (StringValue message : ends.source()) {
      ends.sink().send(message);
    }
    return null;
  }

  private static GrpcServer server(int port) {
    GrpcServer server =
        GrpcServer.builder(Address.tcp("127.0.0.1", port))
            .service(SERVICE)
            .config(GrpcServerConfig.DEFAULT.withResets(100_000))
            .build();
    server.start();
    return server;
  }

  private static int port(GrpcServer server) {
    return ((Address.Tcp) server.endpoint().address()).port();
  }

  @Test
  void callsThatAreLateCancelledAndAnsweredLeaveNothingBehind() throws Exception {
    GrpcServer server = server(0);
    GrpcClient transport =
        GrpcClient.to(server.endpoint(), USUAL.withConnections(2, 4).withStreams(40));
    RpcClient client = RpcClient.builder("soak").transport(transport);
    LongAdder answered = new LongAdder();
    List<AsyncCall<Object>> threads = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      threads.add(Services.callAsync(() -> run(client, answered)));
    }
    for (AsyncCall<Object> thread : threads) {
      thread.join();
    }

    assertThat(answered.sum()).isPositive();
    long until = System.nanoTime() + 60_000_000_000L;
    while (transport.calls() + transport.streams() > 0 && System.nanoTime() < until) {
      Thread.onSpinWait(); // who cancels a call does not wait for its thread
    }
    assertThat(transport.calls()).isZero();
    assertThat(transport.streams()).as("streams that are still reserved").isZero();
    transport.stop();
    server.stop();
  }

  private static Object run(RpcClient client, LongAdder answered) throws Exception {
    for (int i = 0; i < 100; i++) {
      ThreadLocalRandom random = ThreadLocalRandom.current();
      StringValue message = StringValue.of("x".repeat(random.nextInt(30_000)));
      Duration timeout = Duration.ofMillis(1 + random.nextInt(200));
      RpcClient hurried = client.with(CallOptions.DEFAULT.withTimeout(timeout));
      AsyncCall<Object> call =
          random.nextInt(3) == 0
              ? Services.callAsync(() -> chat(hurried, message))
              : Services.callAsync(() -> hurried.call(GrpcClientTest.ECHO, message));
      if (random.nextInt(5) == 0) {
        Thread.sleep(random.nextInt(4));
        call.cancel();
      }
      try {
        assertThat(call.join()).isEqualTo(message);
        answered.increment();
      } catch (RpcException late) {
        assertThat(late.kind()).as(late.toString()).isIn(Kind.DEADLINE_EXCEEDED, Kind.CANCELLED);
      } catch (CancellationException cancelled) {
        // as asked
      }
    }
    return "done";
  }

  @SuppressWarnings("unchecked")
  private static Object chat(RpcClient client, StringValue message) throws Exception {
    try (Duplex<StringValue, StringValue> ends =
        (Duplex<StringValue, StringValue>) client.call(GrpcClientTest.CHAT, Duplex.NO_REQUEST)) {
      StringValue last = null;
      for (int i = 0; i < 5; i++) {
        ends.sink().send(message);
        last = ends.source().receive();
      }
      return last;
    }
  }

  @Test
  void aServerThatRestartsFailsNoCallThatWaitsForIt() throws Exception {
    GrpcServer server = server(0);
    int port = port(server);
    GrpcClient transport = GrpcClient.to(server.endpoint(), USUAL.withWaitForReady(true));
    RpcClient client = RpcClient.builder("soak").transport(transport);
    AtomicBoolean over = new AtomicBoolean();
    AtomicInteger calls = new AtomicInteger();
    List<AsyncCall<Object>> threads = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      threads.add(
          Services.callAsync(() -> {
            while (!over.get()) {
              client.call(GrpcClientTest.ECHO, StringValue.of("x"));
              calls.incrementAndGet();
            }
            return "done";
          }));
    }
    for (int restart = 0; restart < 8; restart++) {
      Thread.sleep(150);
      server.drain(Duration.ofSeconds(30));
      server.stop();
      server = server(port);
    }
    Thread.sleep(200);
    over.set(true);

    for (AsyncCall<Object> thread : threads) {
      assertThat(thread.join()).isEqualTo("done");
    }
    assertThat(calls.get()).isGreaterThan(100);
    transport.stop();
    server.stop();
  }
}
