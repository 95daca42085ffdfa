package io.volare.integrations.junit;

import static java.util.Objects.requireNonNull;

import io.volare.motore.Layer;
import io.volare.rpc.Endpoint;
import io.volare.rpc.RpcClient;
import io.volare.rpc.RpcContext;
import io.volare.rpc.ServiceBinding;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * Runs services for tests and gives them clients.
 *
 * <p>In use:
 *
 * {@snippet class=io.volare.integrations.junit.ServiceExtensionSnippetsTest region=use}
 *
 * <p>In a static field it runs for the whole class, in another for each test. Parameters of tests
 * may be an {@link RpcClient}, the {@link Endpoint}, or a generated client: any class with a static
 * {@code of(RpcClient)} that answers itself.
 *
 * <p>A test fails if a call is still in flight when it is over, and tells where; a class or a test
 * fails, at the end of the server, if a Netty buffer was not released. A test that fails for
 * another reason says what was called, and what handlers threw.
 */
public final class ServiceExtension
    implements BeforeAllCallback,
        BeforeEachCallback,
        AfterEachCallback,
        AfterAllCallback,
        TestExecutionExceptionHandler,
        ParameterResolver {
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final Host.Starter starter;
  private final List<ServiceBinding> services;
  private final List<Layer<RpcContext, Object, @Nullable Object>> serverLayers;
  private final List<Layer<RpcContext, Object, @Nullable Object>> clientLayers;
  private final Duration patience;
  private final CallLog log = new CallLog();
  private int users;
  private @Nullable Host host;

  private ServiceExtension(
      Host.Starter starter,
      List<ServiceBinding> services,
      List<Layer<RpcContext, Object, @Nullable Object>> serverLayers,
      List<Layer<RpcContext, Object, @Nullable Object>> clientLayers,
      Duration patience) {
    this.starter = starter;
    this.services = services;
    this.serverLayers = serverLayers;
    this.clientLayers = clientLayers;
    this.patience = patience;
  }

  /** {@return one that offers {@code services} in this process, without bytes} */
  public static ServiceExtension inProcess(ServiceBinding... services) {
    return of(Host::inProcess, services);
  }

  /**
   * {@return one that offers {@code services} as Thrift on a free port of the loopback} Needs
   * {@code transport-thrift} on the class path.
   */
  public static ServiceExtension thrift(ServiceBinding... services) {
    return of(ThriftHost::start, services);
  }

  private static ServiceExtension of(Host.Starter starter, ServiceBinding... services) {
    if (services.length == 0) {
      throw new IllegalArgumentException("services: none (expected: at least one)");
    }
    return new ServiceExtension(starter, List.of(services), List.of(), List.of(), PATIENCE);
  }

  /** {@return a copy with one more layer of the server, inside those added before} */
  public ServiceExtension withServerLayer(Layer<RpcContext, Object, @Nullable Object> layer) {
    return new ServiceExtension(
        starter, services, more(serverLayers, layer), clientLayers, patience);
  }

  /** {@return a copy with one more layer of the clients, inside those added before} */
  public ServiceExtension withClientLayer(Layer<RpcContext, Object, @Nullable Object> layer) {
    return new ServiceExtension(
        starter, services, serverLayers, more(clientLayers, layer), patience);
  }

  private static <T> List<T> more(List<T> before, T one) {
    List<T> more = new ArrayList<>(before);
    more.add(requireNonNull(one, "layer"));
    return List.copyOf(more);
  }

  /**
   * {@return a copy that waits so long for calls in flight before it fails a test, and again before
   * it stops a server; 1 s unless said otherwise}
   */
  public ServiceExtension withPatience(Duration patience) {
    if (patience.isNegative()) {
      throw new IllegalArgumentException("patience: " + patience + " (expected: >= 0)");
    }
    return new ServiceExtension(starter, services, serverLayers, clientLayers, patience);
  }

  /**
   * {@return a client of the running services}
   *
   * @throws IllegalStateException outside of a test
   */
  public RpcClient client() {
    RpcClient.Builder builder = RpcClient.builder(services.getFirst().service()).caller("test");
    builder.layer(log.layer());
    clientLayers.forEach(builder::layer);
    return builder.transport(running().transport());
  }

  /** {@return a generated client of the running services: {@code client(InventoryClient::of)}} */
  public <T> T client(Function<? super RpcClient, ? extends T> type) {
    return type.apply(client());
  }

  /**
   * {@return where the services run}
   *
   * @throws IllegalStateException outside of a test
   */
  public Endpoint endpoint() {
    return running().endpoint();
  }

  private synchronized Host running() {
    if (host == null) {
      throw new IllegalStateException(
          this + " does not run: it does from before the first test until after the last");
    }
    return host;
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    enter();
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    log.forgetEnded();
    enter();
  }

  @Override
  public void afterEach(ExtensionContext context) throws InterruptedException {
    leave(context.getExecutionMode() == ExecutionMode.SAME_THREAD);
  }

  @Override
  public void afterAll(ExtensionContext context) throws InterruptedException {
    leave(true);
  }

  /** Classes inside classes, and tests, share what the first of them started. */
  private synchronized void enter() {
    if (users == 0) {
      List<Layer<RpcContext, Object, @Nullable Object>> layers = new ArrayList<>();
      layers.add(log.layer());
      layers.addAll(serverLayers);
      host = starter.start(services, layers);
    }
    users++;
  }

  private void leave(boolean alone) throws InterruptedException {
    Host ending = leftLast();
    try {
      if (alone || ending != null) {
        failIfCallsRun();
      }
    } finally {
      if (ending != null) {
        stop(ending);
      }
    }
  }

  private synchronized @Nullable Host leftLast() {
    if (--users > 0) {
      return null;
    }
    Host ending = host;
    host = null;
    return ending;
  }

  private void failIfCallsRun() throws InterruptedException {
    List<String> running = log.stillRunning(patience);
    if (!running.isEmpty()) {
      throw new AssertionError(
          "%d calls in flight %d ms after the test (expected: none; end them in the test, or wait longer by withPatience):%n    %s"
              .formatted(running.size(), patience.toMillis(), String.join("\n    ", running)));
    }
  }

  private void stop(Host ending) throws InterruptedException {
    try {
      ending.closing().run();
      ending.server().drain(patience);
    } finally {
      ending.server().stop();
    }
    ending.check().run();
  }

  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable thrown)
      throws Throwable {
    thrown.addSuppressed(new CallsOfThisTest(log.outcomes()));
    for (Throwable defect : log.defects()) {
      if (defect != thrown) {
        thrown.addSuppressed(defect);
      }
    }
    throw thrown;
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    return type == RpcClient.class || type == Endpoint.class || factory(type) != null;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    Class<?> type = parameter.getParameter().getType();
    if (type == RpcClient.class) {
      return client();
    }
    return type == Endpoint.class ? endpoint() : make(requireNonNull(factory(type)));
  }

  private static @Nullable Method factory(Class<?> type) {
    try {
      Method factory = type.getMethod("of", RpcClient.class);
      boolean fits = Modifier.isStatic(factory.getModifiers()) && factory.getReturnType() == type;
      return fits ? factory : null;
    } catch (NoSuchMethodException none) {
      return null;
    }
  }

  private Object make(Method factory) {
    try {
      return factory.invoke(null, client());
    } catch (InvocationTargetException thrown) {
      throw new IllegalStateException(factory + ": " + thrown.getCause(), thrown.getCause());
    } catch (IllegalAccessException refused) {
      throw new IllegalStateException(factory + ": " + refused.getMessage(), refused);
    }
  }

  @Override
  public String toString() {
    return "ServiceExtension" + services.stream().map(ServiceBinding::service).toList();
  }
}
