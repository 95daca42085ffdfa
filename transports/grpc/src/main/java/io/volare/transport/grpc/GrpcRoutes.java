package io.volare.transport.grpc;

import com.google.protobuf.MessageLite;
import io.netty.util.AsciiString;
import io.volare.codec.protobuf.ProtobufMethod;
import io.volare.motore.Service;
import io.volare.motore.ServiceBuilder;
import io.volare.rpc.InboundRequest;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcContext;
import io.volare.rpc.ServiceBinding;
import io.volare.transport.netty.Execution;
import io.volare.transport.netty.Executions;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds the method that a path means: {@code /package.Service/Method}. Immutable. */
final class GrpcRoutes {
  private final Map<AsciiString, Route> byPath = new HashMap<>();
  private final Set<String> services = new LinkedHashSet<>();

  private GrpcRoutes() {}

  static GrpcRoutes of(
      Collection<ServiceBinding> bindings,
      ServiceBuilder<RpcContext, Object, @Nullable Object> layers,
      Executions executions) {
    GrpcRoutes routes = new GrpcRoutes();
    for (ServiceBinding binding : bindings) {
      for (MethodDescriptor method : binding.methods().values()) {
        Execution execution = execution(executions, method);
        routes.byPath.put(
            AsciiString.of("/" + binding.service() + "/" + method.name()),
            new Route(
                ProtobufMethod.of(method),
                service(binding, layers, execution.isInline()),
                execution,
                new MessageSizes()));
      }
      routes.services.add(binding.service());
    }
    return routes;
  }

  /** A stream waits for what its connection's loop brings, so it is never answered on the loop. */
  private static Execution execution(Executions executions, MethodDescriptor method) {
    Execution asked = executions.of(method);
    if (!asked.isInline() || !method.kind().isStream()) {
      return asked;
    }
    if (executions.isNamed(method)) {
      throw new IllegalStateException(
          "execution of %s is inline, but it is a stream, which waits (expected: virtualThreads())"
              .formatted(method.fullName()));
    }
    return Execution.virtualThreads();
  }

  private static Service<RpcContext, Object, @Nullable Object> service(
      ServiceBinding binding,
      ServiceBuilder<RpcContext, Object, @Nullable Object> layers,
      boolean inline) {
    Service<RpcContext, Object, @Nullable Object> handler =
        (inline ? binding.nonBlocking() : binding).handler();
    return (inline ? layers.nonBlocking() : layers)
        .service((context, request) -> handler.call(context, ((InboundRequest) request).decode()));
  }

  @Nullable Route find(CharSequence path) {
    return byPath.get(AsciiString.of(path));
  }

  /** {@return what is wrong with a path that has no route} */
  String missing(CharSequence path) {
    String text = path.toString();
    int end = text.lastIndexOf('/');
    if (!text.startsWith("/") || end <= 0) {
      return "path %s (expected: /package.Service/Method)".formatted(text);
    }
    String service = text.substring(1, end);
    return services.contains(service)
        ? "method " + text.substring(end + 1) + " of service " + service
        : "service " + service;
  }

  @Override
  public String toString() {
    return services.toString();
  }

  record Route(
      ProtobufMethod<MessageLite, MessageLite> method,
      Service<RpcContext, Object, @Nullable Object> service,
      Execution execution,
      MessageSizes sizes) {}
}
