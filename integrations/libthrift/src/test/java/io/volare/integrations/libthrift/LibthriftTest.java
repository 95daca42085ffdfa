package io.volare.integrations.libthrift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.volare.integrations.libthrift.ApacheSide.Running;
import io.volare.integrations.libthrift.idl.CounterServer;
import io.volare.integrations.libthrift.idl.InventoryClient;
import io.volare.integrations.libthrift.idl.InventoryServer;
import io.volare.metainfo.MetaInfo;
import io.volare.motore.Failure;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Layer;
import io.volare.rpc.Address;
import io.volare.rpc.BusinessException;
import io.volare.rpc.CallOptions;
import io.volare.rpc.DeclaredException;
import io.volare.rpc.Endpoint;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import io.volare.rpc.ServiceBinding;
import io.volare.transport.inprocess.InProcessClient;
import io.volare.transport.inprocess.InProcessServer;
import io.volare.transport.thrift.ThriftClient;
import io.volare.transport.thrift.ThriftClientConfig;
import io.volare.transport.thrift.ThriftServer;
import io.volare.transport.thrift.WireForm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Apache's generated code over our server and our client, over real sockets. */
@Timeout(20)
@ParameterizedClass
@EnumSource(ApacheCode.class)
class LibthriftTest {
  @TempDir private static Path folder;
  private static final Map<ApacheCode, ApacheSide> LOADED = new EnumMap<>(ApacheCode.class);

  @Parameter ApacheCode code;

  private final BlockingQueue<String> noted = new LinkedBlockingQueue<>();
  private final List<AutoCloseable> opened = new ArrayList<>();
  private ApacheSide apache;

  @BeforeAll
  static void checkCompiler() throws Exception {
    Assumptions.assumeTrue(
        ApacheCode.isCompilerInstalled(),
        "Debian's thrift (package thrift-compiler) is not installed");
  }

  @BeforeEach
  void load() throws Exception {
    apache = LOADED.get(code);
    if (apache == null) {
      apache = code.load(folder);
      LOADED.put(code, apache);
    }
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
  }

  private Shop shop(Counting counting) {
    return new Shop() {
      @Override
      public int count(String item) throws Exception {
        return counting.count(item);
      }

      @Override
      public void note(String text) {
        noted.add(text);
      }
    };
  }

  private interface Counting {
    int count(String item) throws Exception;
  }

  private static int ofLength(String item) throws NoSuchItem {
    if (item.equals("moon")) {
      throw new NoSuchItem(item);
    }
    return item.length();
  }

  private Endpoint serve(ServiceBinding service) {
    ThriftServer server =
        ThriftServer.builder(Address.tcp("127.0.0.1", 0)).service(service).build();
    server.start();
    opened.add(server::stop);
    return server.endpoint();
  }

  private RpcClient client(Endpoint endpoint) {
    return client(endpoint, ThriftClientConfig.DEFAULT);
  }

  private RpcClient client(Endpoint endpoint, ThriftClientConfig config) {
    ThriftClient transport = ThriftClient.to(endpoint, config);
    opened.add(transport::stop);
    return RpcClient.builder("inventory").caller("test").transport(transport);
  }

  private static int port(Endpoint endpoint) {
    return ((Address.Tcp) endpoint.address()).port();
  }

  private Shop keep(Running running) {
    opened.add(running);
    return running.shop();
  }

  private void checkEverything(Shop shop) throws Exception {
    assertThat(shop.count("apple")).isEqualTo(5);
    assertThatThrownBy(() -> shop.count("moon")).isInstanceOf(NoSuchItem.class).hasMessage("moon");
    assertThat(shop.restock("größer €", 2, true)).isEqualTo("as expected");
    assertThat(shop.restock("", -1, false)).isEqualTo("as expected");
    assertThat(shop.label(new byte[] {7, -1, 0}, 2)).containsExactly(7, -1, 0, 7, -1, 0);
    assertThat(shop.label(new byte[100_000], 3)).hasSize(300_000);
    shop.empty();
    assertThat(noted.poll(5, TimeUnit.SECONDS)).isEqualTo("emptied");
    shop.note("oneway");
    assertThat(noted.poll(5, TimeUnit.SECONDS)).isEqualTo("oneway");
    assertThat(shop.count("again")).isEqualTo(5);
  }

  @Test
  void anApacheHandlerAnswersVolaresClientInEveryForm() throws Exception {
    Endpoint endpoint = serve(apache.bind(shop(LibthriftTest::ofLength)));

    for (WireForm form : WireForm.values()) {
      RpcClient client = client(endpoint, ThriftClientConfig.DEFAULT.withForm(form));
      checkEverything(new VolareInventory.Caller(InventoryClient.of(client)));
    }
    RpcClient shared = client(endpoint, ThriftClientConfig.MULTIPLEXED);
    checkEverything(new VolareInventory.Caller(InventoryClient.of(shared)));
  }

  @Test
  void anApacheHandlerAnswersLibthriftsOwnClient() throws Exception {
    Endpoint endpoint = serve(apache.bind(shop(LibthriftTest::ofLength)));

    checkEverything(keep(apache.socket(port(endpoint), true)));
    checkEverything(keep(apache.socket(port(endpoint), false)));
  }

  @Test
  void anApacheClientCallsVolaresHandlerInEveryForm() throws Exception {
    Endpoint endpoint =
        serve(InventoryServer.bind(new VolareInventory.Handler(shop(LibthriftTest::ofLength))));

    for (WireForm form : WireForm.values()) {
      checkEverything(apache.client(client(endpoint, ThriftClientConfig.DEFAULT.withForm(form))));
    }
    checkEverything(apache.client(client(endpoint, ThriftClientConfig.MULTIPLEXED)));
  }

  @Test
  void anApacheClientCallsLibthriftsOwnServer() throws Exception {
    Running running = apache.server(shop(LibthriftTest::ofLength));
    opened.add(running);
    ThriftClientConfig framed = ThriftClientConfig.DEFAULT.withForm(WireForm.FRAMED);

    checkEverything(apache.client(client(Endpoint.tcp("127.0.0.1", running.port()), framed)));
  }

  @Test
  void bothSidesMayBeApaches() throws Exception {
    Endpoint endpoint = serve(apache.bind(shop(LibthriftTest::ofLength)));

    checkEverything(apache.client(client(endpoint)));
  }

  @Test
  void metainfoCallerAndDeadlineReachAnApacheHandlerAndItsAnswerGoesHome() throws Exception {
    List<String> seen = new CopyOnWriteArrayList<>();
    Endpoint endpoint =
        serve(
            apache.bind(
                shop(item -> {
                  MetaInfo metaInfo = MetaInfo.current();
                  RpcContext context = RpcContext.current();
                  seen.add(metaInfo.persistent("tenant"));
                  seen.add(metaInfo.upstream("probe"));
                  seen.add(context.caller());
                  seen.add(context.method().fullName());
                  assertThat(context.deadline().remainingNanos()).isBetween(1L, MINUTE.toNanos());
                  metaInfo.setBackward("counted-by", "shelf 3");
                  return 1;
                })));
    MetaInfo mine = MetaInfo.create();
    mine.setPersistent("tenant", "blue");
    mine.setTransient("probe", "1");
    Shop shop = apache.client(client(endpoint).with(CallOptions.DEFAULT.withTimeout(MINUTE)));

    MetaInfo.call(mine, () -> shop.count("apple"));

    assertThat(seen).containsExactly("blue", "1", "test", "Inventory/count");
    assertThat(mine.downstream("counted-by")).isEqualTo("shelf 3");
  }

  @Test
  void theLibraryIsTheOneThatTheCodeIsFor() throws Exception {
    Class<?> function =
        apache.getClass().getClassLoader().loadClass("org.apache.thrift.ProcessFunction");

    assertThat(function.getTypeParameters()).hasSize(code == ApacheCode.AS_GENERATED ? 2 : 3);
  }

  private static final Duration MINUTE = Duration.ofMinutes(1);

  @Test
  void metainfoDeadlineAndFailureGoThroughAnApacheHandlerThatCallsOn() throws Exception {
    Endpoint last =
        serve(
            apache.bind(
                shop(item -> {
                  assertThat(MetaInfo.current().persistent("tenant")).isEqualTo("blue");
                  if (item.equals("slow")) {
                    Thread.sleep(10_000);
                  }
                  throw RpcException.of(Kind.RESOURCE_EXHAUSTED, "the shelf is full");
                })));
    Shop onward = apache.client(client(last).with(CallOptions.DEFAULT.withTimeout(MINUTE)));
    Endpoint first = serve(apache.bind(shop(onward::count)));
    InventoryClient edge = InventoryClient.of(client(first));
    MetaInfo mine = MetaInfo.create();
    mine.setPersistent("tenant", "blue");

    Throwable refused = MetaInfo.call(mine, () -> catchThrowable(() -> edge.count("apple")));
    InventoryClient hurried = edge.with(CallOptions.DEFAULT.withTimeout(Duration.ofMillis(300)));
    Throwable late = MetaInfo.call(mine, () -> catchThrowable(() -> hurried.count("slow")));

    assertThat(Failure.kindOf(refused)).as("%s", refused).isEqualTo(Kind.RESOURCE_EXHAUSTED);
    assertThat(Failure.kindOf(late)).as("%s", late).isEqualTo(Kind.DEADLINE_EXCEEDED);
  }

  @Test
  void aDeclaredExceptionIsOneForTheLayersOfBothSides() throws Exception {
    List<Throwable> seen = new CopyOnWriteArrayList<>();
    Layer<RpcContext, Object, Object> recording =
        inner ->
            (context, request) -> {
              try {
                return inner.call(context, request);
              } catch (Exception failure) {
                seen.add(failure);
                throw failure;
              }
            };
    ThriftServer server =
        ThriftServer.builder(Address.tcp("127.0.0.1", 0))
            .layer(recording)
            .service(apache.bind(shop(LibthriftTest::ofLength)))
            .build();
    server.start();
    opened.add(server::stop);
    ThriftClient transport = ThriftClient.to(server.endpoint(), ThriftClientConfig.DEFAULT);
    opened.add(transport::stop);
    Shop shop =
        apache.client(
            RpcClient.builder("inventory").caller("test").layer(recording).transport(transport));

    assertThatThrownBy(() -> shop.count("moon")).isInstanceOf(NoSuchItem.class);

    assertThat(seen)
        .hasSize(2)
        .allSatisfy(each -> assertThat(each).isInstanceOf(DeclaredException.class));
    assertThat(seen.getFirst().getCause().getClass().getSimpleName()).isEqualTo("UnknownItem");
  }

  /** The kind behind what libthrift's words say. */
  private static void assertFailure(Throwable thrown, String type, int code, Kind kind)
      throws ReflectiveOperationException {
    assertThat(thrown.getClass().getSimpleName()).as("%s", thrown).isEqualTo(type);
    assertThat(thrown.getClass().getMethod("getType").invoke(thrown)).isEqualTo(code);
    assertThat(Failure.kindOf(thrown.getCause())).isEqualTo(kind);
  }

  @Test
  void failuresOfACallAreSaidInLibthriftsWords() throws Exception {
    Endpoint endpoint =
        serve(
            InventoryServer.bind(
                new VolareInventory.Handler(
                    shop(item -> {
                      switch (item) {
                        case "slow" -> Thread.sleep(10_000);
                        case "business" -> throw new BusinessException(404, "not here");
                        case "limit" ->
                            throw RpcException.notExecuted(Kind.RESOURCE_EXHAUSTED, "too many");
                        default -> throw new IllegalStateException("secret");
                      }
                      return 0;
                    }))));
    RpcClient client = client(endpoint);
    Shop hurried = apache.client(client.with(CallOptions.DEFAULT.withTimeout(ofMillis(200))));
    Shop shop = apache.client(client);
    Shop nobody = apache.client(client(Endpoint.tcp("127.0.0.1", 1)));
    Shop lacking = apache.client(client(serve(CounterServer.bind(item -> 0))));

    Throwable late = catchThrowable(() -> hurried.count("slow"));
    Throwable business = catchThrowable(() -> shop.count("business"));
    Throwable limit = catchThrowable(() -> shop.count("limit"));
    Throwable defect = catchThrowable(() -> shop.count("defect"));
    Throwable refused = catchThrowable(() -> nobody.count("apple"));
    Throwable unknown = catchThrowable(lacking::empty);

    assertFailure(late, "TTransportException", TIMED_OUT, Kind.DEADLINE_EXCEEDED);
    assertFailure(business, "TApplicationException", INTERNAL_ERROR, Kind.APPLICATION);
    assertThat(((BusinessException) business.getCause()).status()).isEqualTo(404);
    assertFailure(limit, "TApplicationException", INTERNAL_ERROR, Kind.RESOURCE_EXHAUSTED);
    assertFailure(defect, "TApplicationException", INTERNAL_ERROR, Kind.INTERNAL);
    assertThat(defect.getMessage()).doesNotContain("secret");
    assertFailure(refused, "TTransportException", NOT_OPEN, Kind.UNAVAILABLE);
    assertFailure(unknown, "TApplicationException", UNKNOWN_METHOD, Kind.UNIMPLEMENTED);
  }

  private static final int UNKNOWN_METHOD = 1;
  private static final int NOT_OPEN = 1;
  private static final int TIMED_OUT = 3;
  private static final int INTERNAL_ERROR = 6;

  private static Duration ofMillis(long millis) {
    return Duration.ofMillis(millis);
  }

  @Test
  void anInterruptedCallerStaysInterruptedAndItsHandlerIsStopped() throws Exception {
    CountDownLatch started = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    Endpoint endpoint =
        serve(
            apache.bind(
                shop(item -> {
                  started.countDown();
                  try {
                    Thread.sleep(10_000);
                  } catch (InterruptedException cancelled) {
                    stopped.countDown();
                    throw cancelled;
                  }
                  return 0;
                })));
    Shop shop = apache.client(client(endpoint));
    List<Object> seen = new CopyOnWriteArrayList<>();
    Thread caller =
        Thread.ofVirtual()
            .start(() -> {
              seen.add(catchThrowable(() -> shop.count("apple")));
              seen.add(Thread.currentThread().isInterrupted());
            });
    assertThat(started.await(5, TimeUnit.SECONDS)).isTrue();

    caller.interrupt();
    caller.join();

    assertThat(stopped.await(5, TimeUnit.SECONDS)).isTrue();
    assertThat((Throwable) seen.getFirst()).hasCauseInstanceOf(InterruptedException.class);
    assertThat(seen.getLast()).isEqualTo(true);
  }

  @Test
  void aHandlerThatReturnsNullIsADefectOfTheServer() {
    Endpoint endpoint = serve(apache.bind(shop(LibthriftTest::ofLength)));
    Shop shop = new VolareInventory.Caller(InventoryClient.of(client(endpoint)));

    assertThatThrownBy(() -> shop.restock("apple", 0, false))
        .isInstanceOfSatisfying(
            RpcException.class, failure -> assertThat(failure.kind()).isEqualTo(Kind.INTERNAL))
        .hasMessageContaining("the handler returned null (expected: a value)");
  }

  @Test
  void anApplicationExceptionOfAHandlersOwnKeepsItsMeaning() {
    Endpoint endpoint = serve(apache.bind(shop(LibthriftTest::ofLength)));
    InventoryClient inventory = InventoryClient.of(client(endpoint));

    assertThatThrownBy(() -> inventory.count("application exception"))
        .isInstanceOfSatisfying(
            RpcException.class, failure -> assertThat(failure.kind()).isEqualTo(Kind.PROTOCOL))
        .hasMessageContaining("not that");
  }

  @Test
  void anInterruptedHandlerIsCancelledForTheLayersOfItsServer() throws Exception {
    BlockingQueue<Object> seen = new LinkedBlockingQueue<>();
    CountDownLatch started = new CountDownLatch(1);
    Endpoint last =
        serve(
            apache.bind(
                shop(item -> {
                  started.countDown();
                  Thread.sleep(10_000);
                  return 0;
                })));
    Shop onward = apache.client(client(last));
    ThriftServer first =
        ThriftServer.builder(Address.tcp("127.0.0.1", 0))
            .layer(inner ->
                (context, request) -> {
                  try {
                    return inner.call(context, request);
                  } catch (Exception failure) {
                    seen.add(failure);
                    seen.add(Thread.currentThread().isInterrupted());
                    throw failure;
                  }
                })
            .service(apache.bind(shop(onward::count)))
            .build();
    first.start();
    opened.add(first::stop);
    InventoryClient edge = InventoryClient.of(client(first.endpoint()));
    Thread caller = Thread.ofVirtual().start(() -> catchThrowable(() -> edge.count("apple")));
    assertThat(started.await(5, TimeUnit.SECONDS)).isTrue();

    caller.interrupt();

    assertThat(seen.poll(5, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
    assertThat(seen.poll(5, TimeUnit.SECONDS)).isEqualTo(false);
  }

  @Test
  void bothSidesInOneProcessNeedNoBytes() throws Exception {
    InProcessServer server =
        InProcessServer.builder("apache " + code)
            .service(apache.bind(shop(LibthriftTest::ofLength)))
            .build();
    server.start();
    opened.add(server::stop);

    checkEverything(
        apache.client(
            RpcClient.builder("inventory").transport(InProcessClient.to("apache " + code))));
  }

  @Test
  void anInheritedServiceCanBeOfferedAlone() throws Exception {
    ServiceBinding counter = apache.bindCounterOnly(shop(LibthriftTest::ofLength));
    Endpoint endpoint = serve(counter);

    assertThat(counter.service()).isEqualTo("Counter");
    assertThat(counter.methods()).containsOnlyKeys("count");
    assertThat(keep(apache.socket(port(endpoint), true)).count("apple")).isEqualTo(5);
  }

  @Test
  void oneClientServesManyThreads() throws Exception {
    Endpoint endpoint = serve(apache.bind(shop(Integer::parseInt)));
    Shop shop = apache.client(client(endpoint, ThriftClientConfig.MULTIPLEXED));
    List<Future<Integer>> answers = new ArrayList<>();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 1_000; i++) {
        String item = Integer.toString(i);
        answers.add(executor.submit(() -> shop.count(item)));
      }
    }

    for (int i = 0; i < answers.size(); i++) {
      assertThat(answers.get(i).get()).isEqualTo(i);
    }
  }

  @Test
  void aClientSaysWhereItGoesAndIsEqualToItselfOnly() {
    Endpoint endpoint = serve(apache.bind(shop(LibthriftTest::ofLength)));
    Shop shop = apache.client(client(endpoint));

    assertThat(shop.toString()).startsWith("test > ").endsWith(" > inventory");
  }
}
