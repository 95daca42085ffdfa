package io.volare.transport.inprocess;

import static java.util.Objects.requireNonNull;

import io.volare.motore.Failure.Kind;
import io.volare.motore.Layer;
import io.volare.motore.Service;
import io.volare.motore.ServiceBuilder;
import io.volare.motore.Time;
import io.volare.rpc.Endpoint;
import io.volare.rpc.Address;
import io.volare.rpc.InboundRequest;
import io.volare.rpc.Lifecycle;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import io.volare.rpc.ServiceBinding;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Offers services under a name in this process. Thread-safe.
 *
 * <p>Each call runs on a virtual thread of its own, as it does behind a network, and is interrupted
 * there when its deadline passes or its caller gives up. Arguments and results are passed as they
 * are, so they should be immutable.
 */
public final class InProcessServer implements Lifecycle {
  private static final ConcurrentHashMap<String, InProcessServer> RUNNING =
      new ConcurrentHashMap<>();

  private final String name;
  private final Map<String, ServiceBinding> services;
  private final ServiceBuilder<RpcContext, Object, @Nullable Object> layers;
  private final Time time;
  private final Calls calls = new Calls();
  private volatile State state = State.NEW;

  private InProcessServer(Builder builder) {
    name = builder.name;
    services = Map.copyOf(builder.services);
    layers = builder.layers;
    time = builder.time;
  }

  /** Starts a server that clients will reach as {@link Address#inProcess} {@code name}. */
  public static Builder builder(String name) {
    return new Builder(name);
  }

  /** {@return where clients reach it} */
  public Endpoint endpoint() {
    return Endpoint.of(Address.inProcess(name));
  }

  @Override
  public synchronized void start() {
    if (state == State.READY) {
      return;
    }
    if (state != State.NEW) {
      throw new IllegalStateException(
          "in-process:" + name + " was stopped and does not start again: build another");
    }
    if (RUNNING.putIfAbsent(name, this) != null) {
      throw RpcException.notExecuted(
          Kind.FAILED_PRECONDITION, "in-process:" + name + " is taken by another running server");
    }
    state = State.READY;
  }

  @Override
  public boolean isReady() {
    return state == State.READY;
  }

  @Override
  public void drain(Duration limit) throws InterruptedException {
    state = State.ENDED;
    RUNNING.remove(name, this);
    calls.awaitNone(limit);
  }

  @Override
  public void stop() {
    state = State.ENDED;
    RUNNING.remove(name, this);
    calls.interruptAll();
  }

  static InProcessServer running(String name) {
    InProcessServer server = RUNNING.get(name);
    if (server == null) {
      throw RpcException.notExecuted(
          Kind.UNAVAILABLE, "in-process:" + name + ": no server is running under this name");
    }
    return server;
  }

  Calls calls() {
    return calls;
  }

  Time time() {
    return time;
  }

  /** {@return what the client called, as this server knows it} */
  Route route(MethodDescriptor called) {
    ServiceBinding binding = services.get(called.service());
    MethodDescriptor method = binding == null ? null : binding.methods().get(called.name());
    if (binding == null || method == null) {
      throw RpcException.notExecuted(
          Kind.UNIMPLEMENTED,
          called.fullName()
              + ": not offered by in-process:"
              + name
              + ", which has "
              + services.keySet());
    }
    return new Route(method, layers.service(decodingBefore(binding.handler())));
  }

  private static Service<RpcContext, Object, @Nullable Object> decodingBefore(
      Service<RpcContext, Object, @Nullable Object> handler) {
    return (context, request) -> handler.call(context, ((InboundRequest) request).decode());
  }

  @Override
  public String toString() {
    return "in-process:" + name + " " + services.keySet() + " behind " + layers;
  }

  record Route(MethodDescriptor method, Service<RpcContext, Object, @Nullable Object> service) {}

  private enum State {
    NEW,
    READY,
    ENDED
  }

  /** Collects what a server needs. */
  public static final class Builder {
    private final String name;
    private final Map<String, ServiceBinding> services = new LinkedHashMap<>();
    private ServiceBuilder<RpcContext, Object, @Nullable Object> layers = ServiceBuilder.create();
    private Time time = Time.SYSTEM;

    private Builder(String name) {
      this.name = requireNonNull(name, "name");
    }

    /**
     * Offers a service.
     *
     * @return this builder
     * @throws IllegalArgumentException if a service of this name was added before
     */
    public Builder service(ServiceBinding service) {
      if (services.putIfAbsent(service.service(), service) != null) {
        throw new IllegalArgumentException(
            "service: " + service.service() + " (expected: a name that was not added before)");
      }
      return this;
    }

    /**
     * Adds a layer inside those added before; it sees requests before they are decoded.
     *
     * @return this builder
     */
    public Builder layer(Layer<RpcContext, Object, @Nullable Object> layer) {
      layers = layers.layer(layer);
      return this;
    }

    /**
     * Sets the clock of the deadlines.
     *
     * @return this builder
     */
    public Builder time(Time time) {
      this.time = requireNonNull(time, "time");
      return this;
    }

    /** {@return the server, not yet started} */
    public InProcessServer build() {
      return new InProcessServer(this);
    }
  }
}
