package io.volare.motore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.volare.motore.Time.InterruptScope;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every implementation of {@link Time} must keep about interrupt scopes. */
abstract class InterruptScopeContract {
  private static final InterruptedException SEEN = new InterruptedException("seen");

  final Time time;

  InterruptScopeContract(Time time) {
    this.time = time;
  }

  /** Lets {@code duration} pass and whatever is due by then fire. */
  abstract void pass(Duration duration) throws Exception;

  final InterruptScope openFor(long millis) {
    return time.interruptAt(Deadline.after(Duration.ofMillis(millis), time));
  }

  final void passAndFire(InterruptScope... scopes) throws Exception {
    pass(Duration.ofMillis(5));
    for (InterruptScope scope : scopes) {
      while (!scope.fired()) {
        Thread.onSpinWait();
      }
    }
    while (!Thread.currentThread().isInterrupted()) {
      Thread.onSpinWait();
    }
  }

  @AfterEach
  void nothingIsLeftBehind() {
    assertThat(Thread.interrupted()).as("interrupt left behind").isFalse();
    awaitNoFiredThreads();
  }

  /** An async call closes its scope behind its last finally block, on its own thread. */
  private static void awaitNoFiredThreads() {
    long start = System.nanoTime();
    while (ThreadScope.firedThreads() > 0 && System.nanoTime() - start < 5_000_000_000L) {
      Thread.onSpinWait();
    }
    assertThat(ThreadScope.firedThreads()).isZero();
  }

  @Test
  void interruptsOnceTheDeadlinePasses() throws Exception {
    try (InterruptScope scope = openFor(5)) {
      passAndFire(scope);

      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void clearsAnInterruptThatArrivedUnseen() throws Exception {
    InterruptScope scope = openFor(5);
    passAndFire(scope);

    scope.close();

    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    assertThat(scope.fired()).isTrue();
  }

  @Test
  void staysSilentAfterItIsClosed() throws Exception {
    InterruptScope scope = openFor(200);
    scope.close();

    pass(Duration.ofMillis(300));

    assertThat(scope.fired()).isFalse();
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
    scope.interrupt();
    assertThat(Thread.currentThread().isInterrupted()).isFalse();
  }

  @Test
  void firesForADeadlineThatHasPassedBefore() throws Exception {
    try (InterruptScope scope = openFor(0)) {
      passAndFire(scope);

      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void firesByHandFromAnotherThreadWhereThereIsNoDeadline() throws Exception {
    try (InterruptScope scope = time.interruptAt(Deadline.NONE)) {
      Thread.ofPlatform().start(scope::interrupt);

      passAndFire(scope);
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void knowsItsOwnInterrupt() throws Exception {
    try (InterruptScope scope = openFor(5)) {
      passAndFire(scope);

      assertThatThrownBy(() -> new java.util.concurrent.Semaphore(0).acquire())
          .isInstanceOfSatisfying(
              InterruptedException.class, seen -> assertThat(scope.isCauseOf(seen)).isTrue());
    }
  }

  @Test
  void claimsNoFailureThatIsNotACancellation() throws Exception {
    try (InterruptScope scope = openFor(5)) {
      passAndFire(scope);

      assertThat(scope.isCauseOf(new IllegalStateException("of its own"))).isFalse();
    }
  }

  @Test
  void theOuterScopeIsTheCauseWhereBothHaveFired() throws Exception {
    try (InterruptScope outer = openFor(5)) {
      try (InterruptScope inner = openFor(5)) {
        passAndFire(outer, inner);

        assertThat(inner.isCauseOf(SEEN)).isFalse();
      }
      assertThat(Thread.currentThread().isInterrupted()).as("the outer's stays").isTrue();
      Thread.interrupted();
      assertThat(outer.isCauseOf(SEEN)).isTrue();
    }
  }

  @Test
  void anInnerScopeThatFiredAloneLeavesTheOuterUntouched() throws Exception {
    try (InterruptScope outer = openFor(100_000)) {
      try (InterruptScope inner = openFor(5)) {
        passAndFire(inner);
      }
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
      assertThat(outer.fired()).isFalse();
    }
  }

  @Test
  void anInterruptFromElsewhereThatCameFirstIsNotClaimedAndStays() throws Exception {
    Thread.currentThread().interrupt();
    try (InterruptScope scope = openFor(5)) {
      passAndFire(scope);

      assertThat(scope.isCauseOf(SEEN)).isFalse();
    }
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void anInterruptFromElsewhereAfterItsOwnWasSeenStays() throws Exception {
    try (InterruptScope scope = openFor(5)) {
      passAndFire(scope);
      Thread.interrupted();
      assertThat(scope.isCauseOf(SEEN)).isTrue();
      Thread.currentThread().interrupt();
    }
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void aCancelledOuterScopeSurvivesAnInnerOneThatFiresAtTheSameMoment() throws Exception {
    try (InterruptScope call = time.interruptAt(Deadline.NONE)) {
      try (InterruptScope limit = openFor(5)) {
        passAndFire(limit);
        call.interrupt();
      }
      assertThat(Thread.interrupted()).isTrue();
      assertThat(call.isCauseOf(SEEN)).isTrue();
    }
  }
}
