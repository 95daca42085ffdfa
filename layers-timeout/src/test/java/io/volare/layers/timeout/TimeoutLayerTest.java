package io.volare.layers.timeout;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.motore.BaseContext;
import io.volare.motore.CallContext;
import io.volare.motore.Deadline;
import io.volare.motore.Failure.Kind;
import io.volare.motore.Service;
import io.volare.motore.ServiceBuilder;
import io.volare.motore.testing.ManualTime;
import io.volare.motore.testing.ScriptedService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import io.volare.motore.Services;
import org.junit.jupiter.api.Test;

class TimeoutLayerTest {
  private final ManualTime time = ManualTime.create();
  private final ScriptedService<CallContext, String, String> server = ScriptedService.create();
  private final CallContext context = CallContext.standalone("Inventory/GetItem");
  private final List<String> events = new ArrayList<>();

  private Service<CallContext, String, String> limited(TimeoutConfig config) {
    return TimeoutLayer.<CallContext, String, String>of(
            config
                .withTime(time)
                .withListener(
                    new TimeoutListener() {
                      @Override
                      public void timedOut(CallContext late, Duration limit) {
                        events.add(late.target() + " " + limit.toMillis());
                      }
                    }))
        .wrap(server);
  }

  @Test
  void returnsWhatArrivesInTime() throws Exception {
    server.returns("pong");

    assertThat(limited(TimeoutConfig.perCall(ofMillis(250))).call(context, "ping"))
        .isEqualTo("pong");
    assertThat(events).isEmpty();
  }

  @Test
  void interruptsWhatBlocksBeyondTheLimit() {
    server.answers(request -> {
      time.sleep(ofMillis(251));
      return "late";
    });

    assertThatThrownBy(() -> limited(TimeoutConfig.perCall(ofMillis(250))).call(context, "ping"))
        .isInstanceOfSatisfying(
            CallTimeoutException.class,
            late -> {
              assertThat(late.kind()).isEqualTo(Kind.DEADLINE_EXCEEDED);
              assertThat(late.mayHaveExecuted()).isTrue();
              assertThat(late.limit()).isEqualTo(ofMillis(250));
            })
        .hasMessage("Inventory/GetItem: no response after 251 ms (limit: 250 ms)");
    assertThat(events).containsExactly("Inventory/GetItem 250");
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void givesTheInnerCallTheEarlierDeadlineAndPutsTheOuterOneBack() throws Exception {
    Deadline outer = Deadline.after(ofMillis(100), time);
    context.deadline(outer);
    List<Long> seen = new ArrayList<>();
    server.answers(request -> {
      seen.add(context.deadline().remainingNanos());
      return "pong";
    });

    limited(TimeoutConfig.perCall(ofMillis(250))).call(context, "ping");

    assertThat(seen).containsExactly(ofMillis(100).toNanos());
    assertThat(context.deadline()).isSameAs(outer);
  }

  @Test
  void theLimitHoldsForAStreamThatWasHandedOut() throws Exception {
    StreamingContext streaming = new StreamingContext();
    server.returns("a stream").fails(new IllegalStateException("no stream"));
    Service<CallContext, String, String> limited = limited(TimeoutConfig.perCall(ofMillis(250)));

    limited.call(streaming, "ping");
    assertThat(streaming.deadline().remainingNanos()).isEqualTo(ofMillis(250).toNanos());

    StreamingContext failed = new StreamingContext();
    assertThatThrownBy(() -> limited.call(failed, "ping"))
        .isInstanceOf(IllegalStateException.class);
    assertThat(failed.deadline().isFinite()).isFalse();
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
  void callsNothingOnceTheDeadlineHasPassed() {
    context.deadline(Deadline.after(Duration.ZERO, time));

    assertThatThrownBy(() -> limited(TimeoutConfig.perCall(ofMillis(250))).call(context, "ping"))
        .isInstanceOfSatisfying(
            CallTimeoutException.class, late -> assertThat(late.mayHaveExecuted()).isFalse())
        .hasMessage("Inventory/GetItem: the deadline had passed before the call");
    assertThat(server.requests()).isEmpty();
  }

  @Test
  void anInterruptFromElsewherePassesUntouched() {
    InterruptedException cancelled = new InterruptedException("cancelled");
    server.fails(cancelled);

    assertThatThrownBy(() -> limited(TimeoutConfig.perCall(ofMillis(250))).call(context, "ping"))
        .isSameAs(cancelled);
    assertThat(events).isEmpty();
  }

  @Test
  void withoutInterruptItOnlySetsTheDeadline() throws Exception {
    server.answers(request -> {
      time.sleep(ofMillis(300));
      return "late, and fine";
    });

    assertThat(
            limited(TimeoutConfig.perCall(ofMillis(250)).withoutInterrupt()).call(context, "ping"))
        .isEqualTo("late, and fine");
  }

  @Test
  void refusesALimitThatIsNone() {
    assertThatThrownBy(() -> TimeoutConfig.perCall(Duration.ZERO))
        .hasMessage("limit: PT0S (expected: > 0)");
  }

  @Test
  void saysItsLimitAndItsPlace() {
    assertThat(
            ServiceBuilder.<CallContext, String, String>create()
                .layer(TimeoutLayer.of(TimeoutConfig.perCall(ofMillis(2000))))
                .layer(TimeoutLayer.of(TimeoutConfig.perAttempt(ofMillis(500)))))
        .hasToString("Timeout[2000 ms] > Timeout[500 ms an attempt]");
  }

  @Test
  void anInterruptThatTheJdkReportsAsAClosedChannelIsItsOwnToo() {
    Service<CallContext, String, String> closing =
        TimeoutLayer.<CallContext, String, String>of(
                TimeoutConfig.perCall(Duration.ofMillis(250)).withTime(time))
            .wrap((context, request) -> {
              time.advance(Duration.ofMillis(251));
              throw new java.nio.channels.ClosedByInterruptException();
            });

    assertThatThrownBy(() -> closing.call(CallContext.standalone("echo"), "x"))
        .isInstanceOf(CallTimeoutException.class)
        .hasCauseInstanceOf(java.nio.channels.ClosedByInterruptException.class);
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void theInnerLimitIsTheOneThatIsReportedWhereOnlyItHasPassed() throws Exception {
    server
        .answers(request -> {
          time.sleep(ofMillis(60));
          return "late";
        })
        .returns("pong");
    Service<CallContext, String, String> inner = limited(TimeoutConfig.perAttempt(ofMillis(50)));
    Service<CallContext, String, String> nested =
        TimeoutLayer.<CallContext, String, String>of(
                TimeoutConfig.perCall(ofMillis(100)).withTime(time))
            .wrap((context, request) -> {
              assertThatThrownBy(() -> inner.call(context, request))
                  .isInstanceOfSatisfying(
                      CallTimeoutException.class,
                      late -> assertThat(late.limit()).isEqualTo(ofMillis(50)));
              return inner.call(context, request); // there is time left for another try
            });

    assertThat(nested.call(context, "x")).isEqualTo("pong");
  }

  @Test
  void theOuterLimitIsTheOneThatIsReportedWhereBothHavePassed() {
    Service<CallContext, String, String> nested =
        ServiceBuilder.<CallContext, String, String>create()
            .layer(TimeoutLayer.of(TimeoutConfig.perCall(Duration.ofMillis(100)).withTime(time)))
            .layer(TimeoutLayer.of(TimeoutConfig.perAttempt(Duration.ofMillis(100)).withTime(time)))
            .service(
                Services.of(request -> {
                  time.sleep(Duration.ofMillis(200));
                  return request;
                }));

    assertThatThrownBy(() -> nested.call(CallContext.standalone("echo"), "x"))
        .isInstanceOf(CallTimeoutException.class)
        .hasCauseInstanceOf(InterruptedException.class); // not the inner layer's exception
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void hasNoPlaceOnAnEventLoopWhereItInterrupts() {
    TimeoutConfig limit = TimeoutConfig.perCall(ofMillis(10));

    assertThat(TimeoutLayer.of(limit).blocks()).isTrue();
    assertThat(TimeoutLayer.of(limit.withoutInterrupt()).blocks()).isFalse();
  }
}
