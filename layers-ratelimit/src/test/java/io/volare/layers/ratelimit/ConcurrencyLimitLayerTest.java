package io.volare.layers.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.volare.motore.AsyncCall;
import io.volare.motore.BaseContext;
import io.volare.motore.CallContext;
import io.volare.motore.Deadline;
import io.volare.motore.Service;
import io.volare.motore.Services;
import io.volare.motore.testing.ManualTime;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(10)
class ConcurrencyLimitLayerTest {
  private final CountDownLatch running = new CountDownLatch(1);
  private final CountDownLatch finish = new CountDownLatch(1);
  private final ManualTime time = ManualTime.create();

  private String block(String request) throws InterruptedException {
    running.countDown();
    finish.await();
    return request;
  }

  private Service<CallContext, String, String> around(
      ConcurrencyLimitLayer<CallContext, String, String> layer) {
    return layer.wrap(Services.of(this::block));
  }

  @Test
  void refusesACallBeyondTheLimitAndTakesTheNextOneAfterwards() throws Exception {
    var layer = ConcurrencyLimitLayer.<CallContext, String, String>of(ConcurrencyLimitConfig.of(1));
    Service<CallContext, String, String> service = around(layer);
    AsyncCall<String> first =
        Services.callAsync(service, CallContext.standalone("Inventory/GetItem"), "1");
    running.await();

    assertThatThrownBy(() -> service.call(CallContext.standalone("Inventory/GetItem"), "2"))
        .isInstanceOf(LimitedException.class)
        .hasMessage("Inventory/GetItem: refused, 1 calls run (limit: 1)");

    finish.countDown();
    assertThat(first.join()).isEqualTo("1");
    assertThat(service.call(CallContext.standalone("Inventory/GetItem"), "3")).isEqualTo("3");
  }

  @Test
  void waitsForRoomWhereThatIsAllowed() throws Exception {
    var layer =
        ConcurrencyLimitLayer.<CallContext, String, String>of(
            ConcurrencyLimitConfig.of(1).withMaxWait(Duration.ofSeconds(9)));
    Service<CallContext, String, String> service = around(layer);
    AsyncCall<String> first = Services.callAsync(service, CallContext.standalone("x"), "1");
    running.await();
    AsyncCall<String> second = Services.callAsync(service, CallContext.standalone("x"), "2");

    assertThat(second.isDone()).isFalse();
    finish.countDown();

    assertThat(first.join()).isEqualTo("1");
    assertThat(second.join()).isEqualTo("2");
    assertThat(layer.free()).isEqualTo(1);
  }

  @Test
  void waitingEndsWhenItsTimeIsUp() throws Exception {
    Service<CallContext, String, String> service = waiting(Duration.ofMinutes(10));
    AsyncCall<String> first = Services.callAsync(service, CallContext.standalone("x"), "1");
    running.await();
    AsyncCall<String> second = Services.callAsync(service, CallContext.standalone("x"), "2");
    awaitAWaitingCall();

    time.advance(Duration.ofMinutes(10).minusNanos(1));
    assertThat(time.openScopes()).isEqualTo(1);
    time.advance(Duration.ofNanos(1));

    assertThatThrownBy(second::join).isInstanceOf(LimitedException.class);
    finish.countDown();
    assertThat(first.join()).isEqualTo("1");
    assertThat(time.openScopes()).isZero();
  }

  @Test
  void nobodyWaitsPastTheDeadline() throws Exception {
    Service<CallContext, String, String> service = waiting(Duration.ofMinutes(10));
    AsyncCall<String> first = Services.callAsync(service, CallContext.standalone("x"), "1");
    running.await();
    CallContext hurried = CallContext.standalone("x");
    hurried.deadline(Deadline.after(Duration.ofSeconds(1), time));
    AsyncCall<String> second = Services.callAsync(service, hurried, "2");
    awaitAWaitingCall();

    time.advance(Duration.ofSeconds(1));

    assertThatThrownBy(second::join).isInstanceOf(LimitedException.class);
    assertThatThrownBy(() -> service.call(hurried, "3"))
        .as("a deadline in the past is not waited for")
        .isInstanceOf(LimitedException.class);
    finish.countDown();
    first.join();
  }

  @Test
  void whoWaitsCanBeCancelled() throws Exception {
    Service<CallContext, String, String> service = waiting(Duration.ofMinutes(10));
    AsyncCall<String> first = Services.callAsync(service, CallContext.standalone("x"), "1");
    running.await();
    AtomicReference<Throwable> seen = new AtomicReference<>();
    Thread second =
        Thread.ofVirtual()
            .start(() -> seen.set(catchThrowable(() -> service.call(standalone(), "2"))));
    awaitAWaitingCall();

    second.interrupt();
    second.join();

    assertThat(seen.get()).isInstanceOf(InterruptedException.class);
    finish.countDown();
    first.join();
  }

  private Service<CallContext, String, String> waiting(Duration maxWait) {
    return around(
        ConcurrencyLimitLayer.of(ConcurrencyLimitConfig.of(1).withMaxWait(maxWait).withTime(time)));
  }

  private void awaitAWaitingCall() throws InterruptedException {
    while (time.openScopes() == 0) {
      Thread.onSpinWait();
      if (Thread.interrupted()) { // by the limit of this class
        throw new InterruptedException("nobody waits");
      }
    }
  }

  private static CallContext standalone() {
    return CallContext.standalone("x");
  }

  @Test
  void aStreamHoldsItsPlaceUntilItEnds() throws Exception {
    var layer = ConcurrencyLimitLayer.<CallContext, String, String>of(ConcurrencyLimitConfig.of(1));
    Service<CallContext, String, String> service = layer.wrap((context, request) -> "a stream");
    StreamingContext context = new StreamingContext();

    service.call(context, "x");

    assertThat(layer.free()).isZero();
    context.end(null);
    assertThat(layer.free()).isEqualTo(1);
  }

  @Test
  void aFailureGivesThePlaceBack() {
    var layer = ConcurrencyLimitLayer.<CallContext, String, String>of(ConcurrencyLimitConfig.of(1));
    InterruptedException cancelled = new InterruptedException();
    Service<CallContext, String, String> service =
        layer.wrap((context, request) -> {
          throw cancelled;
        });

    assertThatThrownBy(() -> service.call(CallContext.standalone("x"), "1")).isSameAs(cancelled);
    assertThat(layer.free()).isEqualTo(1);
  }

  /** The context of a call that hands out a stream. */
  private static final class StreamingContext extends BaseContext {
    @Override
    public String target() {
      return "Inventory/Watch";
    }

    @Override
    public boolean idempotent() {
      return false;
    }

    @Override
    public boolean outlivesReturn() {
      return true;
    }

    @Override
    public StreamingContext fork(int attempt) {
      return new StreamingContext();
    }
  }

  @Test
  void hasNoPlaceOnAnEventLoopWhereCallsWait() {
    ConcurrencyLimitConfig one = ConcurrencyLimitConfig.of(1);

    assertThat(ConcurrencyLimitLayer.of(one).blocks()).isFalse();
    assertThat(ConcurrencyLimitLayer.of(one.withMaxWait(Duration.ofMillis(1))).blocks()).isTrue();
  }
}
