package io.volare.transport.inprocess;

import io.volare.metainfo.MetaInfo;
import io.volare.metainfo.Names;
import io.volare.metainfo.Received;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Service;
import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import io.volare.rpc.InboundRequest;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import org.jspecify.annotations.Nullable;

/**
 * Sends calls to the {@link InProcessServer} that the context's endpoint names. Immutable and
 * thread-safe.
 *
 * <p>Metainfo crosses in its wire form, so that it obeys the same rules as between hosts.
 */
public final class InProcessClient implements Service<RpcContext, Object, @Nullable Object> {
  private final @Nullable Endpoint fallback;

  private InProcessClient(@Nullable Endpoint fallback) {
    this.fallback = fallback;
  }

  /** {@return a transport that goes where a layer or the call's options say} */
  public static InProcessClient create() {
    return new InProcessClient(null);
  }

  /** {@return a transport that goes to the server under {@code name} unless the call says other} */
  public static InProcessClient to(String name) {
    return new InProcessClient(Endpoint.of(Address.inProcess(name)));
  }

  @Override
  public @Nullable Object call(RpcContext context, Object request) throws Exception {
    InProcessServer server = server(context);
    if (context.deadline().isExpired()) {
      throw RpcException.notExecuted(
          Kind.DEADLINE_EXCEEDED, context.target() + ": the deadline had passed before sending");
    }
    InProcessServer.Route route = server.route(context.method());
    RpcContext served = served(context, route.method());
    if (context.method().kind().isStream()) {
      return StreamedCall.start(server, route, context, served, request);
    }
    return new UnaryCall(server, route, context, served, request).await();
  }

  private InProcessServer server(RpcContext context) {
    if (context.endpoint() == null && fallback != null) {
      context.endpoint(fallback);
    }
    Endpoint endpoint = context.endpoint();
    if (endpoint == null || !(endpoint.address() instanceof Address.InProcess address)) {
      throw RpcException.notExecuted(
          Kind.FAILED_PRECONDITION,
          context.target()
              + ": endpoint "
              + endpoint
              + " (expected: an in-process address; name one by InProcessClient.to, a discovery"
              + " layer or CallOptions.withEndpoint)");
    }
    return InProcessServer.running(address.name());
  }

  private static RpcContext served(RpcContext context, MethodDescriptor method) {
    MetaInfo metaInfo = MetaInfo.create();
    Received received = new Received(metaInfo, Names.RPC);
    context.metaInfo().forEachForward(Names.RPC, received::forward);
    received.deliver();
    RpcContext served =
        RpcContext.server(
            method,
            context.caller(),
            context.callee(),
            metaInfo,
            Endpoint.of(Address.inProcess("caller")));
    served.deadline(context.deadline());
    return served;
  }

  /** Brings the handler's backward values to the caller. */
  static void answerMetaInfo(RpcContext served, RpcContext context) {
    Received received = new Received(context.metaInfo(), Names.RPC);
    served.metaInfo().forEachBackward(Names.RPC, received::backward);
    received.deliver();
  }

  /** What the server's layers see of a request that never was bytes. */
  record Passed(Object arguments) implements InboundRequest {
    @Override
    public Object decode() {
      return arguments;
    }

    @Override
    public int size() {
      return 0;
    }
  }

  @Override
  public String toString() {
    return fallback == null ? "in-process" : fallback.toString();
  }
}
