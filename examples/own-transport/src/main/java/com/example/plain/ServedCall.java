package com.example.plain;

import io.volare.metainfo.MetaInfo;
import io.volare.motore.Deadline;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Time;
import io.volare.motore.Time.InterruptScope;
import io.volare.rpc.Endpoint;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import io.volare.rpc.ServiceBinding;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One connection, from its request to its reply. Runs on one thread; cancelled from any. */
final class ServedCall {
  private static final System.Logger LOG = System.getLogger(ServedCall.class.getName());
  private static final Duration STALLED = Duration.ofSeconds(10);

  private final ServiceBinding service;
  private final SocketChannel channel;
  private volatile @Nullable InterruptScope running;

  ServedCall(ServiceBinding service, SocketChannel channel) {
    this.service = service;
    this.channel = channel;
  }

  void run() {
    try (channel) {
      WireReader in = new WireReader(Channels.newInputStream(channel));
      Call call = read(in);
      answer(call, in, new WireWriter(Channels.newOutputStream(channel)));
    } catch (IOException | RuntimeException gone) {
      LOG.log(System.Logger.Level.DEBUG, "a connection ended without an answer", gone);
    }
  }

  /** A request must be here within a time; the interrupt closes the channel. */
  private static Call read(WireReader in) throws IOException {
    try (InterruptScope scope = Time.SYSTEM.interruptAt(Deadline.after(STALLED, Time.SYSTEM))) {
      return Call.read(in);
    }
  }

  private void answer(Call call, WireReader in, WireWriter out) throws IOException {
    MethodDescriptor known = service.methods().get(call.method());
    if (known == null || !call.service().equals(service.service())) {
      Reply.writeFailure(null, unknown(call), MetaInfo.create(), out);
      return;
    }
    PlainMethod<Object, Object, Exception> method = PlainMethod.of(known);
    RpcContext context =
        RpcContext.server(method, call.caller(), call.callee(), call.metaInfo(), peer());
    context.deadline(call.deadline());
    Throwable failure = null;
    Object value = null;
    try {
      value = handle(context, method.arguments().decode(call.arguments()), in);
    } catch (Throwable thrown) {
      failure = thrown;
    }
    context.end(failure);
    if (method.kind() == MethodDescriptor.Kind.ONEWAY) {
      return;
    }
    if (failure == null) {
      Reply.writeValue(method, value, context.metaInfo(), out);
    } else {
      Reply.writeFailure(method, failure, context.metaInfo(), out);
    }
    context.metaInfo().closeBackward();
  }

  private @Nullable Object handle(RpcContext context, Object arguments, WireReader in)
      throws Exception {
    try (InterruptScope scope = Time.SYSTEM.interruptAt(context.deadline())) {
      running = scope;
      if (context.method().kind() != MethodDescriptor.Kind.ONEWAY) {
        Thread.ofVirtual().name("plain-watch").start(() -> cancelWhenClosed(in, scope));
      }
      return context.serve(() -> service.handler().call(context, arguments));
    } catch (InterruptedException stopped) {
      if (context.deadline().isExpired()) {
        throw RpcException.of(Kind.DEADLINE_EXCEEDED, "stopped at its deadline", stopped);
      }
      throw stopped;
    } finally {
      running = null;
    }
  }

  /** The caller says nothing after its request: what ends its side is its giving up. */
  private static void cancelWhenClosed(WireReader in, InterruptScope scope) {
    try {
      in.awaitEnd();
    } catch (IOException closed) {
      // so is this
    }
    scope.interrupt();
  }

  private static RpcException unknown(Call call) {
    return RpcException.notExecuted(
        Kind.UNIMPLEMENTED, call.service() + "/" + call.method() + " is not offered");
  }

  private Endpoint peer() throws IOException {
    InetSocketAddress peer = (InetSocketAddress) channel.getRemoteAddress();
    return Endpoint.tcp(peer.getHostString(), peer.getPort());
  }

  void cancel() {
    InterruptScope scope = running;
    if (scope != null) {
      scope.interrupt();
    }
  }
}
