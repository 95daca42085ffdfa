package io.volare.rpc;

import static java.util.Objects.requireNonNull;

import io.volare.motore.Layer;
import io.volare.motore.Service;
import io.volare.motore.ServiceBuilder;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A service that a server can offer: its name, its methods, and the handler behind them. Generated
 * code makes one from an implementation. Immutable.
 *
 * @param service the service's name, as the IDL has it
 * @param methods by their names on the wire
 * @param handler gets the decoded arguments and returns the value, null for void; for a method that
 *     streams the arguments are a {@link Duplex}. A declared exception is thrown as itself
 */
public record ServiceBinding(
    String service,
    Map<String, ? extends MethodDescriptor> methods,
    Service<RpcContext, Object, @Nullable Object> handler) {
  /** Copies the methods. */
  public ServiceBinding {
    requireNonNull(service, "service");
    requireNonNull(handler, "handler");
    methods = Map.copyOf(methods);
  }

  /**
   * {@return this service with layers around its handler} They see decoded arguments, unlike the
   * layers of a server.
   */
  public ServiceBinding with(ServiceBuilder<RpcContext, Object, @Nullable Object> layers) {
    return new ServiceBinding(service, methods, Layered.of(layers, handler));
  }

  /**
   * {@return this service for a thread that must not block; itself where no layers are around its
   * handler}
   *
   * @throws IllegalStateException if one of the layers blocks
   * @see ServiceBuilder#nonBlocking
   */
  public ServiceBinding nonBlocking() {
    return handler instanceof Layered layered
        ? new ServiceBinding(service, methods, layered.nonBlocking())
        : this;
  }

  /** {@return this service with one layer around its handler} */
  public ServiceBinding with(Layer<RpcContext, Object, @Nullable Object> layer) {
    return with(ServiceBuilder.<RpcContext, Object, @Nullable Object>create().layer(layer));
  }

  /** A handler that remembers the layers around it. */
  private record Layered(
      ServiceBuilder<RpcContext, Object, @Nullable Object> layers,
      Service<RpcContext, Object, @Nullable Object> handler,
      Service<RpcContext, Object, @Nullable Object> all)
      implements Service<RpcContext, Object, @Nullable Object> {
    static Layered of(
        ServiceBuilder<RpcContext, Object, @Nullable Object> layers,
        Service<RpcContext, Object, @Nullable Object> handler) {
      return new Layered(layers, handler, layers.service(handler));
    }

    Layered nonBlocking() {
      return of(
          layers.nonBlocking(), handler instanceof Layered inner ? inner.nonBlocking() : handler);
    }

    @Override
    public @Nullable Object call(RpcContext context, Object request) throws Exception {
      return all.call(context, request);
    }
  }
}
