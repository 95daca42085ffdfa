package com.example.plain;

import io.volare.motore.Failure.Kind;
import io.volare.motore.Service;
import io.volare.motore.Time;
import io.volare.motore.Time.InterruptScope;
import io.volare.rpc.Address;
import io.volare.rpc.Endpoint;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * The client's side: connects, sends, and blocks until the answer is there. Immutable and
 * thread-safe. A call that is cancelled, or late, closes its connection, which the server notices.
 */
public final class PlainClient implements Service<RpcContext, Object, @Nullable Object> {
  private final @Nullable Endpoint fallback;

  private PlainClient(@Nullable Endpoint fallback) {
    this.fallback = fallback;
  }

  /** {@return a transport that goes where a layer or the call's options say} */
  public static PlainClient create() {
    return new PlainClient(null);
  }

  /** {@return a transport that goes to {@code server} unless the call says other} */
  public static PlainClient to(Endpoint server) {
    return new PlainClient(server);
  }

  @Override
  public @Nullable Object call(RpcContext context, Object request) throws Exception {
    if (context.method().kind().isStream()) {
      throw RpcException.notExecuted(
          Kind.UNIMPLEMENTED, context.target() + ": this transport has no streams");
    }
    if (context.endpoint() == null && fallback != null) {
      context.endpoint(fallback);
    }
    if (context.deadline().isExpired()) {
      throw RpcException.notExecuted(
          Kind.DEADLINE_EXCEEDED, context.target() + ": the deadline had passed before sending");
    }
    byte[] arguments = PlainMethod.of(context.method()).arguments().encode(request);
    InterruptScope scope = Time.SYSTEM.interruptAt(context.deadline());
    try {
      return exchange(context, arguments);
    } catch (InterruptedException interrupted) {
      if (scope.isCauseOf(interrupted)) {
        throw RpcException.of(
            Kind.DEADLINE_EXCEEDED, context.target() + ": no response before the deadline");
      }
      throw interrupted;
    } finally {
      scope.close();
    }
  }

  private static @Nullable Object exchange(RpcContext context, byte[] arguments) throws Exception {
    boolean connected = false;
    try (SocketChannel channel = SocketChannel.open()) {
      channel.connect(addressOf(context));
      connected = true;
      return exchange(context, arguments, channel);
    } catch (ClosedByInterruptException interrupted) {
      Thread.interrupted();
      throw new InterruptedException(context.target() + ": interrupted");
    } catch (IOException lost) {
      String message = context.target() + ": " + lost.getMessage();
      throw connected
          ? RpcException.of(Kind.UNAVAILABLE, message, lost)
          : RpcException.notExecuted(Kind.UNAVAILABLE, message, lost);
    }
  }

  private static @Nullable Object exchange(
      RpcContext context, byte[] arguments, SocketChannel channel) throws Exception {
    OutputStream out = Channels.newOutputStream(channel);
    Call.write(context, arguments, new WireWriter(out));
    context.wire().sent(arguments.length, Time.SYSTEM.nanos());
    if (context.method().kind() == MethodDescriptor.Kind.ONEWAY) {
      return null;
    }
    return Reply.read(context, new WireReader(Channels.newInputStream(channel)));
  }

  private static InetSocketAddress addressOf(RpcContext context) {
    Endpoint endpoint = context.endpoint();
    if (endpoint != null && endpoint.address() instanceof Address.Tcp(String host, int port)) {
      return new InetSocketAddress(host, port);
    }
    throw RpcException.notExecuted(
        Kind.FAILED_PRECONDITION,
        context.target() + ": endpoint " + endpoint + " (expected: a TCP address)");
  }

  @Override
  public String toString() {
    return "plain to " + fallback;
  }
}
