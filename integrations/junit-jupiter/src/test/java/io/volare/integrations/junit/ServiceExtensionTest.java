package io.volare.integrations.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.netty.buffer.ByteBufAllocator;
import io.volare.integrations.junit.idl.Inventory;
import io.volare.integrations.junit.idl.InventoryClient;
import io.volare.integrations.junit.idl.InventoryServer;
import io.volare.integrations.junit.idl.UnknownItem;
import io.volare.motore.Failure.Kind;
import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcException;
import io.volare.rpc.ServiceBinding;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.testkit.engine.EngineExecutionResults;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;
import org.junit.platform.testkit.engine.EventType;

/** Runs classes of tests, good and bad, in an engine of their own. */
class ServiceExtensionTest {
  private static final List<String> SEEN = new CopyOnWriteArrayList<>();
  private static final Set<Endpoint> ENDPOINTS = ConcurrentHashMap.newKeySet();
  private static CountDownLatch started;

  private static final Inventory SHELF =
      item -> {
        switch (item) {
          case "moon" -> throw new UnknownItem(item);
          case "refused" -> throw RpcException.of(Kind.FAILED_PRECONDITION, "not today");
          case "defect" -> throw new IllegalStateException("the shelf fell down");
          case "forever" -> {
            started.countDown();
            Thread.sleep(Duration.ofMinutes(1));
          }
          default -> SEEN.add(item);
        }
        return item.length();
      };

  private static ServiceBinding shelf() {
    return InventoryServer.bind(SHELF);
  }

  @BeforeEach
  void forget() {
    SEEN.clear();
    ENDPOINTS.clear();
    started = new CountDownLatch(1);
  }

  /** {@return what failed, tests and classes alike; the failures of the tests that are expected} */
  private static List<Throwable> failures(Class<?> tests) {
    return run(tests)
        .allEvents()
        .filter(event -> event.getType() == EventType.FINISHED)
        .flatMap(ServiceExtensionTest::thrown)
        .toList();
  }

  private static EngineExecutionResults run(Class<?> tests) {
    return EngineTestKit.engine("junit-jupiter").selectors(selectClass(tests)).execute();
  }

  private static Stream<Throwable> thrown(Event event) {
    return event
        .getRequiredPayload(org.junit.platform.engine.TestExecutionResult.class)
        .getThrowable()
        .stream();
  }

  /** One server for the class and the class in it. */
  static class ForAClass {
    @RegisterExtension static final ServiceExtension INVENTORY = ServiceExtension.thrift(shelf());

    @Test
    void parametersAreMade(InventoryClient generated, RpcClient client, Endpoint endpoint)
        throws Exception {
      assertThat(generated.count("apple")).isEqualTo(5);
      assertThat(client.callee()).isEqualTo("Inventory");
      assertThat(((Address.Tcp) endpoint.address()).port()).isPositive();
      ENDPOINTS.add(endpoint);
    }

    @Test
    void theFieldGivesThemToo() throws Exception {
      assertThat(INVENTORY.client(InventoryClient::of).count("pear")).isEqualTo(4);
      ENDPOINTS.add(INVENTORY.endpoint());
    }

    /** Shares the server. */
    @Nested
    class Inner {
      @Test
      void isStillThere(InventoryClient generated, Endpoint endpoint) throws Exception {
        assertThat(generated.count("fig")).isEqualTo(3);
        ENDPOINTS.add(endpoint);
      }
    }
  }

  @Test
  void aStaticFieldRunsOneServerForTheClass() {
    assertThat(failures(ForAClass.class)).isEmpty();

    assertThat(SEEN).containsExactlyInAnyOrder("apple", "pear", "fig");
    assertThat(ENDPOINTS).hasSize(1);
    assertThatThrownBy(ForAClass.INVENTORY::endpoint)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("ServiceExtension[Inventory] does not run");
  }

  /** A server for each test. */
  static class ForATest {
    @RegisterExtension final ServiceExtension inventory = ServiceExtension.inProcess(shelf());

    @Test
    void one(InventoryClient generated, Endpoint endpoint) throws Exception {
      assertThat(generated.count("one")).isEqualTo(3);
      ENDPOINTS.add(endpoint);
    }

    @Test
    void another(InventoryClient generated, Endpoint endpoint) throws Exception {
      assertThat(generated.count("other")).isEqualTo(5);
      ENDPOINTS.add(endpoint);
    }
  }

  @Test
  void anotherFieldRunsAServerForEachTest() {
    assertThat(failures(ForATest.class)).isEmpty();

    assertThat(SEEN).hasSize(2);
    assertThat(ENDPOINTS).hasSize(2);
  }

  /** Leaves a call behind. */
  static class LeavesACall {
    @RegisterExtension
    static final ServiceExtension INVENTORY =
        ServiceExtension.thrift(shelf()).withPatience(Duration.ofMillis(100));

    @Test
    void startsAndForgets(InventoryClient inventory) throws Exception {
      Thread.ofVirtual()
          .start(() -> {
            try {
              inventory.count("forever");
            } catch (Exception ended) {
              SEEN.add("ended");
            }
          });
      assertThat(started.await(5, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void aCallInFlightFailsTheTestAndSaysWhereItIs() {
    List<Throwable> failures =
        run(LeavesACall.class).testEvents().failed().stream()
            .flatMap(ServiceExtensionTest::thrown)
            .toList();

    assertThat(failures)
        .singleElement(org.assertj.core.api.InstanceOfAssertFactories.THROWABLE)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("2 calls in flight 100 ms after the test")
        .hasMessageContaining("client: Inventory/count, for ")
        .hasMessageContaining("server: Inventory/count, for ")
        .hasMessageContaining("at java.base/java.lang.Thread.sleep");
  }

  /** The same in process. */
  static class LeavesACallInProcess {
    @RegisterExtension
    final ServiceExtension inventory =
        ServiceExtension.inProcess(shelf()).withPatience(Duration.ofMillis(50));

    @Test
    void startsAndForgets(InventoryClient client) throws Exception {
      Thread.ofVirtual()
          .start(() -> {
            try {
              client.count("forever");
            } catch (Exception ended) {
              SEEN.add("ended");
            }
          });
      assertThat(started.await(5, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void aCallInFlightIsEndedWithTheServer() throws Exception {
    assertThat(failures(LeavesACallInProcess.class)).hasSize(1);

    for (int i = 0; i < 200 && SEEN.isEmpty(); i++) {
      TimeUnit.MILLISECONDS.sleep(10);
    }
    assertThat(SEEN).containsExactly("ended");
  }

  /** Fails for a reason that only the server knows. */
  static class AsksForADefect {
    @RegisterExtension static final ServiceExtension INVENTORY = ServiceExtension.thrift(shelf());

    @Test
    void asks(InventoryClient inventory) throws Exception {
      inventory.count("apple");
      inventory.count("defect");
    }
  }

  @Test
  void aFailedTestSaysWhatWasCalledAndWhatTheHandlerThrew() {
    List<Throwable> failures = failures(AsksForADefect.class);

    assertThat(failures).hasSize(1);
    assertThat(failures.getFirst().getMessage()).doesNotContain("fell down");
    assertThat(failures.getFirst().getSuppressed())
        .satisfiesExactly(
            calls ->
                assertThat(calls)
                    .hasMessageContaining("server: Inventory/count answered, after ")
                    .hasMessageContaining("client: Inventory/count answered, after ")
                    .hasMessageContaining(
                        "server: Inventory/count failed, java.lang.IllegalStateException"),
            defect -> assertThat(defect).hasMessage("the shelf fell down"));
  }

  /** One test after another, and the second fails. */
  @TestMethodOrder(MethodOrderer.MethodName.class)
  static class OneAfterAnother {
    @RegisterExtension static final ServiceExtension INVENTORY = ServiceExtension.thrift(shelf());

    @Test
    void first(InventoryClient inventory) throws Exception {
      inventory.count("apple");
    }

    @Test
    void second(InventoryClient inventory) throws Exception {
      inventory.count("moon");
    }
  }

  @Test
  void aFailedTestSaysNothingOfOtherTestsAndADeclaredExceptionIsNoDefect() {
    assertThat(failures(OneAfterAnother.class).getFirst().getSuppressed())
        .singleElement()
        .satisfies(calls ->
            assertThat(calls)
                .hasMessageContaining("server: Inventory/count declared ")
                .hasMessageNotContaining("answered"));
  }

  /** The handler's own exception reaches the test. */
  static class InProcessDefect {
    @RegisterExtension
    static final ServiceExtension INVENTORY = ServiceExtension.inProcess(shelf());

    @Test
    void asks(InventoryClient inventory) throws Exception {
      inventory.count("refused");
    }
  }

  @Test
  void whatTheTestGotItselfIsNotSuppressedInItself() {
    Throwable failure = failures(InProcessDefect.class).getFirst();

    assertThat(failure).hasMessage("not today");
    assertThat(failure.getSuppressed()).hasSize(1);
  }

  /** Forgets a buffer. */
  static class ForgetsABuffer {
    @RegisterExtension static final ServiceExtension INVENTORY = ServiceExtension.thrift(shelf());

    @Test
    void forgets(InventoryClient inventory) throws Exception {
      inventory.count("apple");
      ByteBufAllocator.DEFAULT.directBuffer(16).writeInt(1);
    }
  }

  @Test
  void aBufferThatWasNotReleasedFailsTheClass() {
    assertThat(failures(ForgetsABuffer.class))
        .singleElement()
        .satisfies(
            failure -> assertThat(failure).hasMessageContaining("buffers that were not released"));
  }

  /** Layers on both sides. */
  static class WithLayers {
    @RegisterExtension
    static final ServiceExtension INVENTORY =
        ServiceExtension.inProcess(shelf())
            .withServerLayer(inner -> (context, request) -> seen("server", inner, context, request))
            .withClientLayer(
                inner -> (context, request) -> seen("client", inner, context, request));

    private static Object seen(
        String side,
        io.volare.motore.Service<io.volare.rpc.RpcContext, Object, Object> inner,
        io.volare.rpc.RpcContext context,
        Object request)
        throws Exception {
      SEEN.add(side + " of " + context.caller());
      return inner.call(context, request);
    }

    @Test
    void calls(InventoryClient inventory) throws Exception {
      inventory.count("apple");
    }
  }

  @Test
  void layersStandOnBothSides() {
    assertThat(failures(WithLayers.class)).isEmpty();

    assertThat(SEEN).containsExactly("client of test", "server of test", "apple");
  }

  @Test
  void saysWhatItsSettingsShouldBe() {
    assertThatThrownBy(ServiceExtension::inProcess)
        .hasMessage("services: none (expected: at least one)");
    assertThatThrownBy(
            () -> ServiceExtension.inProcess(shelf()).withPatience(Duration.ofMillis(-1)))
        .hasMessage("patience: PT-0.001S (expected: >= 0)");
  }
}
