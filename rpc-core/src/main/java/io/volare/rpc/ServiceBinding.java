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
    return new ServiceBinding(service, methods, layers.service(handler));
  }

  /** {@return this service with one layer around its handler} */
  public ServiceBinding with(Layer<RpcContext, Object, @Nullable Object> layer) {
    return with(ServiceBuilder.<RpcContext, Object, @Nullable Object>create().layer(layer));
  }
}
