package io.volare.transport.thrift;

import io.volare.codec.thrift.ThriftMethod;
import io.volare.motore.Service;
import io.volare.motore.ServiceBuilder;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcContext;
import io.volare.rpc.ServiceBinding;
import io.volare.transport.netty.Execution;
import io.volare.transport.netty.Executions;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the method that a request means: by the service's name where the request has one ({@code
 * isn}), else by the method's name among all services. Immutable.
 */
final class Routes {
  private final Map<String, Map<String, Route>> byService;
  private final Map<String, Route> byMethod;

  private Routes(Map<String, Map<String, Route>> byService, Map<String, Route> byMethod) {
    this.byService = byService;
    this.byMethod = byMethod;
  }

  static Routes of(
      Collection<ServiceBinding> services,
      ServiceBuilder<RpcContext, Object, @Nullable Object> layers,
      Executions executions) {
    Map<String, Map<String, Route>> byService = new LinkedHashMap<>();
    Map<String, Route> byMethod = new HashMap<>();
    for (ServiceBinding binding : services) {
      Map<String, Route> methods = new HashMap<>();
      for (MethodDescriptor method : binding.methods().values()) {
        Execution execution = executions.of(method);
        Route route =
            new Route(
                ThriftMethod.of(method), service(binding, layers, execution.isInline()), execution);
        methods.put(method.name(), route);
        byMethod.putIfAbsent(method.name(), route);
      }
      byService.put(binding.service(), methods);
    }
    return new Routes(byService, byMethod);
  }

  private static Service<RpcContext, Object, @Nullable Object> service(
      ServiceBinding binding,
      ServiceBuilder<RpcContext, Object, @Nullable Object> layers,
      boolean inline) {
    return inline
        ? layers
            .nonBlocking()
            .service(ThriftProtocol.decodingBefore(binding.nonBlocking().handler()))
        : layers.service(ThriftProtocol.decodingBefore(binding.handler()));
  }

  /** {@return whether requests may name {@code service}} */
  boolean hasService(String service) {
    return byService.containsKey(service);
  }

  /** {@return the route of a method, or null if it is not known} */
  @Nullable Route find(@Nullable String service, String method) {
    if (service == null || service.isEmpty()) {
      return byMethod.get(method);
    }
    Map<String, Route> methods = byService.get(service);
    return methods == null ? null : methods.get(method);
  }

  @Override
  public String toString() {
    return byService.keySet().toString();
  }

  record Route(
      ThriftMethod<Object, @Nullable Object> method,
      Service<RpcContext, Object, @Nullable Object> service,
      Execution execution) {}
}
