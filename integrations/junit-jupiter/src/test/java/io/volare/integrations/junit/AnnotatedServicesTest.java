package io.volare.integrations.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.volare.integrations.junit.idl.InventoryClient;
import io.volare.integrations.junit.idl.InventoryServer;
import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import io.volare.rpc.ServiceBinding;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.EventType;

class AnnotatedServicesTest {
  private static final Set<Endpoint> ENDPOINTS = ConcurrentHashMap.newKeySet();

  @BeforeEach
  void forget() {
    ENDPOINTS.clear();
  }

  private static List<Throwable> failures(Class<?> tests) {
    return EngineTestKit.engine("junit-jupiter")
        .selectors(selectClass(tests))
        .execute()
        .allEvents()
        .filter(event -> event.getType() == EventType.FINISHED)
        .flatMap(
            event -> event.getRequiredPayload(TestExecutionResult.class).getThrowable().stream())
        .toList();
  }

  /** Static: one server for the class and the class in it. */
  @ServiceTest
  static class ForAClass {
    @Offered static final ServiceBinding INVENTORY = InventoryServer.bind(String::length);

    @Test
    void one(InventoryClient inventory, Endpoint endpoint) throws Exception {
      assertThat(inventory.count("apple")).isEqualTo(5);
      assertThat(endpoint.address()).isInstanceOf(Address.Tcp.class);
      ENDPOINTS.add(endpoint);
    }

    /** Shares it. */
    @Nested
    class Inner {
      @Test
      void another(InventoryClient inventory, Endpoint endpoint) throws Exception {
        assertThat(inventory.count("fig")).isEqualTo(3);
        ENDPOINTS.add(endpoint);
      }
    }
  }

  @Test
  void aStaticFieldIsOfferedToTheClass() {
    assertThat(failures(ForAClass.class)).isEmpty();
    assertThat(ENDPOINTS).hasSize(1);
  }

  /** Not static: a server for each test. */
  @ServiceTest(over = ServiceTest.Over.IN_PROCESS)
  static class ForATest {
    @Offered final ServiceBinding inventory = InventoryServer.bind(String::length);

    @Test
    void one(InventoryClient client, Endpoint endpoint) throws Exception {
      assertThat(client.count("apple")).isEqualTo(5);
      assertThat(endpoint.address()).isInstanceOf(Address.InProcess.class);
      ENDPOINTS.add(endpoint);
    }

    @Test
    void another(InventoryClient client, Endpoint endpoint) throws Exception {
      assertThat(client.count("fig")).isEqualTo(3);
      ENDPOINTS.add(endpoint);
    }
  }

  @Test
  void anotherFieldIsOfferedToEachTest() {
    assertThat(failures(ForATest.class)).isEmpty();
    assertThat(ENDPOINTS).hasSize(2);
  }

  /** Offers nothing. */
  @ServiceTest
  static class Empty {
    @Test
    void calls() {}
  }

  /** Offers in two ways. */
  @ServiceTest(over = ServiceTest.Over.IN_PROCESS)
  static class Both {
    @Offered static final ServiceBinding FIRST = InventoryServer.bind(String::length);
    @Offered final ServiceBinding second = InventoryServer.bind(String::length);

    @Test
    void calls() {}
  }

  /** Fails, with a call. */
  @ServiceTest(over = ServiceTest.Over.IN_PROCESS)
  static class Fails {
    @Offered static final ServiceBinding INVENTORY = InventoryServer.bind(String::length);

    @Test
    void calls(InventoryClient client) throws Exception {
      assertThat(client.count("apple")).isEqualTo(6);
    }
  }

  @Test
  void saysWhatIsExpected() {
    assertThat(failures(Empty.class).getFirst())
        .hasMessageEndingWith(
            "Empty: nothing is offered (expected: a field of type ServiceBinding with @Offered)");
    assertThat(failures(Both.class).getFirst())
        .hasMessageEndingWith(
            "Both: @Offered stands on static and on other fields (expected: one kind)");
    assertThat(failures(Fails.class).getFirst().getSuppressed())
        .singleElement()
        .satisfies(calls -> assertThat(calls).hasMessageContaining("Inventory/count answered"));
  }
}
