package io.volare.transport.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.volare.metainfo.MetaInfo;
import io.volare.motore.AsyncCall;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Services;
import io.volare.rpc.BusinessException;
import io.volare.rpc.CallOptions;
import io.volare.rpc.Duplex;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcException;
import io.volare.rpc.ServiceBinding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every transport does. Extend it, say how to start a server and a client, and which of the
 * {@linkplain Capability capabilities} the transport has; the tests are inherited.
 *
 * <p>The service is answered by the contract itself. It calls through {@link RpcClient}, as
 * generated clients do, so nothing here knows a codec: a transport that needs one makes its
 * descriptors in {@link #method}.
 */
@Timeout(30)
public abstract class TransportContract {
  private static final int LANES = 8;

  private final ContractHandler handler = new ContractHandler();
  private final Map<String, MethodDescriptor> methods = new LinkedHashMap<>();
  private @Nullable Running running;

  /** For subclasses. */
  protected TransportContract() {}

  /** Starts a server that offers {@code service}, on an address of its own, and a client of it. */
  protected abstract Running start(ServiceBinding service);

  /** {@return what this transport can do} */
  protected abstract Set<Capability> capabilities();

  /**
   * {@return the descriptor that the transport uses for {@code method}; itself unless overridden}
   */
  protected MethodDescriptor method(ContractMethod method) {
    return method;
  }

  /**
   * {@return the seeds of the metainfo programs} Ten thousand for a transport; where it runs in
   * several forms, each may take a part.
   */
  protected IntStream seeds() {
    return IntStream.range(0, 10_000);
  }

  @BeforeEach
  final void startServerAndClient() {
    Map<String, MethodDescriptor> offered = new LinkedHashMap<>();
    for (ContractMethod method : ContractMethod.OFFERED) {
      if (!method.kind().isStream() || has(Capability.STREAMS)) {
        offered.put(method.name(), method(method));
      }
    }
    methods.putAll(offered);
    running = start(binding(offered));
  }

  @SuppressWarnings("NullAway") // a compiled record's constructor has lost what its type says
  private ServiceBinding binding(Map<String, MethodDescriptor> offered) {
    return new ServiceBinding(ContractMethod.SERVICE, offered, handler);
  }

  @AfterEach
  final void stopBoth() {
    handler.release.countDown();
    if (running != null) {
      running.closing().run();
      running.server().stop();
    }
    handler.programs.close();
  }

  private Running running() {
    return java.util.Objects.requireNonNull(running);
  }

  private boolean has(Capability capability) {
    return capabilities().contains(capability);
  }

  private RpcClient client() {
    return RpcClient.builder("contract").caller("the-tests").transport(running().client());
  }

  private RpcClient client(Duration timeout) {
    return client().with(CallOptions.DEFAULT.withTimeout(timeout));
  }

  private @Nullable Object call(ContractMethod method, String text) throws Exception {
    return call(client(), method, text);
  }

  private @Nullable Object call(RpcClient client, ContractMethod method, String text)
      throws Exception {
    MethodDescriptor known = methods.computeIfAbsent(method.name(), name -> method(method));
    return client.call(known, new Note(text));
  }

  private static RpcException typed(@Nullable Throwable failure) {
    assertThat(failure).isInstanceOf(RpcException.class);
    return (RpcException) java.util.Objects.requireNonNull(failure);
  }

  private @Nullable String nextEvent() throws InterruptedException {
    return handler.events.poll(10, TimeUnit.SECONDS);
  }

  @Test
  void echoesWhateverTheSize() throws Exception {
    for (String text : List.of("", "hello", "äöü €", "x".repeat(70_000), "y".repeat(2_000_000))) {
      assertThat(call(ContractMethod.ECHO, text)).isEqualTo(new Note(text));
    }
  }

  @Test
  void returnsNullWhereAMethodReturnsNothing() throws Exception {
    assertThat(call(ContractMethod.NOTHING, "x")).isNull();
  }

  @Test
  void aDeclaredExceptionArrivesAsItself() {
    assertThatThrownBy(() -> call(ContractMethod.FAIL, "declared"))
        .isInstanceOfSatisfying(
            NoteRefused.class, refused -> assertThat(refused.reason()).isEqualTo("as declared"));
  }

  @Test
  void anyOtherFailureIsTypedAndKeepsTheServersSecrets() {
    RpcException failure = typed(catchThrowable(() -> call(ContractMethod.FAIL, "defect")));

    assertThat(failure.kind()).isEqualTo(Kind.INTERNAL);
    assertThat(failure.mayHaveExecuted()).isTrue();
    assertThat(failure).hasMessageContaining("Contract/Fail");
  }

  @Test
  void aBusinessErrorArrivesWithItsMessage() {
    RpcException failure = typed(catchThrowable(() -> call(ContractMethod.FAIL, "business")));

    assertThat(failure).hasMessageContaining("not found");
    if (has(Capability.BUSINESS_ERRORS)) {
      assertThat(failure).isInstanceOf(BusinessException.class);
      BusinessException business = (BusinessException) failure;
      assertThat(business.status()).isEqualTo(404);
      assertThat(business.extra()).isEqualTo(Map.of("key", "a \"quoted\" value"));
    }
  }

  @Test
  void anUnknownMethodCertainlyDidNotRun() {
    RpcException failure = typed(catchThrowable(() -> call(ContractMethod.MISSING, "x")));

    assertThat(failure.kind()).isEqualTo(Kind.UNIMPLEMENTED);
    assertThat(failure.mayHaveExecuted()).isFalse();
  }

  @Test
  void persistentAndTransientValuesReachTheHandlerAndBackwardValuesTheCaller() throws Exception {
    MetaInfo mine = MetaInfo.create();
    mine.setPersistent("tenant", "blue");
    mine.setTransient("hop", "1");

    Note seen = (Note) MetaInfo.call(mine, () -> call(ContractMethod.META, "x"));

    boolean travels = has(Capability.METAINFO);
    assertThat(java.util.Objects.requireNonNull(seen).text())
        .startsWith(travels ? "blue 1 the-tests " : "null null  ");
    assertThat(mine.downstream("answered-by")).isEqualTo(travels ? "contract" : null);
    assertThat(mine.persistent("answered-by")).isNull();
  }

  @Test
  void aTransientValueGoesNoFurtherThanOneHop() throws Exception {
    MetaInfo received = MetaInfo.create();
    received.receiveForward(io.volare.metainfo.Names.RPC, "RPC_TRANSIT_hop", "0");
    received.receiveForward(io.volare.metainfo.Names.RPC, "RPC_PERSIST_tenant", "green");

    Note seen = (Note) MetaInfo.call(received, () -> call(ContractMethod.META, "x"));

    assertThat(java.util.Objects.requireNonNull(seen).text())
        .startsWith(has(Capability.METAINFO) ? "green null the-tests " : "null null  ");
  }

  /** Programs of writes, forks, threads and hops, each beside a simple model. */
  @Test
  @Timeout(240)
  void metainfoEqualsItsModelOverForksThreadsAndHops() throws Exception {
    if (!has(Capability.METAINFO)) {
      return;
    }
    RpcClient client = client(Duration.ofSeconds(60));
    int[] seeds = seeds().toArray();
    List<AsyncCall<@Nullable Object>> running = new ArrayList<>();
    for (int lane = 0; lane < LANES; lane++) {
      int first = lane;
      running.add(
          Services.callAsync(() -> {
            for (int i = first; i < seeds.length; i += LANES) {
              handler.programs.run(seeds[i], text -> call(client, ContractMethod.RUN, text));
            }
            return null;
          }));
    }
    for (AsyncCall<@Nullable Object> lane : running) {
      lane.join();
    }

    assertThat(handler.programs.hopsMade()).isGreaterThan(seeds.length);
  }

  @Test
  void theServerSeesWhatIsLeftOfTheDeadline() throws Exception {
    Note seen = (Note) call(client(Duration.ofSeconds(3)), ContractMethod.META, "x");

    String text = java.util.Objects.requireNonNull(seen).text();
    long left = Long.parseLong(text.substring(text.lastIndexOf(' ') + 1));
    if (has(Capability.DEADLINE)) {
      assertThat(left).isBetween(1_000L, 3_000L);
    } else {
      assertThat(left).isEqualTo(-1);
    }
  }

  @Test
  void aCallEndsAtItsDeadlineAndSoDoesItsHandler() throws Exception {
    RpcException failure =
        typed(catchThrowable(() -> call(client(Duration.ofMillis(200)), ContractMethod.WAIT, "x")));

    assertThat(failure.kind()).isEqualTo(Kind.DEADLINE_EXCEEDED);
    assertThat(failure.mayHaveExecuted()).isTrue();
    assertThat(failure).hasMessageContaining("Contract/Wait");
    assertThat(nextEvent()).isEqualTo("started");
    if (has(Capability.DEADLINE)) {
      assertThat(nextEvent()).isEqualTo("interrupted");
    }
    assertThat(call(ContractMethod.ECHO, "next")).isEqualTo(new Note("next"));
  }

  @Test
  void aCallWhoseDeadlineHasPassedIsNotSent() throws Exception {
    RpcException failure =
        typed(catchThrowable(() -> call(client(Duration.ofNanos(1)), ContractMethod.LOG, "late")));
    call(ContractMethod.LOG, "in time");

    assertThat(failure.kind()).isEqualTo(Kind.DEADLINE_EXCEEDED);
    assertThat(failure.mayHaveExecuted()).isFalse();
    assertThat(nextEvent()).isEqualTo("in time");
  }

  @Test
  void cancellingIsInterruptionAndLeavesTheTransportUsable() throws Exception {
    AsyncCall<@Nullable Object> call =
        Services.callAsync(() -> call(ContractMethod.WAIT, "cancelled"));
    assertThat(nextEvent()).isEqualTo("started");

    assertThat(call.cancel()).isTrue();

    assertThatThrownBy(call::join).isInstanceOf(CancellationException.class);
    if (has(Capability.CANCELLATION)) {
      assertThat(nextEvent()).isEqualTo("interrupted");
    }
    assertThat(call(ContractMethod.ECHO, "next")).isEqualTo(new Note("next"));
  }

  @Test
  void anInterruptedThreadGetsAnInterruptedException() throws Exception {
    Thread caller = Thread.currentThread();
    Thread.ofVirtual()
        .start(() -> {
          try {
            nextEvent();
            caller.interrupt();
          } catch (InterruptedException impossible) {
            throw new IllegalStateException(impossible);
          }
        });

    assertThatThrownBy(() -> call(ContractMethod.WAIT, "x"))
        .isInstanceOf(InterruptedException.class);
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void aOnewayCallReturnsBeforeItIsAnswered() throws Exception {
    assertThat(call(ContractMethod.LOG, "first")).isNull();
    assertThat(nextEvent()).isEqualTo("first");
    assertThat(call(ContractMethod.LOG, "second")).isNull();
    assertThat(nextEvent()).isEqualTo("second");
    assertThat(call(ContractMethod.ECHO, "after")).isEqualTo(new Note("after"));
  }

  @Test
  void everyCallerGetsItsOwnAnswer() throws Exception {
    List<AsyncCall<@Nullable Object>> calls = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      String text = "call " + i + " " + "z".repeat(i % 97);
      calls.add(Services.callAsync(() -> call(ContractMethod.ECHO, text)));
    }
    for (int i = 0; i < calls.size(); i++) {
      assertThat(calls.get(i).join()).isEqualTo(new Note("call " + i + " " + "z".repeat(i % 97)));
    }
  }

  @Test
  void drainingFailsNoCallThatRuns() throws Exception {
    List<AsyncCall<@Nullable Object>> calls = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      calls.add(Services.callAsync(() -> call(ContractMethod.WAIT, "running")));
    }
    for (int i = 0; i < 20; i++) {
      assertThat(nextEvent()).isEqualTo("started");
    }
    AsyncCall<@Nullable Object> draining =
        Services.callAsync(() -> {
          running().server().drain(Duration.ofSeconds(10));
          return null;
        });
    while (running().server().isReady()) {
      Thread.onSpinWait();
    }
    handler.release.countDown();

    for (AsyncCall<@Nullable Object> call : calls) {
      assertThat(call.join()).isEqualTo(new Note("running"));
    }
    draining.join();
  }

  @Test
  void aServerThatIsGoneIsUnavailableAndCertainlyRanNothing() throws Exception {
    call(ContractMethod.ECHO, "while it was there");
    running().server().drain(Duration.ofSeconds(5));
    running().server().stop();

    RpcException failure = typed(catchThrowable(() -> call(ContractMethod.ECHO, "x")));

    assertThat(failure.kind()).isEqualTo(Kind.UNAVAILABLE);
    assertThat(failure.mayHaveExecuted()).isFalse();
  }

  @Test
  void aServerStreamIsReadInAForLoop() throws Exception {
    if (lacksStreams(ContractMethod.COUNT)) {
      return;
    }
    try (Duplex<Note, Note> stream = open(ContractMethod.COUNT, new Note("100"))) {
      List<String> seen = new ArrayList<>();
      for (Note note : stream.source()) {
        seen.add(note.text());
      }
      assertThat(seen)
          .containsExactlyElementsOf(IntStream.rangeClosed(1, 100).mapToObj(i -> "" + i).toList());
    }
  }

  @Test
  void backwardValuesOfAStreamComeHomeWithItsEnd() throws Exception {
    if (lacksStreams(ContractMethod.COUNT)) {
      return;
    }
    MetaInfo mine = MetaInfo.create();
    MetaInfo.call(
        mine,
        () -> {
          try (Duplex<Note, Note> stream = open(ContractMethod.COUNT, new Note("3"))) {
            stream.source().forEach(note -> {});
          }
          return null;
        });

    assertThat(mine.downstream("counted")).isEqualTo(has(Capability.METAINFO) ? "3" : null);
  }

  @Test
  void aClientStreamEndsInOneAnswer() throws Exception {
    if (lacksStreams(ContractMethod.JOIN)) {
      return;
    }
    try (Duplex<Note, Note> stream = open(ContractMethod.JOIN, Duplex.NO_REQUEST)) {
      for (int i = 0; i < 100; i++) {
        stream.sink().send(new Note("ab"));
      }
      stream.sink().complete();
      assertThat(stream.source().receive()).isEqualTo(new Note("ab".repeat(100)));
    }
  }

  @Test
  void aStreamBothWaysGoesBackAndForthAndIsCancelledByClosing() throws Exception {
    if (lacksStreams(ContractMethod.CHAT)) {
      return;
    }
    try (Duplex<Note, Note> stream = open(ContractMethod.CHAT, Duplex.NO_REQUEST)) {
      for (String text : List.of("a", "b", "c")) {
        stream.sink().send(new Note(text));
        assertThat(stream.source().receive()).isEqualTo(new Note("re: " + text));
      }
    }
    assertThat(nextEvent()).isEqualTo("CANCELLED");
  }

  @SuppressWarnings("unchecked") // a streaming method answers with its two ends
  private Duplex<Note, Note> open(ContractMethod method, Object request) throws Exception {
    Object answer = client().call(methods.getOrDefault(method.name(), method), request);
    return (Duplex<Note, Note>) java.util.Objects.requireNonNull(answer);
  }

  /** A transport without streams says so, before anything is sent. */
  private boolean lacksStreams(ContractMethod method) {
    if (has(Capability.STREAMS)) {
      return false;
    }
    MethodDescriptor known = method(method);
    RpcException failure = typed(catchThrowable(() -> client().call(known, new Note("a stream"))));
    assertThat(failure.kind()).isEqualTo(Kind.UNIMPLEMENTED);
    assertThat(failure.mayHaveExecuted()).isFalse();
    return true;
  }
}
