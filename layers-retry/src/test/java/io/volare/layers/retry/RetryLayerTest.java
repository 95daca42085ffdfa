package io.volare.layers.retry;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.volare.layers.retry.RetryListener.Reason;
import io.volare.motore.Attribute;
import io.volare.motore.CallContext;
import io.volare.motore.Deadline;
import io.volare.motore.Failure;
import io.volare.motore.Service;
import io.volare.motore.StandaloneContext;
import io.volare.motore.testing.ManualTime;
import io.volare.motore.testing.ScriptedService;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RetryLayerTest {
  private static final Retryable ANY = (context, failure) -> true;

  private final ManualTime time = ManualTime.create();
  private final ScriptedService<CallContext, String, String> server = ScriptedService.create();
  private final StandaloneContext context = CallContext.standalone("Inventory/GetItem");
  private final List<String> events = new ArrayList<>();
  private final RetryConfig config =
      RetryConfig.create()
          .withTime(time)
          .withBudget(RetryBudget.of(1, 1_000, time))
          .withBackoff(attempt -> ofMillis(100L << attempt - 1))
          .withListener(
              new RetryListener() {
                @Override
                public void retrying(CallContext attempt, Duration pause, Exception failure) {
                  events.add("retrying after " + attempt.attempt());
                }

                @Override
                public void gaveUp(CallContext attempt, Reason reason, Exception failure) {
                  events.add("gave up: " + reason);
                }
              });

  private Service<CallContext, String, String> client(RetryConfig config) {
    return RetryLayer.<CallContext, String, String>of(config).wrap(server);
  }

  @Test
  void returnsTheFirstSuccess() throws Exception {
    server.returns("pong");

    assertThat(client(config).call(context, "ping")).isEqualTo("pong");
    assertThat(time.sleeps()).isEmpty();
  }

  @Test
  void doublesThePauseBetweenAttempts() throws Exception {
    server.fails(new IOException("1")).fails(new IOException("2")).returns("pong");

    assertThat(client(config.withRetryable(ANY)).call(context, "ping")).isEqualTo("pong");

    assertThat(time.sleeps()).containsExactly(ofMillis(100), ofMillis(200));
    assertThat(server.contexts()).extracting(CallContext::attempt).containsExactly(1, 2, 3);
    assertThat(events).containsExactly("retrying after 1", "retrying after 2");
  }

  @Test
  void throwsTheLastFailureWithTheEarlierOnesSuppressed() {
    IOException first = new IOException("1");
    IOException second = new IOException("2");
    IOException third = new IOException("3");
    server.fails(first).fails(second).fails(third);

    assertThatThrownBy(() -> client(config.withRetryable(ANY)).call(context, "ping"))
        .isSameAs(third);

    assertThat(third.getSuppressed()).containsExactly(second);
    assertThat(second.getSuppressed()).containsExactly(first);
    assertThat(events).last().isEqualTo("gave up: ATTEMPTS");
  }

  @Test
  void triesAgainWhatNeverRan() throws Exception {
    server.fails(new Refused(Failure.Kind.UNAVAILABLE, false, null)).returns("pong");

    assertThat(client(config).call(context, "ping")).isEqualTo("pong");
  }

  @Test
  void doesNotRepeatWhatMayHaveRunUnlessItIsIdempotent() throws Exception {
    Refused lost = new Refused(Failure.Kind.UNAVAILABLE, true, null);
    server.fails(lost).fails(lost).returns("pong");

    assertThatThrownBy(() -> client(config).call(context, "ping")).isSameAs(lost);
    assertThat(events).containsExactly("gave up: NOT_RETRYABLE");
    assertThat(client(config).call(context.idempotent(true), "ping")).isEqualTo("pong");
  }

  @Test
  void comesBackWhenTheFailureSaysSo() throws Exception {
    server.fails(new Refused(Failure.Kind.RESOURCE_EXHAUSTED, false, ofSeconds(3))).returns("pong");

    client(config).call(context, "ping");

    assertThat(time.sleeps()).containsExactly(ofSeconds(3));
  }

  @Test
  void doesNotSleepPastTheDeadline() {
    server.fails(new Refused(Failure.Kind.UNAVAILABLE, false, ofSeconds(3)));
    context.deadline(Deadline.after(ofSeconds(2), time));

    assertThatThrownBy(() -> client(config).call(context, "ping")).isInstanceOf(Refused.class);
    assertThat(time.sleeps()).isEmpty();
    assertThat(events).containsExactly("gave up: DEADLINE");
  }

  @Test
  void interruptionEndsTheLoop() {
    InterruptedException cancelled = new InterruptedException();
    server.fails(cancelled);

    assertThatThrownBy(() -> client(config.withRetryable(ANY)).call(context, "ping"))
        .isSameAs(cancelled);
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void theCallTakesOverWhatTheWinningAttemptLearnt() throws Exception {
    Attribute<String> servedBy = Attribute.perAttempt("served by");
    Service<CallContext, String, String> service =
        RetryLayer.<CallContext, String, String>of(config.withRetryable(ANY))
            .wrap((attempt, request) -> {
              assertThat(attempt.get(servedBy)).isNull();
              attempt.set(servedBy, "instance " + attempt.attempt());
              if (attempt.attempt() < 2) {
                throw new IOException("first one fails");
              }
              return "pong";
            });

    service.call(context, "ping");

    assertThat(context.get(servedBy)).isEqualTo("instance 2");
  }

  @Test
  void aFirstTryOfAFunctionThatSucceedsLeavesNoGarbage() throws Exception {
    Service<CallContext, String, String> service =
        RetryLayer.<CallContext, String, String>of(config).wrap((attempt, request) -> request);
    ThreadMXBean memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    int calls = 10_000;
    for (int i = 0; i < calls; i++) {
      service.call(context, "ping");
    }

    long before = memory.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < calls; i++) {
      service.call(context, "ping");
    }
    long bytes = memory.getCurrentThreadAllocatedBytes() - before;

    assertThat(bytes / calls).isZero();
  }

  @Test
  void refusesNoAttempts() {
    assertThatThrownBy(() -> RetryConfig.create().withMaxAttempts(0))
        .hasMessage("maxAttempts: 0 (expected: >= 1)");
  }

  @Test
  void hasNoPlaceOnAnEventLoop() {
    assertThat(RetryLayer.of(RetryConfig.create()).blocks()).isTrue();
    assertThat(HedgeLayer.of(HedgeConfig.of(HedgeDelay.fixed(ofMillis(10)))).blocks()).isTrue();
  }

  @Test
  void saysItsLimits() {
    assertThat(RetryLayer.of(RetryConfig.create()))
        .hasToString("Retry[3 attempts, 10 % and 1.0/s]");
  }

  private static final class Refused extends Exception implements Failure {
    private static final long serialVersionUID = 1;

    private final Kind kind;
    private final boolean ran;
    private final transient @Nullable Duration retryAfter;

    Refused(Kind kind, boolean ran, @Nullable Duration retryAfter) {
      this.kind = kind;
      this.ran = ran;
      this.retryAfter = retryAfter;
    }

    @Override
    public Kind kind() {
      return kind;
    }

    @Override
    public boolean mayHaveExecuted() {
      return ran;
    }

    @Override
    public @Nullable Duration retryAfter() {
      return retryAfter;
    }
  }
}
