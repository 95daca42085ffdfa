package io.volare.transport.inprocess;

import io.volare.motore.Deadline;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Time.InterruptScope;
import io.volare.rpc.MethodDescriptor;
import io.volare.rpc.RpcContext;
import io.volare.rpc.RpcException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One request and its answer. The answering thread writes the outcome, the latch publishes it. */
final class UnaryCall {
  private final RpcContext context;
  private final RpcContext served;
  private final InProcessServer server;
  private final InProcessServer.Route route;
  private final Object request;
  private final CountDownLatch answered = new CountDownLatch(1);
  private @Nullable Object response;
  private @Nullable Throwable failure;

  UnaryCall(
      InProcessServer server,
      InProcessServer.Route route,
      RpcContext context,
      RpcContext served,
      Object request) {
    this.server = server;
    this.route = route;
    this.context = context;
    this.served = served;
    this.request = request;
  }

  @Nullable Object await() throws Exception {
    context.wire().sent(0, server.time().nanos());
    Thread answering = server.calls().start("volare-in-process", this::answer);
    if (context.method().kind() == MethodDescriptor.Kind.ONEWAY) {
      return null;
    }
    try {
      if (!awaitAnswer()) {
        answering.interrupt();
        throw RpcException.of(
            Kind.DEADLINE_EXCEEDED, context.target() + ": no response before the deadline");
      }
    } catch (InterruptedException cancelled) {
      answering.interrupt();
      throw cancelled;
    }
    InProcessClient.answerMetaInfo(served, context);
    if (failure != null) {
      throw passedOn(failure);
    }
    return response;
  }

  private boolean awaitAnswer() throws InterruptedException {
    Deadline deadline = context.deadline();
    if (!deadline.isFinite()) {
      answered.await();
      return true;
    }
    return answered.await(Math.max(0, deadline.remainingNanos()), TimeUnit.NANOSECONDS);
  }

  private void answer() {
    try (InterruptScope scope = server.time().interruptAt(served.deadline())) {
      response =
          served.serve(() -> route.service().call(served, new InProcessClient.Passed(request)));
      served.end(null);
    } catch (Throwable thrown) {
      failure = thrown;
      served.end(thrown);
    } finally {
      answered.countDown();
    }
  }

  private Exception passedOn(Throwable thrown) {
    if (thrown instanceof InterruptedException interrupted) {
      boolean late = served.deadline().isExpired();
      return RpcException.of(
          late ? Kind.DEADLINE_EXCEEDED : Kind.CANCELLED,
          context.target() + (late ? ": the deadline passed" : ": the handler was interrupted"),
          interrupted);
    }
    if (thrown instanceof Exception exception) {
      return exception instanceof RuntimeException && !(exception instanceof RpcException)
          ? RpcException.unchecked(context.target(), exception)
          : exception;
    }
    return RpcException.of(Kind.INTERNAL, context.target() + ": the handler failed", thrown);
  }
}
