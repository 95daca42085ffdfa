package io.volare.motore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.motore.testing.ManualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CallContextTest {
  private static final Attribute<String> TRIED = Attribute.perCall("tried");
  private static final Attribute<String> CHOSEN = Attribute.perAttempt("chosen");

  private final StandaloneContext call = CallContext.standalone("echo").idempotent(true);

  @Test
  void aForkIsOneMoreAttemptOfTheSameCall() {
    Deadline deadline = Deadline.after(Duration.ofSeconds(1), ManualTime.create());
    call.deadline(deadline);

    StandaloneContext second = CallContext.forkOf(call, 2);

    assertThat(second.attempt()).isEqualTo(2);
    assertThat(second.target()).isEqualTo("echo");
    assertThat(second.idempotent()).isTrue();
    assertThat(second.deadline()).isSameAs(deadline);
    second.deadline(Deadline.NONE);
    assertThat(call.deadline()).as("a fork's deadline is its own").isSameAs(deadline);
  }

  @Test
  void everyAttemptSeesAPerCallAttribute() {
    CallContext first = CallContext.forkOf(call, 1);
    CallContext second = CallContext.forkOf(call, 2);

    first.set(TRIED, "a");

    assertThat(second.get(TRIED)).isEqualTo("a");
    assertThat(call.get(TRIED)).isEqualTo("a");
    call.set(TRIED, null);
    assertThat(first.get(TRIED)).isNull();
  }

  @Test
  void aPerAttemptAttributeStaysUntilTheWinnerComesHome() {
    CallContext first = CallContext.forkOf(call, 1);
    CallContext second = CallContext.forkOf(call, 2);

    first.set(CHOSEN, "a");
    second.set(CHOSEN, "b");
    assertThat(call.get(CHOSEN)).isNull();

    call.adopt(second);

    assertThat(call.get(CHOSEN)).isEqualTo("b");
    second.set(CHOSEN, "c");
    assertThat(call.get(CHOSEN)).as("adopted by value").isEqualTo("b");
  }

  @Test
  void theFirstAttemptOfAFunctionNeedsNoForkUnlessSomethingIsThereAlready() {
    CallContext first = CallContext.firstAttemptOf(call);
    first.set(CHOSEN, "a");

    assertThat(first).isSameAs(call);
    assertThat(CallContext.forkOf(call, 2).get(CHOSEN)).isNull();
    assertThat(CallContext.firstAttemptOf(call).get(CHOSEN)).as("of a layer inside").isNull();
    StandaloneContext second = CallContext.standalone("echo").fork(2);
    assertThat(CallContext.firstAttemptOf(second).attempt()).isEqualTo(1);
  }

  @Test
  void keepsManyAttributesApart() {
    List<Attribute<Integer>> keys = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      keys.add(i % 2 == 0 ? Attribute.perCall("same") : Attribute.perAttempt("same"));
      call.set(keys.get(i), i);
    }
    call.set(keys.get(3), 33);

    assertThat(keys.stream().map(call::get))
        .startsWith(0, 1, 2, 33)
        .endsWith(19)
        .doesNotHaveDuplicates();
  }

  @Test
  void endHooksRunOnceInReverseOrder() {
    List<String> ended = new ArrayList<>();
    IOException failure = new IOException("lost");
    call.onEnd(thrown -> ended.add("a " + thrown.getMessage()));
    CallContext.forkOf(call, 2).onEnd(thrown -> ended.add("b " + thrown.getMessage()));

    call.end(failure);
    call.end(null);

    assertThat(ended).containsExactly("b lost", "a lost");
  }

  @Test
  void aHookThatComesAfterTheEndRunsAtOnce() {
    List<String> ended = new ArrayList<>();
    StandaloneContext failed = CallContext.standalone("echo");
    call.end(null);
    failed.end(new IOException("lost"));

    call.onEnd(failure -> ended.add("well " + failure));
    failed.onEnd(failure -> ended.add(failure.getMessage()));

    assertThat(ended).containsExactly("well null", "lost");
  }

  @Test
  void aHookThatThrowsStopsNoOtherAndChangesNoOutcome() throws Exception {
    List<String> ended = new ArrayList<>();
    List<Throwable> defects = new ArrayList<>();
    IllegalStateException early = new IllegalStateException("early");
    AssertionError late = new AssertionError("late");
    call.onEnd(failure -> ended.add("first"));
    call.onEnd(failure -> {
      throw early;
    });
    call.onEnd(failure -> ended.add("last"));
    Thread ending =
        Thread.ofVirtual()
            .uncaughtExceptionHandler((thread, defect) -> defects.add(defect))
            .start(() -> {
              call.end(null);
              call.onEnd(failure -> {
                throw late;
              });
              ended.add("went on");
            });

    ending.join();

    assertThat(ended).containsExactly("last", "first", "went on");
    assertThat(defects).containsExactly(early, late);
  }

  @Test
  void everyHookRunsExactlyOnceHoweverManyThreadsEndAndAdd() throws Exception {
    for (int round = 0; round < 300; round++) {
      StandaloneContext racing = CallContext.standalone("echo");
      racing.onEnd(failure -> {});
      AtomicInteger ran = new AtomicInteger();
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        CallContext attempt = CallContext.forkOf(racing, i + 1);
        boolean ends = i % 3 == 0;
        threads.add(
            Thread.ofVirtual()
                .start(() -> {
                  attempt.onEnd(failure -> ran.incrementAndGet());
                  if (ends) {
                    racing.end(null);
                  }
                }));
      }
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(ran).hasValue(6);
    }
  }

  @Test
  void attemptsCountFromOne() {
    assertThat(call.attempt()).isEqualTo(1);
    assertThatThrownBy(() -> call.fork(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("attempt: 0 (expected: >= 1)");
  }

  @Test
  void anExceptionThatSaysNothingIsInternalAndMayHaveRun() {
    assertThat(Failure.kindOf(new IOException())).isEqualTo(Failure.Kind.INTERNAL);
    assertThat(Failure.mayHaveExecuted(new IOException())).isTrue();
    assertThat(Failure.kindOf(new InterruptedException())).isEqualTo(Failure.Kind.CANCELLED);
    assertThat(Failure.kindOf(new java.nio.channels.ClosedByInterruptException()))
        .isEqualTo(Failure.Kind.CANCELLED);
  }
}
