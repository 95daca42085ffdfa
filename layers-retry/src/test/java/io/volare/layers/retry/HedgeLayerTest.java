package io.volare.layers.retry;

import static java.time.Duration.ofMillis;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.motore.AsyncCall;
import io.volare.motore.Attribute;
import io.volare.motore.CallContext;
import io.volare.motore.Deadline;
import io.volare.motore.Failure;
import io.volare.motore.Service;
import io.volare.motore.ServiceBuilder;
import io.volare.motore.Services;
import io.volare.motore.StandaloneContext;
import io.volare.motore.testing.ManualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Time moves only when a test moves it; attempts wait for what the test lets happen. */
@Timeout(10)
class HedgeLayerTest {
  private static final Attribute<String> SERVED_BY = Attribute.perAttempt("served by");

  private final ManualTime time = ManualTime.create();
  private final StandaloneContext context =
      CallContext.standalone("Inventory/GetItem").idempotent(true);
  private final List<String> events = new CopyOnWriteArrayList<>();
  private final List<Thread> threads = new CopyOnWriteArrayList<>();

  /** What each attempt is told to do, and what it says. */
  private final Map<Integer, CountDownLatch> release = new ConcurrentHashMap<>();

  private final LinkedBlockingQueue<String> said = new LinkedBlockingQueue<>();
  private final Map<Integer, Exception> failures = new ConcurrentHashMap<>();

  private final HedgeConfig config =
      HedgeConfig.of(HedgeDelay.fixed(ofMillis(50)))
          .withTime(time)
          .withBudget(RetryBudget.of(0.1, 1, time))
          .withThreads(task -> {
            Thread thread = Thread.ofVirtual().unstarted(task);
            threads.add(thread);
            return thread;
          })
          .withListener(
              new HedgeListener() {
                @Override
                public void hedging(CallContext backup, Duration waited) {
                  events.add("hedging by " + backup.attempt() + " after " + waited.toMillis());
                }

                @Override
                public void notHedged(CallContext context, Reason reason) {
                  events.add("not hedged: " + reason);
                }

                @Override
                public void won(CallContext winner, int attempts) {
                  events.add(winner.attempt() + " of " + attempts);
                }

                @Override
                public void leftBehind(CallContext context, int attempts) {
                  events.add("left behind " + attempts);
                }
              });

  private String answer(CallContext attempt, String request) throws Exception {
    int number = attempt.attempt();
    assertThat(attempt.get(SERVED_BY)).as("what another attempt wrote").isNull();
    attempt.set(SERVED_BY, "instance " + number);
    said.add("started " + number);
    try {
      release(number).await();
      Exception failure = failures.get(number);
      if (failure != null) {
        throw failure;
      }
      return request + " by " + number;
    } catch (InterruptedException cancelled) {
      said.add("cleaned up " + number);
      throw cancelled;
    }
  }

  private CountDownLatch release(int attempt) {
    return release.computeIfAbsent(attempt, number -> new CountDownLatch(1));
  }

  private Service<CallContext, String, String> client(HedgeConfig config) {
    return HedgeLayer.<CallContext, String, String>of(config).wrap(this::answer);
  }

  private AsyncCall<String> call(HedgeConfig config) throws InterruptedException {
    AsyncCall<String> call = Services.callAsync(client(config), context, "pong");
    assertThat(next()).isEqualTo("started 1");
    return call;
  }

  private String next() throws InterruptedException {
    return said.poll(10, TimeUnit.SECONDS);
  }

  private void awaitScopes(int open) throws InterruptedException {
    while (time.openScopes() != open) {
      Thread.onSpinWait();
      if (Thread.interrupted()) { // by the limit of this class
        throw new InterruptedException(time.openScopes() + " scopes, not " + open);
      }
    }
  }

  private void awaitEvent() throws InterruptedException {
    while (events.isEmpty()) {
      Thread.onSpinWait();
      if (Thread.interrupted()) {
        throw new InterruptedException("no event");
      }
    }
  }

  @AfterEach
  void noThreadIsLeft() throws InterruptedException {
    release.values().forEach(CountDownLatch::countDown);
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(time.openScopes()).isZero();
  }

  @Test
  void aQuickAnswerNeedsNoBackup() throws Exception {
    release(1).countDown();

    assertThat(client(config).call(context, "pong")).isEqualTo("pong by 1");

    assertThat(events).containsExactly("1 of 1");
    assertThat(context.get(SERVED_BY)).isEqualTo("instance 1");
  }

  @Test
  void aBackupThatAnswersFirstWinsAndTheFirstAttemptIsCleanedUp() throws Exception {
    AsyncCall<String> call = call(config);

    time.advance(ofMillis(50));
    assertThat(next()).isEqualTo("started 2");
    release(2).countDown();

    assertThat(call.join()).isEqualTo("pong by 2");
    assertThat(said).as("before the call returned").containsExactly("cleaned up 1");
    assertThat(events).containsExactly("hedging by 2 after 50", "2 of 2");
    assertThat(context.get(SERVED_BY)).isEqualTo("instance 2");
  }

  @Test
  void theFirstAttemptMayStillWin() throws Exception {
    AsyncCall<String> call = call(config);

    time.advance(ofMillis(50));
    assertThat(next()).isEqualTo("started 2");
    release(1).countDown();

    assertThat(call.join()).isEqualTo("pong by 1");
    assertThat(said).containsExactly("cleaned up 2");
    assertThat(context.get(SERVED_BY)).isEqualTo("instance 1");
  }

  @Test
  void noBackupStartsBeforeItsTime() throws Exception {
    AsyncCall<String> call = call(config);
    awaitScopes(2);

    time.advance(ofMillis(50).minusNanos(1));
    assertThat(time.openScopes()).as("still waiting").isEqualTo(2);
    release(1).countDown();

    assertThat(call.join()).isEqualTo("pong by 1");
    assertThat(events).containsExactly("1 of 1");
  }

  @Test
  void aThirdAttemptFollowsTheSecond() throws Exception {
    AsyncCall<String> call = call(config.withMaxAttempts(3).withBudget(RetryBudget.of(0, 9, time)));

    time.advance(ofMillis(50));
    assertThat(next()).isEqualTo("started 2");
    time.advance(ofMillis(50));
    assertThat(next()).isEqualTo("started 3");
    time.advance(ofMillis(500));
    release(3).countDown();

    assertThat(call.join()).isEqualTo("pong by 3");
    assertThat(said).containsExactlyInAnyOrder("cleaned up 1", "cleaned up 2");
  }

  @Test
  void aPassingFailureWaitsForTheOtherAttempt() throws Exception {
    failures.put(1, new Unavailable());
    AsyncCall<String> call = call(config);

    time.advance(ofMillis(50));
    assertThat(next()).isEqualTo("started 2");
    release(1).countDown();
    threads.getFirst().join();
    release(2).countDown();

    assertThat(call.join()).isEqualTo("pong by 2");
  }

  @Test
  void anAnswerThatIsAFailureEndsTheCallAtOnce() throws Exception {
    IOException declared = new IOException("no such item");
    failures.put(1, declared);
    AsyncCall<String> call = call(config);

    time.advance(ofMillis(50));
    assertThat(next()).isEqualTo("started 2");
    release(1).countDown();

    assertThatThrownBy(call::join).isSameAs(declared);
    assertThat(said).containsExactly("cleaned up 2");
  }

  @Test
  void theLastFailureIsThrownWithTheEarlierOneSuppressed() throws Exception {
    Unavailable first = new Unavailable();
    Unavailable second = new Unavailable();
    failures.putAll(Map.of(1, first, 2, second));
    AsyncCall<String> call = call(config);

    time.advance(ofMillis(50));
    assertThat(next()).isEqualTo("started 2");
    release(1).countDown();
    threads.getFirst().join();
    release(2).countDown();

    assertThatThrownBy(call::join).isSameAs(second).hasSuppressedException(first);
  }

  @Test
  void aFailureBeforeAnyBackupIsLeftToARetryLayer() {
    Unavailable early = new Unavailable();
    failures.put(1, early);
    release(1).countDown();

    assertThatThrownBy(() -> client(config).call(context, "pong")).isSameAs(early);
    assertThat(said).containsExactly("started 1");
  }

  @Test
  void anErrorIsThrownAsItself() {
    StackOverflowError deep = new StackOverflowError();
    Service<CallContext, String, String> client =
        HedgeLayer.<CallContext, String, String>of(config)
            .wrap((attempt, request) -> {
              throw deep;
            });

    assertThatThrownBy(() -> client.call(context, "x")).isSameAs(deep);
  }

  @Test
  void whatMayNotRunTwiceIsNotHedged() throws Exception {
    List<Thread> callers = new ArrayList<>();
    Service<CallContext, String, String> client =
        HedgeLayer.<CallContext, String, String>of(config)
            .wrap((attempt, request) -> {
              callers.add(Thread.currentThread());
              return request;
            });

    client.call(context.idempotent(false), "x");

    assertThat(callers).containsExactly(Thread.currentThread());
    assertThat(threads).isEmpty();
  }

  @Test
  void anEmptyBudgetAllowsNoBackup() throws Exception {
    AsyncCall<String> call = call(config.withBudget(emptied(RetryBudget.of(0, 1, time))));

    time.advance(ofMillis(50));
    awaitEvent();
    release(1).countDown();

    assertThat(call.join()).isEqualTo("pong by 1");
    assertThat(events).containsExactly("not hedged: BUDGET", "1 of 1");
  }

  private static RetryBudget emptied(RetryBudget budget) {
    while (budget.tryWithdraw()) {
      Thread.onSpinWait();
    }
    return budget;
  }

  @Test
  void noBackupStartsAfterTheDeadline() throws Exception {
    context.deadline(Deadline.after(ofMillis(50), time));
    AsyncCall<String> call = call(config);

    time.advance(ofMillis(50));
    awaitEvent();
    release(1).countDown();

    assertThat(call.join()).isEqualTo("pong by 1");
    assertThat(events).containsExactly("not hedged: DEADLINE", "1 of 1");
  }

  @Test
  void cancellingTheCallCancelsEveryAttempt() throws Exception {
    Thread[] caller = new Thread[1];
    CountDownLatch cleaned = new CountDownLatch(1);
    AsyncCall<String> call =
        Services.callAsync(() -> {
          caller[0] = Thread.currentThread();
          try {
            return client(config).call(context, "pong");
          } catch (InterruptedException cancelled) {
            said.add("passed");
            cleaned.countDown();
            throw cancelled;
          }
        });
    assertThat(next()).isEqualTo("started 1");
    time.advance(ofMillis(50));
    assertThat(next()).isEqualTo("started 2");

    call.cancel();
    cleaned.await();

    assertThat(said).containsExactlyInAnyOrder("cleaned up 1", "cleaned up 2", "passed");
    assertThat(said.stream().toList()).last().isEqualTo("passed");
  }

  @Test
  void anAttemptThatIgnoresItsCancellationHoldsTheCallForABoundedTimeOnly() throws Exception {
    CountDownLatch stubborn = new CountDownLatch(1);
    Service<CallContext, String, String> client =
        HedgeLayer.<CallContext, String, String>of(config.withCleanup(ofMillis(20)))
            .wrap((attempt, request) -> {
              said.add("started " + attempt.attempt());
              boolean waiting = attempt.attempt() == 1;
              while (waiting) {
                try {
                  stubborn.await();
                  waiting = false;
                } catch (InterruptedException ignored) {
                  said.add("ignored");
                }
              }
              return "pong by " + attempt.attempt();
            });
    AsyncCall<String> call = Services.callAsync(client, context, "x");
    assertThat(next()).isEqualTo("started 1");
    time.advance(ofMillis(50));
    assertThat(next()).isEqualTo("started 2");
    assertThat(next()).isEqualTo("ignored");
    threads.getLast().join();
    awaitScopes(1);

    time.advance(ofMillis(20));

    assertThat(call.join()).isEqualTo("pong by 2");
    assertThat(events).containsExactly("hedging by 2 after 50", "2 of 2", "left behind 1");
    stubborn.countDown();
  }

  @Test
  void whenEverythingIsSlowTheLoadGrowsByATenthAndOneASecond() throws Exception {
    AtomicInteger sent = new AtomicInteger();
    Semaphore denied = new Semaphore(0);
    HedgeListener releasing =
        new HedgeListener() {
          @Override
          public void notHedged(CallContext context, Reason reason) {
            denied.release();
          }
        };
    Service<CallContext, String, String> slow =
        HedgeLayer.<CallContext, String, String>of(config.withListener(releasing))
            .wrap((attempt, request) -> {
              sent.incrementAndGet();
              if (attempt.attempt() == 1) {
                time.advance(ofMillis(50)); // it is time for a backup
                denied.acquire(); // or, without one, for an answer
              }
              return request;
            });
    int calls = 1_000;
    for (int i = 0; i < calls; i++) {
      slow.call(CallContext.standalone("x").idempotent(true), "x");
    }

    assertThat(sent.get() - calls).isBetween(calls / 10 + 40, calls / 10 + 50 + 2);
  }

  @Test
  void callsThatPassTwoLayersPayIntoTheirBudgetOnce() throws Exception {
    RetryBudget budget = emptied(RetryBudget.of(0.1, 0, time));
    release(1).countDown();
    Service<CallContext, String, String> both =
        ServiceBuilder.<CallContext, String, String>create()
            .layer(RetryLayer.of(RetryConfig.create().withBudget(budget).withTime(time)))
            .layer(HedgeLayer.of(config.withBudget(budget.joint())))
            .service(this::answer);
    for (int i = 0; i < 20; i++) {
      both.call(context, "pong");
    }

    assertThat(budget.joint().tryWithdraw()).isTrue();
    assertThat(budget.tryWithdraw()).isTrue();
    assertThat(budget.tryWithdraw()).isFalse();
  }

  @Test
  void learnsFromFirstAttemptsAlsoFromThoseThatLose() throws Exception {
    List<Duration> observed = new CopyOnWriteArrayList<>();
    HedgeDelay learning =
        new HedgeDelay() {
          @Override
          public Duration next() {
            return ofMillis(50);
          }

          @Override
          public void observed(Duration latency) {
            observed.add(latency);
          }
        };
    HedgeConfig learns =
        new HedgeConfig(
            learning,
            2,
            config.budget(),
            config.passing(),
            config.cleanup(),
            config.threads(),
            config.listener(),
            time);
    AsyncCall<String> call = call(learns);

    time.advance(ofMillis(50));
    assertThat(next()).isEqualTo("started 2");
    time.advance(ofMillis(7));
    release(2).countDown();
    call.join();

    assertThat(observed).containsExactly(ofMillis(57));
  }

  @Test
  void refusesFewerThanTwoAttempts() {
    assertThatThrownBy(() -> config.withMaxAttempts(1))
        .hasMessage("maxAttempts: 1 (expected: >= 2)");
    assertThatThrownBy(() -> config.withCleanup(ofMillis(-1)))
        .hasMessage("cleanup: PT-0.001S (expected: >= 0)");
  }

  /** Nobody is there. */
  private static final class Unavailable extends Exception implements Failure {
    private static final long serialVersionUID = 1;

    @Override
    public Kind kind() {
      return Kind.UNAVAILABLE;
    }

    @Override
    public boolean mayHaveExecuted() {
      return true;
    }
  }
}
