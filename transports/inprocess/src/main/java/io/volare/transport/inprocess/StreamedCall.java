package io.volare.transport.inprocess;

import io.volare.motore.Failure.Kind;
import io.volare.motore.Time.InterruptScope;
import io.volare.rpc.Duplex;
import io.volare.rpc.Pipe;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import io.volare.rpc.Source;
import org.jspecify.annotations.Nullable;

/** A call whose messages flow through two pipes while the handler runs on its own thread. */
final class StreamedCall {
  /** Messages that may wait unread in each direction. */
  private static final int CAPACITY = 16;

  private final InProcessServer server;
  private final InProcessServer.Route route;
  private final RpcContext context;
  private final RpcContext served;
  private final Pipe<Object> requests;
  private final Pipe<Object> responses;

  private StreamedCall(
      InProcessServer server, InProcessServer.Route route, RpcContext context, RpcContext served) {
    this.server = server;
    this.route = route;
    this.context = context;
    this.served = served;
    requests = Pipe.create(context.target(), CAPACITY, context.deadline());
    responses = Pipe.create(context.target(), CAPACITY, context.deadline());
  }

  static Duplex<Object, Object> start(
      InProcessServer server,
      InProcessServer.Route route,
      RpcContext context,
      RpcContext served,
      Object request)
      throws InterruptedException {
    StreamedCall call = new StreamedCall(server, route, context, served);
    if (request != Duplex.NO_REQUEST) {
      call.requests.sink().send(request);
      call.requests.sink().complete();
    }
    Thread answering = server.calls().start("volare-in-process-stream", call::answer);
    return new Duplex<>(call.new ClientSource(answering), call.requests.sink());
  }

  private void answer() {
    try (InterruptScope scope = server.time().interruptAt(served.deadline())) {
      Object response = served.serve(() -> route.service().call(served, passed()));
      if (response != null) {
        responses.sink().send(response);
      }
      responses.sink().complete();
      served.end(null);
    } catch (Throwable thrown) {
      responses.fail(broken(thrown));
      served.end(thrown);
    } finally {
      requests.source().close();
    }
  }

  private InProcessClient.Passed passed() {
    return new InProcessClient.Passed(new Duplex<>(requests.source(), responses.sink()));
  }

  private RuntimeException broken(Throwable thrown) {
    if (thrown instanceof InterruptedException) {
      boolean late = served.deadline().isExpired();
      return RpcException.of(
          late ? Kind.DEADLINE_EXCEEDED : Kind.CANCELLED,
          context.target() + (late ? ": the deadline passed" : ": the handler was interrupted"),
          thrown);
    }
    return thrown instanceof Exception failure
        ? RpcException.unchecked(context.target(), failure)
        : RpcException.of(Kind.INTERNAL, context.target() + ": the handler failed", thrown);
  }

  /** The client's reading end: it ends the call, and cancels the handler when closed early. */
  private final class ClientSource implements Source<Object> {
    private final Thread answering;

    ClientSource(Thread answering) {
      this.answering = answering;
    }

    @Override
    public @Nullable Object receive() throws InterruptedException {
      try {
        Object message = responses.source().receive();
        if (message == null) {
          ended(null);
        }
        return message;
      } catch (InterruptedException | RuntimeException failure) {
        cancel();
        ended(failure);
        throw failure;
      }
    }

    @Override
    public void close() {
      cancel();
      ended(null);
    }

    private void cancel() {
      responses.source().close();
      requests.fail(
          RpcException.of(Kind.CANCELLED, context.target() + ": the caller closed the stream"));
      answering.interrupt();
    }

    private void ended(@Nullable Throwable failure) {
      InProcessClient.answerMetaInfo(served, context);
      context.end(failure);
    }
  }
}
